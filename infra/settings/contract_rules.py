"""Rules of a tenant against its platform's contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from infra.contract import AwsContract, PlatformContract
from infra.settings.catalog_rules import catalogs_on_platform
from infra.settings.findings import Finding
from infra.settings.listed_tenants import covered
from infra.settings.observability_rules import tenant_on_platform
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
    match found := tenancy(settings, contract):
        case Finding():
            return [found]
        case AwsTenancy():
            executors, others = _executors(found), _in_aws(found, region)
        case ExistingTenancy():
            executors, others = _labelled_executors(found), []
    return [
        *_drivers(settings, contract),
        *executors,
        *jobs_fit_queues(found),
        *tenant_on_platform(settings, contract),
        *places_on_platform(settings, contract),
        *shared_on_platform(settings, contract),
        *others,
    ] or found


def _in_aws(tenant: AwsTenancy, region: str | None) -> list[Finding]:
    settings, contract, aws = tenant.settings, tenant.contract, tenant.contract.aws
    findings: list[Finding] = []
    if region != aws.region:
        allowed = f"a platform in {region}; or aws:region: {aws.region}, and zones, keys and secrets of it"
        # All else that is the region's would be told as wrong too.
        return [Finding("platform", f"{settings.platform}, in {aws.region}", allowed)]
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
    for path, pool in pools_at(settings):
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
    return [*findings, *_listed(settings, contract)]


def _listed(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
    """The platform says which tenants there are, and which data each may name: its boundary allows no other."""
    aws = contract.aws
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
            elif not covered(listed.data, location.bucket, location.prefix, location.access, location.kms_key):
                offered = "; ".join(sorted(str(one) for one in listed.data)) or "nothing yet"
                yield Finding(
                    path,
                    str(location),
                    f"what {settings.platform} lists for {settings.name}, or a part of it ({offered}); or add it under "
                    f"tenants.{settings.name}.data in {file} and deploy the platform first",
                )
    yield from catalogs_on_platform(settings, contract)
    yield from secrets_on_platform(settings, aws)
    yield from secrets_are_below_no_other_queue(settings, aws)


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
