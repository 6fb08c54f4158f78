from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing import network

NODES = st.integers(0, 3000)
PODS = st.integers(1, 250)
SUBNETS = st.integers(16, 28).map(lambda length: f"10.0.0.0/{length}")


def needed(nodes: int, pods: int) -> int:
    """Addresses for nodes of one kind."""
    return network.addresses_needed_by({pods: nodes})


@pytest.mark.parametrize(("pods", "prefixes"), [(1, 2), (16, 2), (17, 3), (58, 5), (110, 8), (250, 17)])
def test_a_node_takes_a_prefix_for_every_16_pods_and_one_more(pods: int, prefixes: int) -> None:
    """58 pods -> 5 prefixes is a row of the upstream table."""
    assert network.prefixes_per_node(pods) == prefixes


@pytest.mark.parametrize(("pods", "interfaces"), [(1, 1), (110, 1), (128, 1), (129, 2), (250, 2)])
def test_a_node_takes_a_second_interface_when_the_first_is_full(pods: int, interfaces: int) -> None:
    assert network.interfaces_per_node(pods) == interfaces


@pytest.mark.parametrize(
    ("nodes", "pods", "length"),
    [
        (0, 1, 22),  # more than the 60 single addresses of a /23 for all that is no node
        (5, 110, 22),
        (100, 110, 18),
        (500, 30, 17),
        (900, 110, 14),  # more than a VPC can give: for the caller to refuse
    ],
)
def test_the_smallest_subnet_for_a_zones_nodes(nodes: int, pods: int, length: int) -> None:
    assert network.prefix_length(needed(nodes, pods)) == length


@pytest.mark.parametrize(
    ("cidr", "pods", "nodes"),
    [
        ("10.0.0.0/16", 110, 407),
        ("10.0.0.0/18", 110, 101),
        ("10.0.0.0/18", 30, 271),
        ("10.0.0.0/22", 110, 6),
        ("10.0.0.0/24", 110, 0),
        ("10.0.0.0/28", 1, 0),
    ],
)
def test_so_many_nodes_and_no_more_fit_a_subnet(cidr: str, pods: int, nodes: int) -> None:
    size = IPv4Network(cidr).num_addresses
    assert nodes == 0 or needed(nodes, pods) <= size
    assert needed(nodes + 1, pods) > size


@given(PODS, NODES)
def test_one_node_more_never_needs_less(pods: int, nodes: int) -> None:
    assert needed(nodes, pods) <= needed(nodes + 1, pods)


@given(st.dictionaries(PODS, NODES, max_size=4))
def test_the_size_needed_is_a_power_of_two_and_never_less_than_each_kind_alone(nodes: dict[int, int]) -> None:
    size = network.addresses_needed_by(nodes)
    assert size & (size - 1) == 0
    assert all(needed(count, pods) <= size for pods, count in nodes.items())


@pytest.mark.parametrize(("nodes", "without"), [(1, {"endpoints": 10}), (12, {"endpoints": 0, "load_balancers": 0})])
def test_fewer_endpoints_and_load_balancers_leave_room_for_nodes(nodes: int, without: dict[str, int]) -> None:
    assert needed(1, 16) > 512
    assert network.addresses_needed_by({16: nodes}, **without) == 512
    assert network.addresses_needed_by({16: nodes + 1}, **without) > 512


@given(SUBNETS)
def test_reservations_are_the_subnet_without_its_first_eighth(cidr: str) -> None:
    subnet = IPv4Network(cidr)
    parts = [IPv4Network(part) for part in network.prefix_reservations(cidr)]
    assert all(part.subnet_of(subnet) and part.prefixlen <= 28 for part in parts)
    assert not any(one.overlaps(other) for one, other in combinations(parts, 2))
    assert not parts or parts[-1].broadcast_address == subnet.broadcast_address
    if subnet.prefixlen <= 25:
        assert sum(part.num_addresses for part in parts) * 8 == subnet.num_addresses * 7


def test_reservations_of_a_subnet() -> None:
    assert network.prefix_reservations("10.0.64.0/18") == ["10.0.72.0/21", "10.0.80.0/20", "10.0.96.0/19"]


@pytest.mark.parametrize(
    ("cidr", "result"), [("10.0.0.0/15", False), ("10.0.0.0/16", True), ("10.0.0.0/28", True), ("10.0.0.0/29", False)]
)
def test_sizes_that_a_vpc_can_have(cidr: str, *, result: bool) -> None:
    assert network.allowed_in_vpc(cidr) is result


@pytest.mark.parametrize(("addresses", "length"), [(1, 32), (16, 28), (17, 27), (16384, 18), (2**32, 0)])
def test_prefix_length_of_so_many_addresses(addresses: int, length: int) -> None:
    assert network.prefix_length(addresses) == length


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        network.prefixes_per_node(0)
    with pytest.raises(ValueError, match="-1 nodes"):
        needed(-1, 10)
    with pytest.raises(ValueError, match="-1 endpoints"):
        network.addresses_needed_by({10: 1}, endpoints=-1)
    with pytest.raises(ValueError, match="0 addresses"):
        network.prefix_length(0)
    for cidr in ("10.0.0.1/16", "fd00::/64", "ten", ""):
        with pytest.raises(ValueError):  # noqa: PT011 - the text is ipaddress's
            network.allowed_in_vpc(cidr)
