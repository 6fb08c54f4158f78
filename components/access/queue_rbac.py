"""The ClusterRoles that tenants' stacks bind in their namespaces and nowhere else; they make none of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from sizing import names

Purpose = Literal["submitter", "viewer", "owner"]
"""What somebody may do in a queue, as in `infra.settings.tenant.Person.purpose`."""

DRIVER_ROLE: Final = "elastic-spark:driver"
OPERATOR_ROLE: Final = "elastic-spark:operator"
"""Of the Spark operator's controller; what else it may do is in `components.software.operator_rights`."""
PURPOSE_ROLES: Final[Mapping[Purpose, str]] = {
    "owner": "elastic-spark:owner",
    "submitter": "elastic-spark:submitter",
    "viewer": "elastic-spark:viewer",
}
BINDABLE_ROLES: Final = tuple(sorted((DRIVER_ROLE, OPERATOR_ROLE, *PURPOSE_ROLES.values())))
"""What deployers of tenant stacks may bind, see `components.access.tenant_deployers`."""


class RbacRule(NamedTuple):
    """What may be done with some resources of one API group, of which the core group's name is empty.

    Without `names` it is about all of these resources.
    """

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()


READ: Final = ("get", "list", "watch")
APPLICATIONS: Final = ("scheduledsparkapplications", "sparkapplications", "sparkconnects")

_LOOK: Final = (
    RbacRule("", ("events", "pods"), READ),
    RbacRule("", ("configmaps",), ("get",), (names.QUEUE_CARD,)),
    # To forward a port to the history server, whose pod has a name that is known. kubectl asks by GET or by POST.
    RbacRule("", ("services",), ("get",), (names.HISTORY_SERVER,)),
    RbacRule("", ("pods/portforward",), ("create", "get"), (names.HISTORY_POD,)),
    RbacRule("events.k8s.io", ("events",), READ),
    RbacRule(names.OPERATOR_GROUP, APPLICATIONS, READ),
    # The same object, by the address at which Airflow's own operator looks at it:
    # apache-airflow-providers-cncf-kubernetes 10.25.0, operators/custom_object_launcher.py (spark_job_not_running).
    RbacRule(names.OPERATOR_GROUP, ("sparkapplications/status",), ("get",)),
)
_RUN: Final = (
    *_LOOK,
    RbacRule("", ("pods/log",), ("get",)),
    # The pages of a running driver show data, as its log does. Names of drivers are any, and rights know no labels.
    RbacRule("", ("pods/portforward",), ("create", "get")),
    RbacRule(names.OPERATOR_GROUP, APPLICATIONS, ("create", "delete", "patch", "update")),
)
RULES: Final[Mapping[str, tuple[RbacRule, ...]]] = {
    # What Spark 4.0 does as a driver: apache/spark, resource-managers/kubernetes/core/src/main/scala/org/apache/spark/
    # scheduler/cluster/k8s. It deletes by label, which is `deletecollection`. And what spark-submit does in a pod of
    # the queue (deploy/k8s/submit): it applies a driver's configuration, service and claims server-side: `patch`.
    # Admission keeps services within the cluster.
    DRIVER_ROLE: (
        RbacRule("", ("pods",), ("create", "delete", "deletecollection", *READ, "patch")),
        RbacRule("", ("configmaps", "services"), ("create", "delete", "deletecollection", "get", "list", "patch")),
        RbacRule("", ("persistentvolumeclaims",), ("create", "delete", "deletecollection", "get", "list", "patch")),
    ),
    # kubeflow/spark-operator v2.5.2, internal/controller/**, and the spark-submit that it runs. No secrets, no
    # ingresses, nothing of other schedulers; what it reads it has from its caches.
    OPERATOR_ROLE: (
        # A driver is made by spark-submit, a Spark Connect server by the operator, which also keeps its labels.
        RbacRule("", ("pods",), ("create", "delete", "update")),
        RbacRule("", ("configmaps",), ("create", "patch", "update")),
        RbacRule("", ("services",), ("create", "delete", "patch", "update")),
        # Of a driver that has its disk by a claim of its own; admission says what claims may be.
        RbacRule("", ("persistentvolumeclaims",), ("create", "patch")),
        RbacRule("", ("events",), ("create", "patch")),
        # What a schedule starts, and what has been finished for long enough.
        RbacRule(names.OPERATOR_GROUP, ("sparkapplications",), ("create", "delete")),
        RbacRule(names.OPERATOR_GROUP, tuple(f"{kind}/status" for kind in APPLICATIONS), ("update",)),
        # Some clusters ask for it of whoever makes something that belongs to an application.
        RbacRule(names.OPERATOR_GROUP, tuple(f"{kind}/finalizers" for kind in APPLICATIONS), ("update",)),
    ),
    # Without logs, which show data.
    PURPOSE_ROLES["viewer"]: _LOOK,
    PURPOSE_ROLES["submitter"]: _RUN,
    PURPOSE_ROLES["owner"]: (
        *_RUN,
        # To remove what hangs.
        RbacRule("", ("pods",), ("delete",)),
        # To see what the queue is, how far it reaches and who may do what in it.
        RbacRule("", ("limitranges", "persistentvolumeclaims", "serviceaccounts", "services"), READ),
        RbacRule("", ("namespaces",), ("get",)),
        RbacRule("batch", ("jobs",), READ),
        RbacRule("cilium.io", ("ciliumnetworkpolicies",), READ),
        RbacRule("networking.k8s.io", ("networkpolicies",), READ),
        RbacRule("rbac.authorization.k8s.io", ("rolebindings",), READ),
    ),
}
"""The rules of each role. None reads secrets, enters containers, writes roles or places pods past the scheduler.

Nobody but drivers makes pods, and yet whoever may create an application runs what they like in its namespace, as any of
its service accounts: a queue is one trust domain, and its namespace holds no secrets but its own.
"""


@dataclass(frozen=True, kw_only=True)
class TenantRolesArgs:
    """The roles are the same on every platform."""


class TenantRoles(Component):
    """The ClusterRoles of `RULES`. By themselves they give nobody anything."""

    module = "tenant_roles"

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, TenantRolesArgs(), opts)
        for role in sorted(RULES):
            k8s.rbac.v1.ClusterRole(
                f"{name}-{role.partition(':')[2]}",
                metadata={"name": role},
                rules=policy_rules(RULES[role]),
                opts=self.child(),
            )
        self.register_outputs({})


def policy_rules(rules: Sequence[RbacRule]) -> list[k8s.rbac.v1.PolicyRuleArgsDict]:
    """Rules as Kubernetes takes them."""
    return [
        {
            "api_groups": [rule.group],
            "resources": list(rule.resources),
            "verbs": list(rule.verbs),
            "resource_names": list(rule.names) or None,
        }
        for rule in rules
    ]
