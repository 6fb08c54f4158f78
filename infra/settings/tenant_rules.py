"""Rules over several settings of one tenant, and of a tenant against its platform's contract."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from infra.contract import AwsContract, PlatformContract
from infra.settings.findings import Finding, shown
from infra.settings.listed_tenants import covered
from infra.settings.observability_rules import tenant_alerts, tenant_on_platform
from infra.settings.rules import SettingsRule, alike, made_by_nobody_here, of_partition, retiring, tags_differ
from infra.settings.stack_file import STACKS
from infra.settings.tenant import (
    AwsTenant,
    ExistingPoolSettings,
    ExistingTenant,
    PoolSettings,
    Schedule,
    pool_sizes,
    pools_of,
    queues_of,
)
from infra.settings.tenant_sizes import executor_usable
from sizing import names, schedules
from sizing.cost_tags import TENANT_TAGS
from sizing.instances import instance
from sizing.nodes import Resources, max_pods
from sizing.quantities import format_bytes, format_cpu
from sizing.shapes import executor_shapes
from sizing.spark.application import MINIMUM_DRIVER_MEMORY

OWN = "elastic-spark:"
"""Begins the Kubernetes groups that stacks make themselves."""
COST_TAGS = 32
"""What an executor group has room for beside the tags that it works by (`sizing.autoscaling_tags`)."""


def aws_tenant_rules(region: str | None) -> tuple[SettingsRule, ...]:
    """The rules of a tenant in AWS; those about the region are left out when it is unknown because it is wrong."""

    def zones_are_the_regions(settings: AwsTenant) -> Iterator[Finding]:
        for path, pool in _pools(settings):
            for zone in pool.zones:
                if region and zone[:-1] != region:
                    yield Finding(f"{path}.zones.{zone}", shown(zone), f"a zone of {region}")

    def principals_are_of_the_partition(settings: AwsTenant) -> Iterator[Finding]:
        for name, person in sorted(settings.people.items()):
            if person.principal_arn:
                yield from of_partition(f"people.{name}.principalArn", person.principal_arn, region)

    return (
        SettingsRule(("people",), principals_are_of_the_partition),
        SettingsRule(("tags",), tags_differ),
        SettingsRule(("queues",), zones_are_the_regions),
        SettingsRule(("queues",), _pool_rules),
        *_COMMON,
    )


def _pool_rules(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in _pools(settings):
        yield from alike(f"{path}.instanceTypes", pool.instance_types)
        yield from retiring(path, pool)
        minimum = sum(pool.zones.values())
        if minimum > pool.max_nodes:
            yield Finding(
                f"{path}.zones", f"{minimum} nodes at any time", f"at most maxNodes, which is {pool.max_nodes}"
            )
        if pool.capacity == "spot":
            if minimum:
                yield Finding(f"{path}.zones", f"{minimum} nodes at any time", "0 in each zone: Spot promises no node")
            if pool.schedules:
                yield Finding(
                    f"{path}.schedules", ", ".join(sorted(pool.schedules)), "none: Spot has no minimum to raise"
                )
        yield from _schedule_rules(path, pool)


def _schedule_rules(path: str, pool: PoolSettings) -> Iterator[Finding]:
    for name, schedule in sorted(pool.schedules.items()):
        at = f"{path}.schedules.{name}"
        for zone, nodes in sorted(schedule.zones.items()):
            if zone not in pool.zones:
                yield Finding(f"{at}.zones.{zone}", zone, f"a zone of the pool: {', '.join(sorted(pool.zones))}")
            elif nodes < pool.zones[zone]:
                yield Finding(f"{at}.zones.{zone}", str(nodes), f"at least the zone's own minimum, {pool.zones[zone]}")
        minimum = sum({**pool.zones, **schedule.zones}.values())
        if minimum > pool.max_nodes:
            found = f"{minimum} nodes in these hours"
            yield Finding(f"{at}.zones", found, f"at most maxNodes, which is {pool.max_nodes}")
    by_zone: dict[str, dict[str, schedules.Hours]] = {}
    for name, schedule in pool.schedules.items():
        by_zone.setdefault(schedule.time_zone, {})[name] = hours(schedule)
    if len(by_zone) > 1:
        yield Finding(f"{path}.schedules", ", ".join(sorted(by_zone)), "one time zone for all schedules of a pool")
    for one, other in chain.from_iterable(schedules.overlapping(group) for group in by_zone.values()):
        yield Finding(f"{path}.schedules.{other}", f"hours that meet those of {one}", "a minute or more between them")


def hours(schedule: Schedule) -> schedules.Hours:
    """The hours of a schedule as the arithmetic takes them."""
    return schedules.Hours(
        days=schedule.days, start=schedules.parse_time(schedule.start), end=schedules.parse_time(schedule.end)
    )


def _pools(settings: AwsTenant) -> Iterator[tuple[str, PoolSettings]]:
    for queue, name, pool in pools_of(settings):
        yield f"queues.{queue}.pools.{name}", pool


def _derived_names(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    identities: dict[str, str] = {}
    for queue_name, queue in queues_of(settings):
        namespace = names.namespace(settings.name, queue_name)
        if namespace in names.RESERVED_NAMESPACES:
            yield Finding(
                f"queues.{queue_name}", f"the namespace {namespace}", "another name: Kubernetes or the platform has it"
            )
        for pool_name in sorted(queue.pools):
            path = f"queues.{queue_name}.pools.{pool_name}"
            identity = names.pool_identity(settings.name, queue_name, pool_name)
            if identity.endswith(names.SPOT_SUFFIX):
                allowed = (
                    f"another name than spot, that does not end with {names.SPOT_SUFFIX}, as names of Spot groups do"
                )
                yield Finding(path, pool_name, allowed)
            if (first := identities.setdefault(identity, path)) != path:
                yield Finding(path, f"the identity {identity}", f"a name by which it differs from {first}")


def _people(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, person in sorted(settings.people.items()):
        path = f"people.{name}"
        given = [key for key in ("principal_arn", "group") if getattr(person, key)]
        if len(given) != 1:
            found = "both principalArn and group" if given else "neither principalArn nor group"
            yield Finding(path, found, "exactly one of principalArn and group")
        elif isinstance(settings, ExistingTenant) and person.principal_arn:
            yield Finding(f"{path}.principalArn", person.principal_arn, "a group: the platform is not in AWS")
        if person.group and person.group.startswith(OWN):
            yield Finding(
                f"{path}.group", person.group, f"a group that does not start with {OWN}, as those of principals do"
            )
        who = person.principal_arn or person.group
        if who and (first := seen.setdefault(who, path)) != path:
            yield Finding(path, who, f"somebody else: {first} has this one")


def _driver_sizes(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    for name, queue in queues_of(settings):
        if queue.drivers.memory < MINIMUM_DRIVER_MEMORY:
            found, minimum = format_bytes(queue.drivers.memory), format_bytes(MINIMUM_DRIVER_MEMORY)
            yield Finding(
                f"queues.{name}.drivers.memory", found, f"at least {minimum}, with less no Spark driver starts"
            )


def _default_pools(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    for name, queue in queues_of(settings):
        if queue.default_pool and queue.default_pool not in queue.pools:
            allowed = f"a pool of the queue: {', '.join(sorted(queue.pools))}"
            yield Finding(f"queues.{name}.defaultPool", queue.default_pool, allowed)


_COMMON = (
    SettingsRule(("name", "queues"), _derived_names),
    SettingsRule(("queues",), _default_pools),
    SettingsRule(("people",), _people),
    SettingsRule(("queues",), _driver_sizes),
    SettingsRule(("alerts", "queues"), tenant_alerts),
)
existing_tenant_rules: tuple[SettingsRule, ...] = _COMMON


def _on_platform(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> list[Finding]:
    findings = (_drivers, _executors, tenant_on_platform)
    return [finding for check in findings for finding in check(settings, contract)]


def contract_findings(
    settings: AwsTenant | ExistingTenant, region: str | None, contract: PlatformContract
) -> list[Finding]:
    """What is wrong with a tenant on the platform of this contract; paths start at the settings' top."""
    aws = contract.aws
    if isinstance(settings, ExistingTenant) or aws is None:
        if isinstance(settings, ExistingTenant) and aws is None:
            return _on_platform(settings, contract)
        kind = "in AWS: leave existing out" if aws else "on an existing cluster: set existing: true"
        return [Finding("platform", settings.platform, f"settings for a platform {kind}")]
    findings = _on_platform(settings, contract)
    if region != aws.region:
        findings.append(Finding("platform", f"{settings.platform}, in {aws.region}", f"a platform in {region}"))
    if aws.account_id not in settings.allowed_account_ids:
        findings.append(
            Finding("allowedAccountIds", ", ".join(settings.allowed_account_ids), f"the platform's: {aws.account_id}")
        )
    tags = contract.tags.keys() | settings.tags.keys()
    if len(tags) > COST_TAGS - TENANT_TAGS:
        findings.append(
            Finding(
                "tags",
                f"{len(tags)} with the platform's",
                f"at most {COST_TAGS - TENANT_TAGS}: an Auto Scaling group has no more",
            )
        )
    for name, person in sorted(settings.people.items()):
        path = f"people.{name}.principalArn"
        findings += made_by_nobody_here(path, person.principal_arn or "", contract.platform, aws.account_id)
    for path, pool in _pools(settings):
        findings += [
            Finding(f"{path}.zones.{zone}", zone, f"a zone of the platform: {', '.join(sorted(aws.subnet_ids))}")
            for zone in sorted(pool.zones)
            if zone not in aws.subnet_ids
        ]
        if pool.max_nodes > aws.executor_nodes_per_zone:
            findings.append(
                Finding(
                    f"{path}.maxNodes",
                    str(pool.max_nodes),
                    f"at most {aws.executor_nodes_per_zone}: for so many executor nodes a zone has addresses",
                )
            )
    return findings + list(_listed(settings, contract, aws))


