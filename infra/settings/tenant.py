"""All settings of a tenant stack: what `elastic-spark:tenant` may hold, with its meaning, units and defaults."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from infra.settings.catalogs import Catalog, CatalogName
from infra.settings.fields import (
    AccountId,
    Amount,
    BucketName,
    Cpu,
    Generation,
    Image,
    InstanceTypes,
    KeyArn,
    KubernetesGroup,
    Label,
    Memory,
    Model,
    NodesOrNone,
    ObjectPrefix,
    PoolName,
    PrincipalArn,
    QueueName,
    StackName,
    TagKey,
    TagValue,
    TenantName,
    TimeOfDay,
    TimeZone,
    Unique,
    UnneededTime,
    ZoneName,
)
from infra.settings.observability import TenantAlerts
from infra.settings.reach import Places
from infra.settings.secrets import Secrets
from infra.settings.shared import Accepted, Purpose
from sizing.sharing import Order

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MAXIMUM_NODES = 2000
"""Of one pool. A typing mistake must not order more; the control plane and YuniKorn have been seen with as many."""
NodeCount = Annotated[int, Field(ge=1, le=MAXIMUM_NODES)]


class Drivers(Model):
    """What the queue's drivers may take of the driver pool that all queues share."""

    at_once: Annotated[int, Field(ge=1, le=1000)]
    """Drivers, and so applications, that run at the same time; more wait."""
    cpu: Cpu
    """CPU of one driver, at most."""
    memory: Memory
    """Memory of one driver, overhead included, at most."""


class Schedule(Model):
    """Hours at which a pool's minimum is higher."""

    days: Annotated[tuple[Day, ...], Field(min_length=1), Unique]
    """Days on which the hours start."""
    start: TimeOfDay
    end: TimeOfDay
    """On the next day where it is not after the start."""
    time_zone: TimeZone
    zones: Annotated[dict[ZoneName, NodesOrNone], Field(min_length=1)]
    """The minimum of each zone in these hours; a zone not named keeps its own."""


class PoolSettings(Model):
    """Nodes of one kind for one queue."""

    instance_types: InstanceTypes
    """In order of preference; alike in vCPU, memory and architecture."""
    zones: Annotated[dict[ZoneName, NodesOrNone], Field(min_length=1, max_length=3)]
    """The zones the pool may use, and how many nodes each has at any time; one zone keeps shuffle cheap."""
    max_nodes: NodeCount
    """Nodes at most, over all zones; any zone's group may grow to it, and the autoscaler holds the sum."""
    capacity: Literal["on-demand", "spot"] = "on-demand"
    fallback: bool = True
    """For Spot: take on-demand nodes while AWS has no Spot capacity."""
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    """Root volume; shuffle data goes there on types without local disks."""
    schedules: dict[Label, Schedule] = Field(default_factory=dict)
    unneeded_time: UnneededTime | None = None
    """How long a node stays empty before it goes; absent: as the platform says, in `autoscaler.unneededTime`."""
    generation: Generation = "a"
    retiring: Annotated[tuple[Generation, ...], Field(max_length=5)] = ()


class ExistingPoolSettings(Model):
    """Nodes of an existing cluster that carry the pool's label; the sizes are what one of them offers to pods."""

    nodes: NodeCount
    cpu: Cpu
    memory: Memory


class DataLocation(Model):
    """Objects outside the platform's own buckets that the queue's jobs use."""

    bucket: BucketName
    prefix: ObjectPrefix = ""
    """Without slashes at start and end; empty for the whole bucket."""
    access: Literal["read", "readWrite"]
    kms_key: KeyArn | None = None
    """The key that encrypts the objects, or its alias, by ARN; of any account, in the platform's region."""

    def __str__(self) -> str:
        return f"{self.access} of {self.bucket}/{self.prefix}{f' by {self.kms_key}' if self.kms_key else ''}"


class Person(Model):
    """Somebody, or a group, with a purpose in the tenant's queues: a principal, a group, or both."""

    principal_arn: PrincipalArn | None = None
    """An IAM role or user."""
    group: KubernetesGroup | None = None
    """A group as the platform's issuer (`identity`) names it; on an existing cluster as its own sign-in does."""
    purpose: Purpose | None = None
    """In all queues. `viewer`: look; `submitter`: also run and stop jobs and read their logs; `owner`: also clean up
    after them."""
    queues: Annotated[dict[QueueName, Purpose], Field(min_length=1)] | None = None
    """Of a group, in place of `purpose`: what it may do in which queue, and nothing in others."""

    def purpose_in(self, queue: str) -> Purpose | None:
        """What they may do in a queue; None: nothing."""
        return self.purpose if self.queues is None else self.queues.get(queue)


BUDGET_OUTPUT: Final = "budget"
"""What a tenant's stack exports it as."""


class Budget(Model):
    """What the tenant may cost; previews compare."""

    monthly_usd: Amount
    """USD by list prices, every queue at its maximum all month long (730 hours); its share of the platform excluded."""


