"""The contract between a platform and its tenants: what a platform stack exports, typed and versioned.

Exports drop what is None, hence the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from infra.settings.door import ListedDoor
from infra.settings.fields import Model
from infra.settings.identity import ListedIdentity
from infra.settings.listed_tenants import ListedTenant
from infra.settings.shared import ListedShared

CONTRACT_VERSION: Final = 2
"""Grows when a tenant of the previous version can't work with the new exports, or the other way round."""
CONTRACT_OUTPUT: Final = "contract"
BucketPurpose = Literal["events", "artifacts", "logs"]
"""The buckets of a platform, as their names tell them apart."""


class DaemonSetShare(Model):
    """What one DaemonSet of the platform takes of every node: millicores and bytes."""

    name: str
    cpu: int
    memory: int


class Amount(Model):
    """An amount of a node's resources: millicores, bytes and pods."""

    cpu: int
    memory: int
    pods: int


class DriverNodes(Model):
    """The driver pool, as tenants share it."""

    max_nodes: int
    """Over all zones."""
    usable: Amount
    """Of one node."""
    architecture: str | None = None
    """As in the label kubernetes.io/arch; None where it is not known."""
    encrypts_in_transit: bool = False
    """Whether the network encrypts what any two of these nodes, and of other such nodes, say to each other."""
    hourly_usd: str | None = None
    """Of one node with its root volume, by list price; None where it is not known."""


class JobRules(Model):
    """What jobs may run on a platform, as far as their people must know it."""

    images: tuple[str, ...]
    """How the names of images begin."""
    package_groups: tuple[str, ...]
    """Maven groups, or single artifacts."""
    kept_hours: int
    """How long an application that ended stays, if it doesn't say."""


class LogGroups(Model):
    """What all log groups of a platform have in common."""

    group_key_arn: str
    retention_days: int
    object_days: int | None = None
    """How long the bucket of logs keeps the same; None: an older platform, which doesn't say."""


class AwsPart(Model):
    """What a platform in AWS has beside what every platform has."""

    account_id: str
    region: str
    subnet_ids: dict[str, str]
    """The nodes' subnet of each zone."""
    security_group_ids: tuple[str, ...]
    instance_profile: str
    endpoint: str
    certificate_authority: str
    service_cidr: str
    ami_release: str
    executor_nodes_per_zone: int
    """What the executor pools of all tenants together may take of one zone."""
    executor_pods_per_node: int
    buckets: dict[BucketPurpose, str]
    data_key_alias: str
    volume_key_alias: str | None = None
    """Of the key of nodes' disks; None: the account's default encrypts them."""
    event_log_days: int = 90
    """How long the bucket of event logs keeps them."""
    logs: LogGroups | None = None
    """What queues' log groups have in common; None: the platform ships no logs."""
    endpoints: tuple[str, ...] | None = None
    """The services of AWS that the platform's VPC has interface endpoints of; None where the VPC is somebody else's."""
    tenants: dict[str, ListedTenant] = Field(default_factory=dict)
    """The tenants that the platform lets in: each has its permissions boundary, `sizing.names.boundary`."""

    @property
    def api_server(self) -> str | None:
        """The host of the cluster's API in lower case."""
        return urlsplit(self.endpoint).hostname


class ClusterAccess(Model):
    """How a deployer reaches the cluster's API; holds no credentials."""

    kubeconfig: str | None = None
    """A kubeconfig's content, or the path of one; None: what the deployer's environment has."""
    context: str | None = None
    """The context to use; None: the kubeconfig's own."""


class _Contract(Model):
    """What every platform exports."""

    version: Literal[2]
    platform: str
    """The platform's name, which is the cluster's."""
    environment: Literal["development", "production"]
    kubernetes_version: str
    tags: dict[str, str]
    cluster: ClusterAccess
    driver: DriverNodes
    daemon_sets: tuple[DaemonSetShare, ...]
    monitoring: bool = False
    """Whether the platform has Prometheus and Alertmanager, which a tenant's constants and receivers are for."""
    cluster_cidrs: tuple[str, ...] = ()
    """Addresses of the cluster's own nodes, pods and services, which no queue names as a place to reach."""
    jobs: JobRules | None = None
    """None: an older platform, which doesn't say."""
    shared: dict[str, ListedShared] = Field(default_factory=dict)
    """Principals that serve several queues, by the platform's names for them."""
    identity: ListedIdentity | None = None
    """The issuer whose groups people may be; None: the platform trusts none, or is older, or on an existing cluster,
    whose own sign-in knows groups."""
    door: ListedDoor | None = None
    """The one entrance to pages and APIs; None: the platform has none, or is older, or on an existing cluster."""


class AwsContract(_Contract):
    """Everything a tenant stack needs to know of a platform in AWS."""

    aws: AwsPart


class ExistingContract(_Contract):
    """Everything a tenant stack needs to know of a platform on a cluster that was there."""

    aws: None = None


PlatformContract = AwsContract | ExistingContract


def contract_type(exported: Mapping[str, Any]) -> type[AwsContract | ExistingContract]:
    """Which of the two an export is."""
    return ExistingContract if exported.get("aws") is None else AwsContract
