"""Rules over several settings of one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from infra.settings.catalog_rules import catalog_rules, keys_are_the_regions
from infra.settings.data_rules import data_of_queues_differ
from infra.settings.findings import Finding, shown
from infra.settings.observability_rules import tenant_alerts
from infra.settings.reach_rules import hosts_need_cilium, places_are_one_thing, places_differ
from infra.settings.rules import SettingsRule, alike, of_partition, retiring, tags_differ
from infra.settings.secret_rules import secrets_are_a_queues_own, secrets_of_region, variables_are_jobs_own
from infra.settings.shared_rules import accepted_queues_are_there, no_tenant_is_called_shared
from infra.settings.tenant import (
    AwsTenant,
    ExistingTenant,
    PoolSettings,
    Schedule,
    pools_of,
    queues_of,
)
from sizing import names, schedules
from sizing.quantities import format_bytes
from sizing.spark.application import MINIMUM_DRIVER_MEMORY

OWN = "elastic-spark:"
"""Begins the Kubernetes groups that stacks make themselves."""


def aws_tenant_rules(region: str | None) -> tuple[SettingsRule, ...]:
    """The rules of a tenant in AWS; those about the region are left out when it is unknown because it is wrong."""

    def zones_are_the_regions(settings: AwsTenant) -> Iterator[Finding]:
        for path, pool in pools_at(settings):
            for zone in pool.zones:
                if region and zone[:-1] != region:
                    yield Finding(f"{path}.zones.{zone}", shown(zone), f"a zone of {region}")

    def principals_are_of_the_partition(settings: AwsTenant) -> Iterator[Finding]:
        for name, person in sorted(settings.people.items()):
            if person.principal_arn:
                yield from of_partition(f"people.{name}.principalArn", person.principal_arn, region)

    def data_keys_are_the_regions(settings: AwsTenant) -> Iterator[Finding]:
        for name, queue in sorted(settings.queues.items()):
            yield from keys_are_the_regions(f"queues.{name}.data", queue.data, region)

    def secrets_are_the_regions(settings: AwsTenant) -> Iterator[Finding]:
        return secrets_of_region(settings, region)

    return (
        SettingsRule(("queues",), secrets_are_the_regions),
        SettingsRule(("queues",), secrets_are_a_queues_own),
        SettingsRule(("queues",), variables_are_jobs_own),
        SettingsRule(("people",), principals_are_of_the_partition),
        SettingsRule(("tags",), tags_differ),
        SettingsRule(("queues",), zones_are_the_regions),
        SettingsRule(("queues",), _pool_rules),
        SettingsRule(("queues",), data_keys_are_the_regions),
        SettingsRule(("queues",), data_of_queues_differ),
        SettingsRule(("queues",), catalog_rules),
        *_COMMON,
    )


def _pool_rules(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
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


def pools_at(settings: AwsTenant) -> Iterator[tuple[str, PoolSettings]]:
    """A tenant's pools with their paths, sorted."""
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
    SettingsRule(("name",), no_tenant_is_called_shared),
    SettingsRule(("accepts", "queues"), accepted_queues_are_there),
    SettingsRule(("queues",), _driver_sizes),
    SettingsRule(("queues",), places_are_one_thing),
    SettingsRule(("queues",), places_differ),
    SettingsRule(("alerts", "queues"), tenant_alerts),
)
existing_tenant_rules: tuple[SettingsRule, ...] = (SettingsRule(("queues",), hosts_need_cilium), *_COMMON)
