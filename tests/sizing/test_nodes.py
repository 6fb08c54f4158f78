import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.instances import CATALOG, InstanceType, instance
from sizing.nodes import (
    DaemonSetOverhead,
    Resources,
    allocatable,
    eni_max_pods,
    eviction_storage,
    max_pods,
    real_memory,
    reserved_cpu,
    reserved_memory,
    scale_from_zero_resources,
    storage_capacity,
    usable,
)
from sizing.quantities import GIB, KIB, MIB

TYPES = st.sampled_from(sorted(CATALOG.instances.values(), key=lambda item: item.name))
AMOUNTS = st.builds(Resources, *[st.integers(0, 2**50)] * 4)


@pytest.mark.parametrize(
    ("vcpu", "millicores"), [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (36, 160), (48, 190), (64, 230), (192, 550)]
)
def test_reserved_cpu_as_nodeadm_computes_it(vcpu: int, millicores: int) -> None:
    assert reserved_cpu(vcpu * 1000) == millicores


@pytest.mark.parametrize(
    ("name", "pods", "capacity", "memory"),
    [
        # published node statuses: AL2023 with Kubernetes 1.35 and 1.32
        ("t3.medium", 17, 3926448 * KIB, 3371440 * KIB),
        ("t3.medium", 17, 3931728 * KIB, 3376720 * KIB),
        # AL2 with Kubernetes 1.27 and 1.17
        ("m5.large", 29, 7824344 * KIB, 7134168 * KIB),
        ("m5.large", 29, 7951036 * KIB, 7260860 * KIB),
    ],
)
def test_allocatable_memory_of_real_nodes(name: str, pods: int, capacity: int, memory: int) -> None:
    computed = allocatable(instance(name), pods, 20, memory_capacity=capacity).memory
    assert 0 <= memory - computed < MIB


@pytest.mark.parametrize(
    ("name", "cpu", "capacity_gib", "memory_gib"),
    [
        # measured in 2i2c-org/infrastructure, instance_capacities.yaml 5857bd86, lowest figures
        ("r5.xlarge", 3920, 30.886, 29.916),
        ("r5.2xlarge", 7910, 62.011, 61.041),
        ("r5.4xlarge", 15890, 124.352, 121.492),
        ("r5.16xlarge", 63770, 498.372, 490.108),
        ("r7i.xlarge", 3920, 30.816, 29.847),
        ("r7i.4xlarge", 15890, 123.79, 120.93),
        ("m5.large", 1930, 7.461, 6.803),
        ("m5.xlarge", 3920, 15.172, 14.202),
    ],
)
def test_real_nodes_offer_what_is_computed(name: str, cpu: int, capacity_gib: float, memory_gib: float) -> None:
    item = instance(name)
    computed = allocatable(item, eni_max_pods(item), 80)
    assert computed.cpu == cpu
    assert real_memory(item) <= capacity_gib * GIB
    assert 0.94 * memory_gib * GIB <= computed.memory <= memory_gib * GIB


@pytest.mark.parametrize(
    ("name", "overhead_mib"),
    [
        # the worst that Karpenter measured for a size, aws/karpenter-provider-aws 15e87699c and 33450d8f8
        ("c5.large", 433),
        ("c5d.xlarge", 615),
        ("c5.2xlarge", 869),
        ("c5.4xlarge", 1710),
        ("m5.4xlarge", 2718),
        ("c5.9xlarge", 3521),
        ("m5.8xlarge", 5090),
        ("c5.18xlarge", 6728),
        ("m5d.24xlarge", 14605),
        ("m7a.48xlarge", 28648),
        ("r6a.48xlarge", 57072),
        ("r7g.16xlarge", 17603),
        ("x2iedn.32xlarge", 81850),
        # AL2023, Kubernetes 1.35
        ("t3.medium", 262),
    ],
)
def test_measured_memory_is_never_less_than_real_memory(name: str, overhead_mib: int) -> None:
    item = instance(name)
    measured = (item.memory_mib - overhead_mib) * MIB
    assert real_memory(item) <= measured
    assert real_memory(item) > 0.93 * measured


def test_unmeasured_generations_lose_at_least_karpenters_share() -> None:
    assert real_memory(instance("r8g.4xlarge")) == int(128 * 1024 * 0.925) * MIB
    assert real_memory(instance("r8g.4xlarge")) < real_memory(instance("r7g.4xlarge"))
    assert real_memory(instance("c8g.large")) == real_memory(instance("c7g.large"))


@pytest.mark.parametrize(
    ("capacity_kib", "allocatable_bytes"), [(20959212, 18242267924), (83873772, 76224326324), (20893676, 18181869946)]
)
def test_allocatable_storage_of_real_nodes(capacity_kib: int, allocatable_bytes: int) -> None:
    capacity = capacity_kib * KIB
    assert 0 <= allocatable_bytes - (capacity - GIB - eviction_storage(capacity)) < 64


