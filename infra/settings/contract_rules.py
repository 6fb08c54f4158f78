"""Rules of a tenant against its platform's contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from infra.contract import AwsContract, PlatformContract
from infra.settings.catalog_rules import catalogs_on_platform
from infra.settings.findings import Finding
from infra.settings.identity_rules import groups_on_platform
from infra.settings.listed_tenants import covered
from infra.settings.observability_rules import tenant_on_platform
from infra.settings.partial import broken
from infra.settings.reach_rules import places_on_platform
from infra.settings.rules import made_by_nobody_here
from infra.settings.secret_rules import secrets_are_below_no_other_queue, secrets_on_platform
from infra.settings.shared_rules import shared_on_platform
from infra.settings.sharing_rules import jobs_fit_queues
from infra.settings.stack_file import STACKS
from infra.settings.tenancy import AwsTenancy, ExistingTenancy, Tenancy, tenancy
from infra.settings.tenant import AwsTenant, ExistingTenant, PoolSettings, pools_of, queues_of
from infra.settings.tenant_rules import pools_at
from infra.settings.tenant_sizes import executor_usable, labelled_usable
from sizing.cost_tags import TENANT_TAGS
from sizing.instances import instance
from sizing.nodes import Resources, max_pods
from sizing.quantities import format_bytes, format_cpu
from sizing.shapes import executor_shapes

_Check = Callable[[Any], Iterator[Finding]]
_Rule = Callable[[Any, Any], Iterator[Finding]]
COST_TAGS = 31
"""What an executor group has room for beside the tags that it works by (`sizing.autoscaling_tags`)."""


def tenancy_of(
    settings: AwsTenant | ExistingTenant, region: str | None, contract: PlatformContract
) -> Tenancy | list[Finding]:
    """A tenant on its platform, or everything that is wrong with it there.

    Args:
        settings: of the tenant.
        region: the tenant's; None on an existing cluster.
        contract: of the platform.

    Returns:
        Findings' paths start at the settings' top.
    """
    found = tenancy(settings, contract)
    if isinstance(found, Finding):
        return [found]
    return [finding for rule in _rules(found, region) for finding in rule(found)] or found


def broken_on_platform(
    views: Sequence[AwsTenant | ExistingTenant], region: str | None, contract: PlatformContract
) -> list[Finding]:
    """What is wrong on its platform with a tenant that is also wrong by itself.

    Args:
        views: its settings as `SettingsError` has them; the other arguments are those of `tenancy_of`.
    """
    found = [tenancy(view, contract) for view in views]
    tenancies = [one for one in found if not isinstance(one, Finding)]
    if not tenancies:
        return [one for one in found[:1] if isinstance(one, Finding)]
    return [finding for rule in _rules(tenancies[0], region) for finding in broken(rule, tenancies)]


def _rules(tenant: Tenancy, region: str | None) -> tuple[_Check, ...]:
    """The rules of a tenant on its platform."""
    common: tuple[_Check, ...] = (jobs_fit_queues, *_on_contract(_COMMON))
    if isinstance(tenant, ExistingTenancy):
        return (*common, _labelled_executors)
    if region != tenant.contract.aws.region:
        # All else that is the region's would be told as wrong too.
        return (*common, _executors, partial(_another_region, region))
    of_aws: tuple[_Check, ...] = (_executors, _accounts, _tags, _people, _zones, _nodes)
    return (*common, *of_aws, *_on_contract(_LISTED))


def _on_contract(rules: Iterable[_Rule]) -> Iterator[_Check]:
    """Rules of settings and a contract as rules of both together."""

    def check(rule: _Rule, tenant: Tenancy) -> Iterator[Finding]:
        return rule(tenant.settings, tenant.contract)

    return (partial(check, rule) for rule in rules)


def _another_region(region: str | None, tenant: AwsTenancy) -> Iterator[Finding]:
    there = tenant.contract.aws.region
    allowed = f"a platform in {region}; or aws:region: {there}, and zones, keys and secrets of it"
    yield Finding("platform", f"{tenant.settings.platform}, in {there}", allowed)


def _accounts(tenant: AwsTenancy) -> Iterator[Finding]:
    accounts, account = tenant.settings.allowed_account_ids, tenant.contract.aws.account_id
    if account not in accounts:
        yield Finding("allowedAccountIds", ", ".join(accounts), f"the platform's: {account}")


def _tags(tenant: AwsTenancy) -> Iterator[Finding]:
    tags = tenant.contract.tags.keys() | tenant.settings.tags.keys()
    if len(tags) > COST_TAGS - TENANT_TAGS:
        allowed = f"at most {COST_TAGS - TENANT_TAGS}: an Auto Scaling group has no more"
        yield Finding("tags", f"{len(tags)} with the platform's", allowed)


def _people(tenant: AwsTenancy) -> Iterator[Finding]:
    contract = tenant.contract
    for name, person in sorted(tenant.settings.people.items()):
        path = f"people.{name}.principalArn"
        yield from made_by_nobody_here(path, person.principal_arn or "", contract.platform, contract.aws.account_id)


def _zones(tenant: AwsTenancy) -> Iterator[Finding]:
    subnets = tenant.contract.aws.subnet_ids
    for path, pool in pools_at(tenant.settings):
        for zone in sorted(pool.zones):
            if zone not in subnets:
                allowed = f"a zone of the platform: {', '.join(sorted(subnets))}"
                yield Finding(f"{path}.zones.{zone}", zone, allowed)


def _nodes(tenant: AwsTenancy) -> Iterator[Finding]:
    most = tenant.contract.aws.executor_nodes_per_zone
    for path, pool in pools_at(tenant.settings):
        if pool.max_nodes > most:
            allowed = f"at most {most}: for so many executor nodes a zone has addresses"
            yield Finding(f"{path}.maxNodes", str(pool.max_nodes), allowed)


def _tenant_is_listed(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
    """The platform says which tenants there are."""
    if settings.name not in contract.aws.tenants:
        known = ", ".join(sorted(contract.aws.tenants)) or "none yet"
        file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
        yield Finding(
            "name",
            f"{settings.name}, which {settings.platform} doesn't list",
            f"a tenant that it lists ({known}); to let this one in, add {settings.name} under tenants in {file} and "
            "deploy the platform first",
        )


def _data_are_listed(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
    """The platform says which data each tenant may name: its boundary allows no other."""
    listed = contract.aws.tenants.get(settings.name)
    if listed is None:
        return
    file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
    platform_buckets = set(contract.aws.buckets.values())
    for name, queue in sorted(settings.queues.items()):
        for index, location in enumerate(queue.data):
            path = f"queues.{name}.data[{index}]"
            if location.bucket in platform_buckets:
                allowed = "a bucket other than the platform's own, where each queue has its prefix and no other"
                yield Finding(f"{path}.bucket", location.bucket, allowed)
            elif not covered(listed.data, location.bucket, location.prefix, location.access, location.kms_key):
                offered = "; ".join(sorted(str(one) for one in listed.data)) or "nothing yet"
                yield Finding(
                    path,
                    str(location),
                    f"what {settings.platform} lists for {settings.name}, or a part of it ({offered}); or add it under "
                    f"tenants.{settings.name}.data in {file} and deploy the platform first",
                )


def _of_listed(rule: _Rule) -> _Rule:
    """A rule of a tenant that the platform lists; of another, `_tenant_is_listed` says all there is to say."""

    def check(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
        if settings.name in contract.aws.tenants:
            yield from rule(settings, contract)

    return check


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


def _executors(tenant: AwsTenancy) -> Iterator[Finding]:
    pods = tenant.contract.aws.executor_pods_per_node
    for queue_name, name, pool in pools_of(tenant.settings):
        path = f"queues.{queue_name}.pools.{name}.instanceTypes"
        crowded = list(_addresses(path, pool, pods))
        yield from crowded
        if not crowded and not _holds_executors(partial(executor_usable, pool, pods)):
            yield Finding(f"{path}[0]", pool.instance_types[0], "a type on which an executor fits beside DaemonSets")


def _labelled_executors(tenant: ExistingTenancy) -> Iterator[Finding]:
    for queue_name, queue in sorted(tenant.settings.queues.items()):
        for name, pool in sorted(queue.pools.items()):
            if not _holds_executors(partial(labelled_usable, pool, tenant.contract)):
                found = f"nodes of {format_cpu(pool.cpu)} cpu, {format_bytes(pool.memory)} memory"
                yield Finding(
                    f"queues.{queue_name}.pools.{name}", found, "nodes on which an executor fits beside DaemonSets"
                )


def _holds_executors(usable: Callable[[], Resources]) -> bool:
    try:
        return bool(executor_shapes(usable()))
    except ValueError:
        return False


def _addresses(path: str, pool: PoolSettings, pods_per_node: int) -> Iterator[Finding]:
    for index, name in enumerate(pool.instance_types):
        if (maximum := max_pods(instance(name))) < pods_per_node:
            yield Finding(
                f"{path}[{index}]",
                f"{name}, for which EKS recommends {maximum} pods at most",
                f"a type for {pods_per_node} pods, the platform's executors.podsPerNode",
            )


_COMMON: Final[tuple[_Rule, ...]] = (_drivers, tenant_on_platform, places_on_platform, shared_on_platform)
_LISTED: Final[tuple[_Rule, ...]] = (
    groups_on_platform,
    _tenant_is_listed,
    _data_are_listed,
    _of_listed(catalogs_on_platform),
    _of_listed(lambda settings, contract: secrets_on_platform(settings, contract.aws)),
    _of_listed(lambda settings, contract: secrets_are_below_no_other_queue(settings, contract.aws)),
)
