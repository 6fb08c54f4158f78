"""The settings of a platform stack: what `elastic-spark:platform` may hold, with its meaning, units and defaults."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from infra.settings.door import Door
from infra.settings.fields import (
    AccountId,
    AddOnVersion,
    AmiRelease,
    Amount,
    Cidr,
    Cpu,
    Days,
    DelayAfterScaleOut,
    DeployedTenants,
    Generation,
    Image,
    InstanceTypes,
    KubeconfigPath,
    KubernetesGroup,
    KubernetesVersion,
    Label,
    MavenGroup,
    Memory,
    Mirror,
    Model,
    Nodes,
    NodesOrNone,
    PlatformName,
    PrincipalArn,
    SecurityGroupId,
    SparkKey,
    TagKey,
    TagValue,
    TenantName,
    Unique,
    UnneededTime,
)
from infra.settings.identity import Identity
from infra.settings.listed_tenants import ListedTenant, State
from infra.settings.network import Network
from infra.settings.observability import AwsMonitoring, ExistingMonitoring
from infra.settings.shared import SharedAccess, SharedPrincipal
from sizing.autoscaling_tags import DELAY_AFTER_SCALE_OUT, UNNEEDED_TIME

PODS_PER_NODE = 110
"""Of a node of an existing cluster: Kubernetes' own limit, which clusters have unless somebody changed it."""
AddOnName = Literal[
    "aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"
]
LogRetention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


class PrivateAccess(Model):
    """Who reaches the API endpoint inside the VPC, on port 443, beside the nodes: whoever deploys, on call, runners."""

    cidrs: Annotated[tuple[Cidr, ...], Field(max_length=40), Unique] = ()
    """Networks: the VPC's own or a part of it, peered ones, those behind a VPN."""
    security_groups: Annotated[tuple[SecurityGroupId, ...], Field(max_length=15), Unique] = ()
    """Of the VPC, or of one that is peered in the same region; each must exist already."""


class Cluster(Model):
    """The EKS cluster."""

    version: KubernetesVersion
    """Kubernetes; at least "1.36"."""
    service_cidr: Cidr = IPv4Network("172.20.0.0/16")
    """Addresses of Kubernetes services; must not overlap the VPC."""
    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(max_length=40), Unique] = ()
    """Who may reach the API endpoint from the internet. Empty: the endpoint is private only."""
    private_access: PrivateAccess = PrivateAccess()
    """Who may reach it inside the VPC; needed where it is private only."""
    deletion_protection: bool = True
    """EKS refuses to delete the cluster while this is on."""
    log_retention_days: LogRetention = 90
    """How long the control plane's logs are kept, in days; one of the values CloudWatch takes."""
    add_ons: dict[AddOnName, AddOnVersion] = Field(default_factory=dict)
    """Versions of EKS add-ons in place of the pinned ones."""
    ami_release: AmiRelease | None = None
    """Release of the EKS-optimized AL2023 AMI that new nodes get in place of the pinned one."""
    volume_key: bool = False
    """Encrypt nodes' disks and claims' volumes by a KMS key of the platform's; Auto Scaling's own role must be there
    first. Off: by the account's default for EBS; docs/guides/first-deployment.md says when that won't do."""
    session_manager: bool = False
    """Let people with rights to AWS Session Manager open a shell on nodes."""


class Deployer(Model):
    """Somebody, or a pipeline, who runs `pulumi up`."""

    principal_arn: PrincipalArn
    """An IAM role or user; of a role its own ARN, not a session's."""
    stacks: Literal["platform", "tenants"]
    """`platform`: full rights on the cluster. `tenants`: what tenant stacks register and no more."""
    tenants: DeployedTenants | None = None
    """With `stacks: tenants`, the tenants whose stacks they deploy: a list of names, or `all`."""


class Person(Model):
    """Somebody, or a group, who looks after the platform without deploying it: a principal, a group of the issuer that
    `identity` names, or both."""

    principal_arn: PrincipalArn | None = None
    """An IAM role or user."""
    group: KubernetesGroup | None = None
    """A group as the issuer names it; it may only look."""
    access: Literal["admin", "viewer"]


class Access(Model):
    """Who may do what in the cluster, by names of your choice."""

    deployers: Annotated[dict[Label, Deployer], Field(min_length=1)]
    creator: str | None = None
    """The deployer who runs the first `up`, whose access entry EKS makes by itself; needed where several deploy the
    platform."""
    people: dict[Label, Person] = Field(default_factory=dict)
    shared: dict[Label, SharedPrincipal] = Field(default_factory=dict)
    """Principals that serve several queues, of one tenant or of several; each of these tenants also accepts them."""