class History(Model):
    """The queue's history server, which shows what finished applications did. It takes room of the driver pool."""

    enabled: bool = True
    applications_a_week: Annotated[int, Field(ge=1, le=100_000)] = 200
    """That leave an event log. The server's memory follows from it, and how often it looks for new logs."""
    refresh_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    """From one look for new logs to the next; absent: as often as costs 0.05 USD an hour in requests to S3."""
    image: Image | None = None
    """An image of Spark that can reach S3; absent: the official one, which fetches what it lacks whenever it starts."""


class QueueSettings(Model):
    """A place to run jobs, with nodes of its own."""

    pools: Annotated[dict[PoolName, PoolSettings], Field(min_length=1)]
    default_pool: PoolName | None = None
    """Where executors run that name no pool; if not given, the pool whose name comes first."""
    drivers: Drivers
    order: Order = "fifo"
    """Which job gets executors first: `fifo`, that which was submitted first; `fair`, that which has least."""
    max_executors_per_job: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Executors of one job at most; absent: as many as the queue holds."""
    backfill: bool = False
    """Whether jobs may wait for all others of the queue, by the label `elastic-spark/lane: backfill`."""
    data: tuple[DataLocation, ...] = ()
    catalogs: dict[CatalogName, Catalog] = Field(default_factory=dict)
    """Where jobs find tables, by the names that they have in Spark."""
    reach: Places = Field(default_factory=dict)
    """Places outside AWS's services that jobs use, by names of your choice; HTTPS is open without."""
    secrets: Secrets = Field(default_factory=dict)
    """What drivers and executors find as files below /etc/elastic-spark/secrets, or as environment variables: ARNs of
    secrets of AWS Secrets Manager and of parameters of Systems Manager, by the names of files or variables."""
    history: History = History()


class ExistingQueueSettings(Model):
    """A place to run jobs on an existing cluster."""

    pools: Annotated[dict[PoolName, ExistingPoolSettings], Field(min_length=1)]
    default_pool: PoolName | None = None
    """Where executors run that name no pool; if not given, the pool whose name comes first."""
    drivers: Drivers
    order: Order = "fifo"
    """Which job gets executors first: `fifo`, that which was submitted first; `fair`, that which has least."""
    max_executors_per_job: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Executors of one job at most; absent: as many as the queue holds."""
    backfill: bool = False
    """Whether jobs may wait for all others of the queue, by the label `elastic-spark/lane: backfill`."""
    reach: Places = Field(default_factory=dict)
    """Places outside the cluster that jobs use, by names of your choice; HTTPS is open without."""


class AwsTenant(Model):
    """A team on a platform in AWS."""

    name: TenantName
    platform: StackName
    """The platform's stack, such as `platform-dev`."""
    allowed_account_ids: Annotated[tuple[AccountId, ...], Field(min_length=1), Unique]
    """The only AWS accounts this stack may touch."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=25)] = Field(default_factory=dict)
    """Cost-allocation tags, beside the platform's."""
    queues: Annotated[dict[QueueName, QueueSettings], Field(min_length=1)]
    people: dict[Label, Person] = Field(default_factory=dict)
    accepts: Accepted = Field(default_factory=dict)
    """Principals that the platform shares (`access.shared`), by its names for them: what each may do in which queue."""
    budget: Budget | None = None
    alerts: TenantAlerts | None = None


class ExistingTenant(Model):
    """A team on a platform on an existing cluster."""

    name: TenantName
    platform: StackName
    existing: Literal[True]
    """The platform is on an existing cluster, and pools are labels on its nodes."""
    queues: Annotated[dict[QueueName, ExistingQueueSettings], Field(min_length=1)]
    people: dict[Label, Person] = Field(default_factory=dict)
    accepts: Accepted = Field(default_factory=dict)
    """Principals that the platform shares (`access.shared`), by its names for them: what each may do in which queue."""
    alerts: TenantAlerts | None = None


def queues_of(settings: AwsTenant | ExistingTenant) -> list[tuple[str, QueueSettings | ExistingQueueSettings]]:
    """A tenant's queues by name, sorted."""
    return [(name, settings.queues[name]) for name in sorted(settings.queues)]


def pools_of(settings: AwsTenant) -> list[tuple[str, str, PoolSettings]]:
    """A tenant's pools with the names of their queue and their own, sorted."""
    return [
        (queue, pool, settings.queues[queue].pools[pool])
        for queue in sorted(settings.queues)
        for pool in sorted(settings.queues[queue].pools)
    ]


def pool_sizes(queue: QueueSettings | ExistingQueueSettings) -> list[tuple[str, PoolSettings | ExistingPoolSettings]]:
    """A queue's pools by name, sorted."""
    return [(name, queue.pools[name]) for name in sorted(queue.pools)]


def default_pool(queue: QueueSettings | ExistingQueueSettings) -> str:
    """The name of the pool of executors that name none."""
    return queue.default_pool or min(queue.pools)
