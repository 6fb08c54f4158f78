"""Rules over a platform and all its tenants, which no stack can check by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from infra.settings.nodes import pool_usable
from infra.settings.platform import PODS_PER_NODE, AwsPlatform, ExistingPlatform
from infra.settings.platform_rules import account_id
from infra.settings.shared_rules import not_accepted
from infra.settings.tenant import AwsTenant, ExistingTenant, pools_of, queues_of
from infra.settings.tenant_sizes import driver_allowance, history_of
from infra.settings.validation import StackSettings
from sizing import names
from sizing.nodes import Resources
from sizing.queues import driver_nodes, on_driver_nodes

MONTH_DAYS: Final = 31
"""In which there are always 30 whole ones, which budgets are compared with (docs/slo.md)."""


@dataclass(frozen=True)
class Platform:
    """A platform's stack and settings."""

    stack: str
    region: str | None
    settings: AwsPlatform | ExistingPlatform

    @property
    def place(self) -> tuple[str, str]:
        """Account and region; a place of its own on an existing cluster."""
        if isinstance(self.settings, AwsPlatform):
            return account_id(self.settings), self.region or ""
        return self.stack, ""


@dataclass(frozen=True)
class Tenant:
    """A tenant's stack and settings."""

    stack: str
    settings: AwsTenant | ExistingTenant


@dataclass(frozen=True, order=True)
class FleetFinding:
    """Something wrong between stacks.

    Attributes:
        stacks: those it is between, sorted.
        found: what is there.
        allowed: what may be there.
    """

    stacks: tuple[str, ...]
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{', '.join(self.stacks)}: {self.found}; allowed: {self.allowed}"


def fleet_findings(stacks: Iterable[StackSettings], broken: Sequence[StackSettings] = ()) -> list[FleetFinding]:
    """What is wrong between these stacks, sorted.

    Who mends a platform learns at once what its tenants need of it: stacks that are wrong by themselves are counted as
    far as a rule reads nothing of them that is wrong.

    Args:
        stacks: those that are right by themselves.
        broken: others, without what is wrong with them.
    """
    sound = list(stacks)
    found = {place: list(rule) for place, rule in _rules(sound)}
    for place, rule in _rules([*sound, *broken]) if broken else ():
        # A name, a place or a number of nodes may be the very one that is wrong.
        with suppress(Exception):
            found[place] = list(rule)
    return sorted({finding for findings in found.values() for finding in findings})


def _rules(stacks: Iterable[StackSettings]) -> Iterator[tuple[tuple[str, str], Iterator[FleetFinding]]]:
    """Each rule as it says what it finds, with its name and the platform's stack."""
    platforms: dict[str, Platform] = {}
    tenants: defaultdict[str, list[Tenant]] = defaultdict(list)
    for stack in sorted(stacks, key=lambda s: s.stack):
        match stack.settings:
            case AwsPlatform() | ExistingPlatform() as settings:
                platforms[stack.stack] = Platform(stack.stack, stack.region, settings)
            case AwsTenant() | ExistingTenant() as settings if hasattr(settings, "platform"):
                tenants[settings.platform].append(Tenant(stack.stack, settings))
    yield ("same platforms", ""), _same_platforms(platforms.values())
    yield ("same domains", ""), _same_domains(platforms.values())
    for platform, of_platform in tenants.items():
        yield ("same tenants", platform), _same_tenants(of_platform)
        yield ("same people", platform), _same_people(platforms.get(platform), of_platform)
        if platform in platforms:
            for rule in (_drivers, _executors, _budgets, _not_accepted):
                yield (rule.__name__, platform), rule(platforms[platform], of_platform)
    yield ("foreign buckets", ""), _foreign_buckets(platforms)


def _same_platforms(platforms: Iterable[Platform]) -> Iterator[FleetFinding]:
    by_name: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for platform in platforms:
        account, _ = platform.place
        by_name[(account, platform.settings.name)].append(platform.stack)
    yield from _of_several(
        {f"platforms of the name {name} in account {account}": stacks for (account, name), stacks in by_name.items()},
        "a name for each: IAM roles carry it",
    )
    for (account, name), (other_account, other) in permutations(sorted(by_name), 2):
        if account == other_account and other.startswith(f"{name}-"):
            yield FleetFinding(
                tuple(sorted({*by_name[account, name], *by_name[account, other]})),
                f"platforms of the names {name} and {other} in account {account}",
                f"a name that does not start with {name}-: all that is of {name} does, and is its deployers' by that",
            )


def _same_domains(platforms: Iterable[Platform]) -> Iterator[FleetFinding]:
    by_domain: defaultdict[str, list[str]] = defaultdict(list)
    for platform in platforms:
        if isinstance(platform.settings, AwsPlatform) and platform.settings.door:
            by_domain[platform.settings.door.domain].append(platform.stack)
    yield from _of_several(
        {f"doors of the domain {domain}": stacks for domain, stacks in by_domain.items()},
        "a domain for each: its wildcard leads to one load balancer",
    )