class SystemPoolSettings(Model):
    """The static nodes on which everything runs that the platform installs."""

    instance_types: InstanceTypes
    """In order of preference; alike in vCPU, memory and architecture."""
    nodes_per_zone: Nodes
    """Minimum and maximum at once."""
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    pods_per_node: Annotated[int, Field(ge=30, le=250)] = 110
    generation: Generation = "a"
    """Change it, and name the old one under `retiring`, to move the pool to new nodes; docs/decisions/0004 says how."""
    retiring: Annotated[tuple[Generation, ...], Field(max_length=5)] = ()
    """Earlier generations, whose nodes finish what they run and take nothing new."""


class NodesPerZone(Model):
    """The size of a group of nodes; every zone has a group of its own."""

    min: NodesOrNone = 0
    max: Nodes


class DriverHeadroom(Model):
    """Room that always stands ready, so that a driver starts without waiting for a node."""

    drivers: Amount
    """How many drivers fit into it."""
    cpu: Cpu
    """CPU of one such driver."""
    memory: Memory
    """Memory of one such driver, overhead included."""


class DriverPoolSettings(Model):
    """The nodes that all queues' drivers share. They are scaled out only."""

    instance_types: InstanceTypes
    """In order of preference; alike in vCPU, memory and architecture."""
    nodes_per_zone: NodesPerZone
    headroom: DriverHeadroom
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    pods_per_node: Annotated[int, Field(ge=8, le=250)] = 48
    generation: Generation = "a"
    """As for the system pool."""
    retiring: Annotated[tuple[Generation, ...], Field(max_length=5)] = ()


class Pools(Model):
    """The pools that belong to the platform; executor pools belong to tenants."""

    system: SystemPoolSettings
    driver: DriverPoolSettings


class Executors(Model):
    """What the executor pools of all tenants together may take of one zone; the zone's subnet must hold it."""

    nodes_per_zone: Annotated[int, Field(ge=1, le=5000)]
    pods_per_node: Annotated[int, Field(ge=8, le=250)] = 32
    """The maximum of pods on one executor node, DaemonSets included; becomes the kubelet's maxPods."""


class Autoscaler(Model):
    """How long empty executor nodes stay; docs/costs.md says what is gained and lost by it."""

    unneeded_time: UnneededTime = UNNEEDED_TIME
    """How long a node stays empty before it goes, in pools that have no time of their own."""
    delay_after_scale_out: DelayAfterScaleOut = DELAY_AFTER_SCALE_OUT
    """How long after a scale-out of its group no node counts as empty: a node that came with a burst stays for this
    and the unneeded time."""


class SparkOperator(Model):
    """How many jobs can be submitted at the same time, and what is kept of them."""

    workers: Annotated[int, Field(ge=1, le=100)] = 10
    """Submissions at once; each is a JVM of some seconds. The operator's CPU and memory follow from it."""
    applications_kept_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long an application that ended stays in the cluster, if it doesn't say; its logs and history stay longer."""


class Spark(Model):
    """What jobs may run, and with which of Spark's settings."""

    images: Annotated[tuple[Image, ...], Field(min_length=1), Unique] = ("docker.io/apache/spark",)
    """Images that jobs may run: registries, folders in them or images, each with all that is below it."""
    packages: Annotated[tuple[MavenGroup, ...], Unique] = (
        "io.delta",
        "org.apache.hadoop",
        "org.apache.iceberg",
        "org.apache.spark",
    )
    """Maven groups, or single artifacts, that jobs may ask for. The Spark operator loads them in its own pod, so each
    must be trusted like it."""
    conf_keys: Annotated[tuple[SparkKey, ...], Unique] = ()
    """Settings of Spark that jobs may bring beside the usual ones; with a dot at the end, all that start so."""


class Storage(Model):
    """How long the platform's buckets keep things, in days."""

    event_log_days: Days = 90
    artifact_version_days: Days = 30
    """How long a replaced or deleted artifact can still be restored."""
    log_days: Days = 365


class Logs(Model):
    """What becomes of the logs of pods and of Kubernetes' events. In S3 they stay for `storage.logDays`."""

    enabled: bool = True
    """Take them to CloudWatch and S3, by Fluent Bit on every node."""
    cloud_watch_days: LogRetention = 30
    """How long CloudWatch keeps them, in days; one of the values it takes."""
    executors_in_cloud_watch: bool = True
    """Executors' logs too. They are most of what is charged by the GB; in S3 they are in any case."""


class Charts(Model):
    """Where Helm charts come from."""

    mirror: Mirror | None = None
    """An OCI registry (`oci://...`) or a folder that holds every chart; absent: each chart's official repository."""


