import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.nodes import Resources
from sizing.quantities import GIB
from sizing.queues import DriverAllowance, PoolShare, driver_nodes, queue_size

NODE = Resources(cpu=15_000, memory=58 * GIB, ephemeral_storage=100 * GIB, pods=40)


def drivers(at_once: int, cpu: int = 1000, memory: int = 4 * GIB) -> DriverAllowance:
    return DriverAllowance(at_once=at_once, driver=Resources(cpu=cpu, memory=memory))


def test_a_queue_is_guaranteed_its_minima_and_has_at_most_its_maxima_and_its_drivers() -> None:
    size = queue_size(
        [PoolShare(min_nodes=2, max_nodes=10, usable=NODE), PoolShare(min_nodes=0, max_nodes=5, usable=NODE)],
        drivers(8),
    )
    assert size.guaranteed == Resources(cpu=30_000, memory=116 * GIB)
    assert size.maximum == Resources(cpu=15 * 15_000 + 8 * 1000, memory=15 * 58 * GIB + 8 * 4 * GIB)
    assert size.max_apps == 8


@pytest.mark.parametrize(
    ("allowances", "nodes"),
    [
        ([], 0),
        ([drivers(0)], 0),
        ([drivers(1)], 1),
        ([drivers(14)], 1),
        ([drivers(15)], 2),
        ([drivers(10), drivers(4)], 1),
        ([drivers(3, cpu=8000)], 3),
        ([drivers(3, cpu=15_000, memory=58 * GIB), drivers(1)], 4),
    ],
)
def test_the_driver_pool_holds_all_allowances(allowances: list[DriverAllowance], nodes: int) -> None:
    assert driver_nodes(allowances, NODE) == nodes


def test_a_driver_larger_than_a_node_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than what a driver node offers"):
        driver_nodes([drivers(1, cpu=16_000)], NODE)


@given(
    sizes=st.lists(st.tuples(st.integers(1, 12), st.integers(500, 15_000), st.integers(1, 58)), min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_no_order_of_arrival_needs_more_driver_nodes(sizes: list[tuple[int, int, int]], order: object) -> None:
    allowances = [drivers(count, cpu, memory * GIB) for count, cpu, memory in sizes]
    arrivals = [allowance.driver for allowance in allowances for _ in range(allowance.at_once)]
    order.shuffle(arrivals)  # type: ignore[attr-defined]
    nodes: list[Resources] = []
    for driver in arrivals:
        one = driver + Resources(pods=1)
        for index, used in enumerate(nodes):
            if (used + one).fits_in(NODE):
                nodes[index] = used + one
                break
        else:
            nodes.append(one)
    assert len(nodes) <= driver_nodes(allowances, NODE)
