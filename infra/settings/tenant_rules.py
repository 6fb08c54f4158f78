"""Rules over several settings of one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from infra.settings.catalog_rules import catalog_rules, keys_are_the_regions
from infra.settings.data_rules import data_of_queues_differ
from infra.settings.findings import Finding, shown
from infra.settings.identity_rules import ONE_OR_BOTH, WITHOUT, issuers_group
from infra.settings.observability_rules import alerts_name_a_queue, alerts_reach_somebody
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
from infra.settings.unreadable import all_of
from sizing import names, schedules
from sizing.quantities import format_bytes
from sizing.spark.application import MINIMUM_DRIVER_MEMORY


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
        secrets_are_the_regions,
        secrets_are_a_queues_own,
        variables_are_jobs_own,
        principals_are_of_the_partition,
        tags_differ,
        zones_are_the_regions,
        _types_alike,
        _generations,
        _minimum,
        _spot,
        _scheduled_zones,
        _scheduled_nodes,
        _schedules_apart,
        data_keys_are_the_regions,
        data_of_queues_differ,
        catalog_rules,
        *_COMMON,
    )


def _types_alike(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
        yield from alike(f"{path}.instanceTypes", pool.instance_types)


def _generations(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
        yield from retiring(path, pool)


def _minimum(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
        minimum = sum(all_of(pool.zones).values())
        if minimum > pool.max_nodes:
            yield Finding(
                f"{path}.zones", f"{minimum} nodes at any time", f"at most maxNodes, which is {pool.max_nodes}"
            )


def _spot(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
        if pool.capacity == "spot":
            if minimum := sum(all_of(pool.zones).values()):
                yield Finding(f"{path}.zones", f"{minimum} nodes at any time", "0 in each zone: Spot promises no node")
            if pool.schedules:
                yield Finding(
                    f"{path}.schedules", ", ".join(sorted(pool.schedules)), "none: Spot has no minimum to raise"
                )


def _scheduled_zones(settings: AwsTenant) -> Iterator[Finding]:
    for at, pool, schedule in _schedules_at(settings):
        for zone, nodes in sorted(schedule.zones.items()):
            if zone not in pool.zones:
                yield Finding(f"{at}.zones.{zone}", zone, f"a zone of the pool: {', '.join(sorted(pool.zones))}")
            elif nodes < pool.zones[zone]:
                yield Finding(f"{at}.zones.{zone}", str(nodes), f"at least the zone's own minimum, {pool.zones[zone]}")


def _scheduled_nodes(settings: AwsTenant) -> Iterator[Finding]:
    for at, pool, schedule in _schedules_at(settings):
        minimum = sum({**all_of(pool.zones), **all_of(schedule.zones)}.values())
        if minimum > pool.max_nodes:
            found = f"{minimum} nodes in these hours"
            yield Finding(f"{at}.zones", found, f"at most maxNodes, which is {pool.max_nodes}")


def _schedules_at(settings: AwsTenant) -> Iterator[tuple[str, PoolSettings, Schedule]]:
    """Schedules with their paths and pools, sorted."""
    for path, pool in pools_at(settings):
        for name, schedule in sorted(pool.schedules.items()):
            yield f"{path}.schedules.{name}", pool, schedule


def _schedules_apart(settings: AwsTenant) -> Iterator[Finding]:
    for path, pool in pools_at(settings):
        yield from _hours_apart(path, pool)


def _hours_apart(path: str, pool: PoolSettings) -> Iterator[Finding]:
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
        on_existing = isinstance(settings, ExistingTenant)
        if not (person.principal_arn or person.group):
            yield Finding(path, WITHOUT, "a group" if on_existing else ONE_OR_BOTH)
        elif on_existing and person.principal_arn:
            yield Finding(f"{path}.principalArn", person.principal_arn, "a group: the platform is not in AWS")
        if person.group and (not on_existing or person.group.startswith(names.OWN_GROUPS)):
            yield from issuers_group(f"{path}.group", person.group)
        for who in filter(None, (person.principal_arn, person.group)):
            if (first := seen.setdefault(who, path)) != path:
                yield Finding(path, who, f"somebody else: {first} has this one")


def _purposes(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """Somebody has one purpose in all queues; a group may have one in each."""
    for name, person in sorted(settings.people.items()):
        path = f"people.{name}"
        if (person.purpose is None) == (person.queues is None):
            found = "both purpose and queues" if person.queues else "neither purpose nor queues"
            yield Finding(path, found, "purpose, in all queues; or queues of a group, such as {batch: submitter}")
        elif person.queues and person.principal_arn:
            yield Finding(
                f"{path}.queues",
                f"queues, and the principal {person.principal_arn}",
                "purpose, in all queues; or a principal that the platform shares (access.shared), by accepts",
            )


def _peoples_queues(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """A group's purposes are in queues of the tenant."""
    known = ", ".join(sorted(settings.queues))
    for name, person in sorted(settings.people.items()):
        for queue in sorted((person.queues or {}).keys() - settings.queues.keys()):
            yield Finding(f"people.{name}.queues.{queue}", queue, f"a queue of the tenant: {known}")


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
    _derived_names,
    _default_pools,
    _people,
    _purposes,
    _peoples_queues,
    no_tenant_is_called_shared,
    accepted_queues_are_there,
    _driver_sizes,
    places_are_one_thing,
    places_differ,
    alerts_reach_somebody,
    alerts_name_a_queue,
)
existing_tenant_rules: tuple[SettingsRule, ...] = (hosts_need_cilium, *_COMMON)