def _same_tenants(tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for tenant in tenants:
        by_name[tenant.settings.name].append(tenant.stack)
    yield from _of_several(
        {f"tenants of the name {name} on one platform": stacks for name, stacks in by_name.items()},
        "one stack a tenant: its namespaces and queues carry the name",
    )


def _same_people(platform: Platform | None, tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    by_arn: defaultdict[str, list[str]] = defaultdict(list)
    if platform and isinstance(platform.settings, AwsPlatform):
        access = platform.settings.access
        own = {deployer.principal_arn for deployer in access.deployers.values()}
        # Of those that it shares, each tenant's own stack tells.
        for arn in sorted(own | {person.principal_arn for person in access.people.values() if person.principal_arn}):
            by_arn[arn].append(platform.stack)
    for tenant in tenants:
        for arn in {person.principal_arn for person in tenant.settings.people.values() if person.principal_arn}:
            by_arn[arn].append(tenant.stack)
    yield from _of_several(
        {f"the principal {arn} in several stacks of one platform": stacks for arn, stacks in by_arn.items()},
        "one of them: EKS keeps one access entry for a principal; or groups",
    )


def _of_several(found: Mapping[str, Iterable[str]], allowed: str) -> Iterator[FleetFinding]:
    """What is of several stacks and may be of one alone.

    Args:
        found: what there is, and the stacks that have it.
        allowed: what may be instead.
    """
    for what, stacks in found.items():
        if len(in_order := sorted(stacks)) > 1:
            yield FleetFinding(tuple(in_order), what, allowed)


def _not_accepted(platform: Platform, tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    """What a platform shares and a tenant doesn't accept; of the other way round the tenant's own stack tells."""
    for tenant in tenants:
        for found, allowed in not_accepted(platform.settings, tenant.settings):
            yield FleetFinding(tuple(sorted((platform.stack, tenant.stack))), found, allowed)


def _budgets(platform: Platform, tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    """What a tenant has spent in a month is summed from samples, which must be that old."""
    monitoring = platform.settings.monitoring
    with_budget = sorted(t.stack for t in tenants if isinstance(t.settings, AwsTenant) and t.settings.budget)
    if monitoring.enabled and with_budget and monitoring.retention_days < MONTH_DAYS:
        yield FleetFinding(
            (platform.stack, *with_budget),
            f"a budget for a month, and monitoring.retentionDays: {monitoring.retention_days}",
            f"retentionDays: {MONTH_DAYS} or more, or no budget: what is older costs nothing to its alert",
        )


def _drivers(platform: Platform, tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    usable, maximum = _driver_pool(platform)
    queues = [queue for tenant in tenants for _, queue in queues_of(tenant.settings)]
    aws = platform.settings if isinstance(platform.settings, AwsPlatform) else None
    days, logs = (aws.storage.event_log_days, bool(aws.door and aws.logs.enabled)) if aws else (0, False)
    allowances = [
        allowance
        for queue in queues
        for server in [history_of(queue, days, logs=logs)]
        for allowance in on_driver_nodes(driver_allowance(queue.drivers), server.pod if server else None)
    ]
    fitting = [a for a in allowances if (a.driver + Resources(pods=1)).fits_in(usable)]
    needed = driver_nodes(fitting, usable)
    if needed > maximum:
        yield FleetFinding(
            (platform.stack, *(tenant.stack for tenant in tenants)),
            f"driver allowances and history servers that take {needed} driver nodes",
            f"at most {maximum}, the driver pool's maximum: raise pools.driver.nodesPerZone.max of "
            f"{platform.stack}, or lower drivers.atOnce of queues",
        )


def _driver_pool(platform: Platform) -> tuple[Resources, int]:
    """What a driver node offers, and how many there are at most."""
    if isinstance(platform.settings, AwsPlatform):
        pool = platform.settings.pools.driver
        usable = pool_usable(pool.instance_types[0], pool.pods_per_node, pool.disk_gib)
        return usable, pool.nodes_per_zone.max * len(platform.settings.network.zones)
    nodes = platform.settings.pools.driver
    return Resources(cpu=nodes.cpu, memory=nodes.memory, pods=PODS_PER_NODE), nodes.nodes


def _executors(platform: Platform, tenants: Sequence[Tenant]) -> Iterator[FleetFinding]:
    if not isinstance(platform.settings, AwsPlatform):
        return
    by_zone: defaultdict[str, int] = defaultdict(int)
    stacks: defaultdict[str, set[str]] = defaultdict(set)
    for tenant in tenants:
        if isinstance(tenant.settings, AwsTenant):
            for _, _, pool in pools_of(tenant.settings):
                for zone in pool.zones:
                    by_zone[zone] += pool.max_nodes
                    stacks[zone].add(tenant.stack)
    maximum = platform.settings.executors.nodes_per_zone
    for zone, nodes in by_zone.items():
        if nodes > maximum:
            yield FleetFinding(
                (platform.stack, *sorted(stacks[zone])),
                f"pools that may have {nodes} executor nodes in {zone}",
                f"at most {maximum}, which is executors.nodesPerZone of {platform.stack}: so many have addresses there",
            )


def _foreign_buckets(platforms: Mapping[str, Platform]) -> Iterator[FleetFinding]:
    """Data that a platform lists in the buckets of another, or in the bucket of Pulumi's state."""
    owners = {
        bucket: stack
        for stack, platform in platforms.items()
        if isinstance(platform.settings, AwsPlatform)
        for bucket in names.buckets(platform.settings.name, *platform.place).values()
    }
    states = {
        platform.settings.state.bucket: stack
        for stack, platform in platforms.items()
        if isinstance(platform.settings, AwsPlatform) and platform.settings.state
    }
    for stack, platform in platforms.items():
        listed = platform.settings.tenants if isinstance(platform.settings, AwsPlatform) else {}
        used = {(name, location.bucket) for name, tenant in listed.items() for location in tenant.data}
        for name, bucket in sorted(used):
            if (owner := owners.get(bucket, stack)) != stack:
                yield FleetFinding(
                    tuple(sorted({stack, owner})),
                    f"a data location that {stack} lists for {name} in {bucket}",
                    f"a bucket other than those of {owner}, where each of its queues has its prefix",
                )
            if (owner := states.get(bucket, stack)) != stack:
                yield FleetFinding(
                    tuple(sorted({stack, owner})),
                    f"a data location that {stack} lists for {name} in {bucket}",
                    f"a bucket other than Pulumi's, where the state of {owner} is",
                )