def _listed(settings: AwsTenant, contract: PlatformContract, aws: AwsContract) -> Iterator[Finding]:
    """The platform says which tenants there are, and which data each may name: its boundary allows no other."""
    file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
    listed = aws.tenants.get(settings.name)
    if listed is None:
        known = ", ".join(sorted(aws.tenants)) or "none yet"
        yield Finding(
            "name",
            f"{settings.name}, which {settings.platform} doesn't list",
            f"a tenant that it lists ({known}); to let this one in, add {settings.name} under tenants in {file} and "
            "deploy the platform first",
        )
        return
    platform_buckets = set(aws.buckets.values())
    for name, queue in sorted(settings.queues.items()):
        for index, location in enumerate(queue.data):
            path = f"queues.{name}.data[{index}]"
            if location.bucket in platform_buckets:
                allowed = "a bucket other than the platform's own, where each queue has its prefix and no other"
                yield Finding(f"{path}.bucket", location.bucket, allowed)
            elif not covered(listed.data, location.bucket, location.prefix, location.access):
                offered = "; ".join(sorted(str(one) for one in listed.data)) or "nothing yet"
                yield Finding(
                    path,
                    f"{location.access} of {location.bucket}/{location.prefix}",
                    f"what {settings.platform} lists for {settings.name}, or a part of it ({offered}); or add it under "
                    f"tenants.{settings.name}.data in {file} and deploy the platform first",
                )


