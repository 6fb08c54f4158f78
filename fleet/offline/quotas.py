"""What stacks need of their account's service quotas, at their minimum and at their maximum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.offline.costs import MONITORING_TYPE, stack_cost
from fleet.offline.pools import POOL_TYPE, pool_nodes, region_of
from fleet.offline.preview import platform_of
from fleet.offline.registration import Registration, Registrations
from infra.settings.platform import AwsPlatform
from infra.settings.platform_rules import account_id
from infra.settings.stack_file import read_config
from infra.settings.validation import stack_settings
from sizing import instances
from sizing.pricing.costs import Cost, cost_of
from sizing.pricing.pool_costs import nodes_of_pools
from sizing.service_quotas import (
    CLUSTERS,
    ELASTIC_IPS,
    GATEWAY_ENDPOINTS,
    GP3_STORAGE,
    GROUPS,
    INTERFACE_ENDPOINTS,
    LAUNCH_TEMPLATES,
    NAT_GATEWAYS,
    POLICIES,
    QUOTAS,
    ROLES,
    VPCS,
    Quota,
    vcpu_quota,
)

NAT_GATEWAY_TYPE: Final = "aws:ec2/natGateway:NatGateway"
ENDPOINT_TYPE: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
COUNTED: Final[Mapping[str, Quota]] = {
    "aws:autoscaling/group:Group": GROUPS,
    "aws:ec2/eip:Eip": ELASTIC_IPS,
    "aws:ec2/launchTemplate:LaunchTemplate": LAUNCH_TEMPLATES,
    "aws:ec2/vpc:Vpc": VPCS,
    "aws:iam/policy:Policy": POLICIES,
    "aws:iam/role:Role": ROLES,
    "eks:index:Cluster": CLUSTERS,
}
"""Types of which each resource counts as one."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is needed of a quota, in its unit.

    Attributes:
        quota: of which.
        minimum: with every pool at its minimum: what `up` needs to end.
        maximum: with every pool at its maximum.
    """

    quota: Quota
    minimum: int
    maximum: int

    @property
    def enough_at_minimum(self) -> bool:
        """Whether the default suffices at the minimum."""
        return self.minimum <= self.quota.default

    @property
    def enough(self) -> bool:
        """Whether the default suffices at the maximum."""
        return self.maximum <= self.quota.default


@dataclass(frozen=True, kw_only=True)
class AccountNeeds:
    """What stacks need together of one account in one region.

    Attributes:
        account: its 12-digit id.
        region: the region's name.
        stacks: the stacks there, sorted.
        needs: those where the default isn't enough first, of these those where it isn't even at the minimum. What is
            needed of IAM is needed by the stacks of all regions.
        cost: of the stacks there.
    """

    account: str
    region: str
    stacks: tuple[str, ...]
    needs: tuple[Need, ...]
    cost: Cost


@dataclass(frozen=True)
class _Count:
    """So many of something in a place; quotas that are per zone or VPC hold for each place by itself."""

    quota: Quota
    minimum: int
    maximum: int
    place: str = ""


def account_of(root: Path, stack: str) -> str | None:
    """The account that a stack is in, its platform's for a tenant's; None where it has nothing in AWS.

    Raises:
        SettingsError: the settings of the stack's platform are wrong.
    """
    platform = platform_of(root, stack) or stack
    settings = stack_settings(platform, read_config(root, platform)).settings
    return account_id(settings) if isinstance(settings, AwsPlatform) else None


def quota_needs(recorded: Mapping[str, Registrations], accounts: Mapping[str, str]) -> list[AccountNeeds]:
    """What stacks need of quotas, by account and region; stacks with nothing in AWS need none and are left out.

    Args:
        recorded: by the stacks' names.
        accounts: the account of each stack that is in AWS.
    """
    by_place: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for stack, account in sorted(accounts.items()):
        by_place[account, region_of(recorded[stack])].append(stack)
    found = []
    for (account, region), stacks in sorted(by_place.items()):
        counts = [count for stack in stacks for count in _counts(recorded[stack])]
        for stack, of in accounts.items():
            if of == account and stack not in stacks:
                counts += [count for count in _counts(recorded[stack]) if count.quota.service == "iam"]
        lines = [line for stack in stacks for line in stack_cost(recorded[stack]).lines]
        found.append(
            AccountNeeds(
                account=account, region=region, stacks=tuple(stacks), needs=_needs(counts), cost=cost_of(lines)
            )
        )
    return found


def _needs(counts: Iterable[_Count]) -> tuple[Need, ...]:
    sums: defaultdict[Quota, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for count in counts:
        at = sums[count.quota][count.place]
        at[0] += count.minimum
        at[1] += count.maximum
    needs = (
        Need(
            quota=quota,
            minimum=max(_units(quota, minimum) for minimum, _ in sums[quota].values()),
            maximum=max(_units(quota, maximum) for _, maximum in sums[quota].values()),
        )
        for quota in QUOTAS
        if quota in sums
    )
    return tuple(sorted(needs, key=lambda need: (need.enough, need.enough_at_minimum)))


def _units(quota: Quota, count: int) -> int:
    return -(-count // quota.counted)


def _counts(registrations: Registrations) -> Iterator[_Count]:
    yield from _vcpus(registrations)
    yield from _volumes(registrations)
    for resource in registrations.values():
        if resource.read_id:
            continue
        if quota := COUNTED.get(resource.type):
            yield _Count(quota, 1, 1)
        elif resource.type == NAT_GATEWAY_TYPE:
            yield _Count(NAT_GATEWAYS, 1, 1, _zone(registrations, resource))
        elif resource.type == ENDPOINT_TYPE and resource.inputs.get("vpcEndpointType") == "Interface":
            yield _Count(INTERFACE_ENDPOINTS, 1, 1, _where(resource, "vpcId"))
        elif resource.type == ENDPOINT_TYPE:
            yield _Count(GATEWAY_ENDPOINTS, 1, 1)


def _vcpus(registrations: Registrations) -> Iterator[_Count]:
    """vCPUs of each pool's groups; those of Spot and of its fall-back may each have to take the whole pool.

    The first type stands for all: types of a pool have the same vCPUs and memory, and such types have one quota.
    """
    for pool in registrations.of_type(POOL_TYPE):
        (nodes,) = nodes_of_pools([pool.inputs], region_of(registrations))
        instance = instances.instance(nodes.instance_types[0])
        quota = vcpu_quota(instance.name, "spot" if nodes.capacity == "spot" else "on-demand")
        yield _Count(quota, nodes.minimum * instance.vcpu, nodes.maximum * instance.vcpu)


def _volumes(registrations: Registrations) -> Iterator[_Count]:
    """GiB of nodes' root volumes, and of what monitoring keeps its samples on."""
    for nodes in pool_nodes(registrations):
        yield _Count(GP3_STORAGE, nodes.minimum * nodes.disk_gib, nodes.maximum * nodes.disk_gib)
    for monitoring in registrations.of_type(MONITORING_TYPE):
        if region_of(registrations):
            yield _Count(GP3_STORAGE, monitoring.inputs["volumesGib"], monitoring.inputs["volumesGib"])


def _zone(registrations: Registrations, gateway: Registration) -> str:
    subnet = registrations.get(_where(gateway, "subnetId"))
    return str(subnet.inputs["availabilityZone"]) if subnet else _where(gateway, "subnetId")


def _where(resource: Registration, name: str) -> str:
    """The URN of the resource whose id a property has; the id itself of one that isn't the stack's."""
    return next(iter(resource.property_dependencies.get(name, ())), "") or str(resource.inputs[name])