class AwsPlatform(Model):
    """A platform on EKS: the cluster and everything shared on it."""

    name: PlatformName
    """Name of the cluster, and first part of the name of everything that belongs to it."""
    environment: Literal["development", "production"]
    """In production, what holds data or identity is protected from deletion."""
    allowed_account_ids: Annotated[tuple[AccountId, ...], Field(min_length=1), Unique]
    """The only AWS accounts this stack may touch."""
    account_id: AccountId | None = None
    """The account that this stack's ARNs are made of; needed only where `allowedAccountIds` lists several."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=25)] = Field(default_factory=dict)
    """Cost-allocation tags of everything that can be tagged."""
    network: Network
    cluster: Cluster
    access: Access
    identity: Identity | None = None
    """The company's login: an OpenID Connect issuer whose groups may be people of platform and tenants. Off without."""
    door: Door | None = None
    """The one entrance for people and programs to pages and APIs, by that login. Off without."""
    pools: Pools
    executors: Executors
    autoscaler: Autoscaler = Autoscaler()
    tenants: dict[TenantName, ListedTenant] = Field(default_factory=dict)
    """The tenants that the platform lets in, and the data that each may name."""
    state: State | None = None
    """Pulumi's bucket: no tenant's data is in it, and `fleet access` says what each deployer needs of it."""
    owner_boundary: bool = False
    """The platform's own roles carry the boundary `<name>-platform`, which the account's owner has made of what `fleet
    access` prints. Without it whoever deploys the platform could write itself a role that may do anything."""
    spark: Spark = Spark()
    spark_operator: SparkOperator = SparkOperator()
    storage: Storage = Storage()
    monitoring: AwsMonitoring = AwsMonitoring()
    logs: Logs = Logs()
    charts: Charts = Charts()

    @property
    def max_nodes(self) -> int:
        """Nodes of all pools in all zones at their maximum."""
        per_zone = (
            self.pools.system.nodes_per_zone + self.pools.driver.nodes_per_zone.max + self.executors.nodes_per_zone
        )
        return per_zone * len(self.network.zones)

    @property
    def cluster_cidrs(self) -> tuple[str, ...]:
        """Where nodes, pods, services and the API's private addresses are, sorted."""
        nodes = (zone.private for zone in self.network.zones.values())
        return tuple(sorted(map(str, (self.cluster.service_cidr, *nodes))))

    @property
    def flow_logs(self) -> bool:
        """Whether the platform's own VPC records its traffic."""
        return self.network.vpc is not None and self.network.vpc.flow_logs


class ExistingCluster(Model):
    """How to reach a cluster that is there already."""

    context: Annotated[str, Field(min_length=1)]
    """The kubeconfig context to use; named, so that a changed current context can't redirect a deployment."""
    kubeconfig: KubeconfigPath | None = None
    """Path of the kubeconfig; absent: what `KUBECONFIG` or the home directory has."""


class ExistingClusterSettings(Model):
    """A cluster of somebody else's making."""

    existing: ExistingCluster
    version: KubernetesVersion = "1.36"
    cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1, max_length=40), Unique] = (
        IPv4Network("10.96.0.0/12"),
        IPv4Network("10.244.0.0/16"),
    )
    """Addresses of its nodes, pods and services, which no queue may name under `reach`; if not given, kubeadm's and
    kind's of services and pods."""


class LabelledNodes(Model):
    """Nodes that are there already and carry the pool's label; the sizes are what one of them offers to pods."""

    nodes: Nodes
    cpu: Cpu
    memory: Memory


class ExistingPools(Model):
    """The pools of an existing cluster, which are only labels on its nodes."""

    system: LabelledNodes
    driver: LabelledNodes


class ExistingPlatform(Model):
    """The Kubernetes part alone, on any cluster, such as kind; no AWS."""

    name: PlatformName
    environment: Literal["development", "production"] = "development"
    cluster: ExistingClusterSettings
    pools: ExistingPools
    access: SharedAccess = SharedAccess()
    spark: Spark = Spark()
    spark_operator: SparkOperator = SparkOperator(workers=2)
    monitoring: ExistingMonitoring = ExistingMonitoring()
    charts: Charts = Charts()

    @property
    def max_nodes(self) -> int:
        """Nodes that the pools have."""
        return self.pools.system.nodes + self.pools.driver.nodes

    @property
    def cluster_cidrs(self) -> tuple[str, ...]:
        """Where nodes, pods and services are, sorted."""
        return tuple(sorted(map(str, self.cluster.cidrs)))

    @property
    def replicas(self) -> int:
        """Of the platform's software, where it can have several: two, on different nodes."""
        return min(2, self.pools.system.nodes)