def _drivers(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Iterator[Finding]:
    offer = contract.driver.usable
    for name, queue in queues_of(settings):
        size = queue.drivers
        if not Resources(cpu=size.cpu, memory=size.memory, pods=1).fits_in(
            Resources(cpu=offer.cpu, memory=offer.memory, pods=offer.pods)
        ):
            yield Finding(
                f"queues.{name}.drivers",
                f"{format_cpu(size.cpu)} cpu, {format_bytes(size.memory)} memory",
                f"at most what a driver node offers: {format_cpu(offer.cpu)} cpu, {format_bytes(offer.memory)} memory",
            )


def _executors(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Iterator[Finding]:
    for queue_name, queue in queues_of(settings):
        for name, pool in pool_sizes(queue):
            path = f"queues.{queue_name}.pools.{name}"
            if isinstance(pool, PoolSettings) and contract.aws:
                crowded = list(_addresses(f"{path}.instanceTypes", pool, contract.aws.executor_pods_per_node))
                yield from crowded
                if crowded:
                    continue
            try:
                fits = bool(executor_shapes(executor_usable(pool, contract)))
            except ValueError:
                fits = False
            if fits:
                continue
            if isinstance(pool, ExistingPoolSettings):
                found = f"nodes of {format_cpu(pool.cpu)} cpu, {format_bytes(pool.memory)} memory"
                yield Finding(path, found, "nodes on which an executor fits beside DaemonSets")
            else:
                allowed = "a type on which an executor fits beside DaemonSets"
                yield Finding(f"{path}.instanceTypes[0]", pool.instance_types[0], allowed)


def _addresses(path: str, pool: PoolSettings, pods_per_node: int) -> Iterator[Finding]:
    for index, name in enumerate(pool.instance_types):
        if (maximum := max_pods(instance(name))) < pods_per_node:
            yield Finding(
                f"{path}[{index}]",
                f"{name}, for which EKS recommends {maximum} pods at most",
                f"a type for {pods_per_node} pods, the platform's executors.podsPerNode",
            )
