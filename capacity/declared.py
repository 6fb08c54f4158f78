"""Queues and pools as the stack files declare them: what a trace is replayed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from capacity.errors import CapacityError
from infra.settings.findings import SettingsError
from infra.settings.nodes import pool_usable
from infra.settings.platform import AwsPlatform
from infra.settings.stack_file import read_config, stack_names
from infra.settings.tenant import AwsTenant, PoolSettings, QueueSettings, default_pool
from infra.settings.tenant_sizes import executor_usable
from infra.settings.validation import StackSettings, stack_settings
from sizing import names
from sizing.durations import parse_duration
from sizing.nodes import Resources
from sizing.pricing.node_prices import NodeCapacity, node_usd
from sizing.schedules import DAYS, Hours, parse_time
from sizing.shapes import ExecutorShape, executor_shapes, usual_shape
from sizing.sharing import Sharing


@dataclass(frozen=True, kw_only=True)
class Change:
    """A pool's minimum from a time on.

    Args:
        time: when.
        minimum: nodes of all zones.
    """

    time: datetime
    minimum: int


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Hours at which a pool's minimum is higher.

    Args:
        hours: of a week.
        zone: whose clock they follow, daylight saving included.
        minimum: nodes of all zones in these hours.
    """

    hours: Hours
    zone: ZoneInfo
    minimum: int

    def spans(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From when to when it holds, as far as that meets a time."""
        day = begin.astimezone(self.zone).date() - timedelta(days=1)
        while day <= end.astimezone(self.zone).date():
            if DAYS[day.weekday()] in self.hours.days:
                until = day if self.hours.end > self.hours.start else day + timedelta(days=1)
                start, stop = self._at(day, self.hours.start), self._at(until, self.hours.end)
                if stop > begin and start < end:
                    yield start, stop
            day += timedelta(days=1)

    def _at(self, day: date, minutes: int) -> datetime:
        """A time of day of that zone. Where a change of the clock repeats it, the first; where it skips it, what it
        would be without the change: 02:30 is 03:30 then."""
        local = datetime.combine(day, datetime.min.time(), self.zone) + timedelta(minutes=minutes)
        return local.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Executor nodes of one kind, of all zones.

    Args:
        name: of the pool in its queue.
        identity: of the pool on the platform.
        minimum: nodes that are always there.
        maximum: nodes at most.
        usable: what executors can fill of one.
        unneeded: seconds that a node stays empty; `None` for the platform's.
        spot: whether AWS may take a node away.
        usd_per_hour: of a node with its disk; `None` where the price isn't known.
        schedules: hours with a higher minimum.
        zones: of AWS, by name.
        instance_types: in order of preference; nodes are reckoned as of the first.
        disk_gib: of a node's root volume.
    """

    name: str
    identity: str
    minimum: int
    maximum: int
    usable: Resources
    unneeded: int | None = None
    spot: bool = False
    usd_per_hour: float | None = None
    schedules: tuple[Schedule, ...] = ()
    zones: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    disk_gib: int = 0

    @property
    def pods(self) -> int:
        """Pods of a node at most: the kubelet's limit less those of DaemonSets; 0 where it isn't known."""
        return self.usable.pods

    def holds(self, cpu: int, memory: int) -> int:
        """How many pods of a size a node holds."""
        by_size = min(self.usable.cpu // cpu, self.usable.memory // memory)
        return min(by_size, self.pods) if self.pods else by_size

    @property
    def shape(self) -> ExecutorShape:
        """What executors get that say no size."""
        return usual_shape(executor_shapes(self.usable))

    def changes(self, begin: datetime, end: datetime) -> list[Change]:
        """How the minimum changes in a time; the first is what it begins with."""
        spans = [(*span, schedule.minimum) for schedule in self.schedules for span in schedule.spans(begin, end)]
        times = {begin} | {max(begin, time) for start, stop, _ in spans for time in (start, stop) if time < end}
        return [
            Change(time=time, minimum=max([self.minimum, *(m for start, stop, m in spans if start <= time < stop)]))
            for time in sorted(times)
        ]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue.

    Args:
        namespace: its name on the platform.
        stack: that declares it.
        name: in its tenant.
        jobs: at once.
        driver: what a driver requests at most.
        sharing: between its jobs.
        pools: by name.
        default_pool: of executors that name none.
    """

    namespace: str
    stack: str = ""
    name: str = ""
    jobs: int
    driver: Resources
    sharing: Sharing
    pools: dict[str, Pool] = field(default_factory=dict)
    default_pool: str

    def with_pools(self, change: Callable[[Pool], Pool]) -> Queue:
        """The queue with each of its pools changed."""
        return replace(self, pools={name: change(pool) for name, pool in self.pools.items()})


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A platform with the queues of its tenants.

    Args:
        stack: the platform's.
        region: of AWS.
        pods_per_node: on executor nodes, the kubelet's limit.
        drivers: the pool of driver nodes.
        headroom: drivers for which there is always room, and what one of them requests.
        unneeded: seconds that a node stays empty whose pool says nothing else.
        delay_after_scale_out: seconds after a scale-out of a pool for which none of its nodes goes.
        queues: by namespace.
    """

    stack: str
    region: str
    pods_per_node: int
    drivers: Pool
    headroom: tuple[int, Resources]
    unneeded: int
    delay_after_scale_out: int
    queues: dict[str, Queue]

    def with_queues(self, change: Callable[[Queue], Queue]) -> Platform:
        """The platform with each of its queues changed."""
        return replace(self, queues={name: change(queue) for name, queue in self.queues.items()})


def of_kind(platform: Platform, pool: Pool, instance_type: str, *, spot: bool) -> Pool:
    """A pool with nodes of another kind.

    Args:
        platform: of the pool.
        pool: any.
        instance_type: of its nodes.
        spot: whether they are Spot, or on demand.

    Raises:
        UnknownInstanceType: the data file doesn't know the type.
        ValueError: nothing is left on its nodes beside the DaemonSets.
    """
    return replace(
        pool,
        usable=pool_usable(instance_type, platform.pods_per_node, pool.disk_gib, spot=spot),
        spot=spot,
        usd_per_hour=_usd(platform.region, instance_type, "spot" if spot else "on-demand", pool.disk_gib),
        instance_types=(instance_type,),
    )


def platforms(root: Path) -> list[Platform]:
    """The platforms in AWS with their tenants, as stack files declare them.

    Args:
        root: the folder that has stacks/.

    Raises:
        CapacityError: a stack file is wrong.
    """
    found, wrong = sound_platforms(root)
    if wrong:
        raise CapacityError(f"{error}; `fleet check {stack}` says all of it" for stack, error in wrong.items())
    return found


def sound_platforms(root: Path) -> tuple[list[Platform], dict[str, SettingsError]]:
    """The same as far as stack files are right, and what is wrong with the others, by the stacks' names.

    Args:
        root: the folder that has stacks/.
    """
    stacks: list[StackSettings] = []
    wrong: dict[str, SettingsError] = {}
    for stack in stack_names(root):
        try:
            stacks.append(stack_settings(stack, read_config(root, stack)))
        except SettingsError as error:
            wrong[stack] = error
    tenants = [(stack.stack, stack.settings) for stack in stacks if isinstance(stack.settings, AwsTenant)]
    found = [
        _platform(stack.stack, stack.region, stack.settings, tenants)
        for stack in stacks
        if isinstance(stack.settings, AwsPlatform) and stack.region
    ]
    return found, wrong


def _platform(stack: str, region: str, settings: AwsPlatform, tenants: list[tuple[str, AwsTenant]]) -> Platform:
    driver, zones = settings.pools.driver, len(settings.network.zones)
    headroom = Resources(cpu=driver.headroom.cpu, memory=driver.headroom.memory)
    return Platform(
        stack=stack,
        region=region,
        pods_per_node=settings.executors.pods_per_node,
        drivers=Pool(
            name=names.DRIVER_POOL,
            identity=names.DRIVER_POOL,
            minimum=driver.nodes_per_zone.min * zones,
            maximum=driver.nodes_per_zone.max * zones,
            usable=pool_usable(driver.instance_types[0], driver.pods_per_node, driver.disk_gib),
            usd_per_hour=_usd(region, driver.instance_types[0], "on-demand", driver.disk_gib),
        ),
        headroom=(driver.headroom.drivers, headroom),
        unneeded=parse_duration(settings.autoscaler.unneeded_time),
        delay_after_scale_out=parse_duration(settings.autoscaler.delay_after_scale_out),
        queues={
            queue.namespace: queue
            for of, tenant in tenants
            if tenant.platform == stack
            for queue in _queues(of, region, settings.executors.pods_per_node, tenant)
        },
    )


def _queues(stack: str, region: str, pods_per_node: int, tenant: AwsTenant) -> Iterator[Queue]:
    for name, queue in tenant.queues.items():
        yield Queue(
            namespace=names.namespace(tenant.name, name),
            stack=stack,
            name=name,
            jobs=queue.drivers.at_once,
            driver=Resources(cpu=queue.drivers.cpu, memory=queue.drivers.memory),
            sharing=_sharing(queue),
            default_pool=default_pool(queue),
            pools={
                pool: _pool(region, pods_per_node, names.pool_identity(tenant.name, name, pool), pool, declared)
                for pool, declared in queue.pools.items()
            },
        )


def _sharing(queue: QueueSettings) -> Sharing:
    return Sharing(order=queue.order, max_executors_per_job=queue.max_executors_per_job, backfill=queue.backfill)


def _pool(region: str, pods_per_node: int, identity: str, name: str, pool: PoolSettings) -> Pool:
    return Pool(
        name=name,
        identity=identity,
        minimum=sum(pool.zones.values()),
        maximum=pool.max_nodes,
        usable=executor_usable(pool, pods_per_node),
        unneeded=parse_duration(pool.unneeded_time) if pool.unneeded_time else None,
        spot=pool.capacity == "spot",
        usd_per_hour=_usd(region, pool.instance_types[0], pool.capacity, pool.disk_gib),
        schedules=tuple(
            Schedule(
                hours=Hours(days=s.days, start=parse_time(s.start), end=parse_time(s.end)),
                zone=ZoneInfo(s.time_zone),
                minimum=sum({**pool.zones, **s.zones}.values()),
            )
            for _, s in sorted(pool.schedules.items())
        ),
        zones=tuple(sorted(pool.zones)),
        instance_types=tuple(pool.instance_types),
        disk_gib=pool.disk_gib,
    )


def _usd(region: str, instance_type: str, capacity: NodeCapacity, disk_gib: int) -> float | None:
    price = node_usd(region, instance_type, capacity, disk_gib)
    return float(price) if price else None