def test_the_root_volume_holds_at_least_what_is_computed() -> None:
    assert storage_capacity(instance("m5.xlarge"), 20) <= 20893676 * KIB
    assert allocatable(instance("m5.xlarge"), 58, 20).ephemeral_storage <= 18181869946


def test_instance_store_carries_the_pods_storage_where_there_is_one() -> None:
    with_disk = instance("i4i.2xlarge")
    assert storage_capacity(with_disk, 100) == 1875 * 10**9 * 99 // 100
    assert storage_capacity(with_disk, 100, raid0=False) == storage_capacity(instance("r5.2xlarge"), 100)
    assert allocatable(with_disk, 110, 100, raid0=False).ephemeral_storage < 100 * GIB


@pytest.mark.parametrize(
    ("name", "prefixes", "addresses"),
    [("t3.medium", 110, 17), ("m5.large", 110, 29), ("m5.4xlarge", 110, 110), ("m5.8xlarge", 250, 234)],
)
def test_pods_by_the_max_pods_calculator(name: str, prefixes: int, addresses: int) -> None:
    assert max_pods(instance(name)) == prefixes
    assert max_pods(instance(name), prefix_delegation=False) == addresses


@pytest.mark.parametrize(
    ("name", "pods"), [("t3.medium", 17), ("m5.xlarge", 58), ("m5.4xlarge", 234), ("c5.18xlarge", 737)]
)
def test_pods_that_nodeadm_sets_when_told_nothing(name: str, pods: int) -> None:
    assert eni_max_pods(instance(name)) == pods


def test_memory_is_reserved_for_the_pods_that_nodeadm_counts() -> None:
    item = instance("m5.4xlarge")
    told = allocatable(item, 110, 50)
    untold = allocatable(item, 110, 50, reserved_for_pods=eni_max_pods(item))
    assert told.pods == untold.pods == 110
    assert told.memory - untold.memory == (234 - 110) * 11 * MIB
    assert reserved_memory(58) == 893 * MIB


def test_a_node_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(ValueError, match=r"nothing is left of a node of t3\.medium with 400 pods"):
        allocatable(instance("t3.medium"), 400, 20)
    with pytest.raises(ValueError, match="root volume of 1 GiB"):
        allocatable(instance("m5.xlarge"), 58, 1)


def test_usable_is_what_the_daemonsets_leave() -> None:
    node = Resources(cpu=3920, memory=14 * GIB, ephemeral_storage=50 * GIB, pods=110)
    agents = [DaemonSetOverhead("aws-node", 50, 0), DaemonSetOverhead("logs", 100, 200 * MIB, GIB)]
    assert usable(node, agents) == Resources(3770, 14 * GIB - 200 * MIB, 49 * GIB, 108)
    assert usable(node, []) == node


def test_daemonsets_that_fill_a_node_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="leave nothing beside its DaemonSets: big 4/1Gi"):
        usable(Resources(3920, 14 * GIB, GIB, 110), [DaemonSetOverhead("big", 4000, GIB)])


def test_the_autoscalers_own_kube_proxy_is_added_for_scaling_from_zero() -> None:
    node = Resources(3920, GIB, GIB, 110)
    assert scale_from_zero_resources(node) == Resources(4020, GIB, GIB, 111)


@given(TYPES, st.integers(10, 250), st.integers(20, 2000))
def test_allocatable_is_less_than_nominal(item: InstanceType, pods: int, root: int) -> None:
    node = allocatable(item, pods, root, raid0=False)
    assert node.fits_in(Resources(item.vcpu * 1000 - 1, item.memory_mib * MIB - 1, root * GIB - 1, pods))
    assert node.memory % MIB == node.ephemeral_storage % MIB == 0


@given(TYPES, TYPES)
def test_a_larger_type_of_a_measured_generation_offers_no_less(one: InstanceType, other: InstanceType) -> None:
    small, large = sorted((one, other), key=lambda item: item.memory_mib)
    if max(small.generation, large.generation) <= 7:
        assert real_memory(small) <= real_memory(large)
    assert (reserved_cpu(one.vcpu * 1000) <= reserved_cpu(other.vcpu * 1000)) == (one.vcpu <= other.vcpu)


@given(TYPES, st.integers(10, 249), st.integers(20, 500))
def test_more_pods_cost_memory_and_more_disk_gives_storage(item: InstanceType, pods: int, root: int) -> None:
    node = allocatable(item, pods, root, raid0=False)
    assert allocatable(item, pods + 1, root, raid0=False).memory == node.memory - 11 * MIB
    assert allocatable(item, pods, root + 1, raid0=False).ephemeral_storage > node.ephemeral_storage


@given(TYPES)
def test_prefixes_never_mean_fewer_pods(item: InstanceType) -> None:
    assert 0 < max_pods(item, prefix_delegation=False) <= max_pods(item) <= 250


@given(AMOUNTS, AMOUNTS, st.integers(0, 1000))
def test_resources_add_up(one: Resources, other: Resources, count: int) -> None:
    assert one + other - other == one
    assert one.fits_in(one + other)
    assert count * one == sum([one] * count, start=Resources()) == one * count
