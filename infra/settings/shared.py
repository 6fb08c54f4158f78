"""Principals that serve several queues, of one tenant or of several: who they are, and what each side says of them.

EKS keeps one access entry for a principal, so the platform's stack makes it; a tenant's stack says what it accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from infra.settings.fields import KubernetesGroup, Label, Model, PrincipalArn, QueueName, QueueNamespace
from sizing import names

Purpose = Literal["submitter", "viewer", "owner"]
MAXIMUM_SHARED_QUEUES = 100
"""Of one principal. Each is a group in what the API server knows of every request of it."""
OfQueues = Annotated[dict[QueueNamespace, Purpose], Field(min_length=1, max_length=MAXIMUM_SHARED_QUEUES)]
Accepted = dict[Label, Annotated[dict[QueueName, Purpose], Field(min_length=1)]]
"""By the platform's name of a principal, what it may do in which of the tenant's queues."""


class SharedPrincipal(Model):
    """A principal, such as a company's Airflow, that serves several queues: a role of AWS, a group of the issuer that
    `identity` names, or both."""

    principal_arn: PrincipalArn | None = None
    """An IAM role or user, named nowhere else under `access` and in no tenant's `people`."""
    group: KubernetesGroup | None = None
    """A group as the issuer names it, such as that of a client with credentials of its own."""
    queues: OfQueues
    """What it is to do in which queue, by the queue's namespace; the queue's tenant says the same under `accepts`."""


class SharedGroups(Model):
    """A principal that serves several queues, whom the cluster's own sign-in puts into the groups of these."""

    queues: OfQueues
    """What it is to do in which queue, by the queue's namespace; the queue's tenant says the same under `accepts`."""


class SharedAccess(Model):
    """Who may do what in the cluster beside each tenant's people."""

    shared: dict[Label, SharedGroups] = Field(default_factory=dict)
    """Principals that serve several queues, by names of your choice."""


class ListedShared(Model):
    """What a platform tells its tenants of a principal that serves several queues."""

    principal_arn: str | None = None
    """None on an existing cluster, and of a group alone."""
    group: str | None = None
    """As the issuer names it."""
    queues: dict[str, Purpose]


def accepted_in(accepts: Mapping[str, Mapping[str, Purpose]], queue: str) -> dict[str, Purpose]:
    """What the principals that a tenant accepts may do in one of its queues, by their names, sorted."""
    return {name: queues[queue] for name, queues in sorted(accepts.items()) if queue in queues}


def shared_groups(name: str, queues: Mapping[str, Purpose]) -> list[str]:
    """The Kubernetes groups of a principal that serves several queues, sorted."""
    return sorted(names.shared_group(name, namespace, purpose) for namespace, purpose in queues.items())
