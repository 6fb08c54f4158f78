import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.nodes import Resources
from sizing.quantities import GIB, MIB
from sizing.shapes import executor_shapes, smallest_executors, usual_shape


def test_shapes_of_a_node_with_16_cores() -> None:
    shapes = executor_shapes(Resources(cpu=15_610, memory=120 * GIB, pods=20))
    assert [shape.per_node for shape in shapes] == [1, 2, 4, 8]
    four = shapes[2]
    assert (four.cores, four.core_request) == (3, 3902)
    assert four.memory == 27_927 * MIB
    assert four.memory + four.memory_overhead == 30 * GIB


def test_small_heaps_get_sparks_least_overhead() -> None:
    (one, *_) = executor_shapes(Resources(cpu=2000, memory=3 * GIB, pods=10))
    assert one.memory_overhead == 384 * MIB


@pytest.mark.parametrize(
    "usable",
    [
        Resources(cpu=900, memory=16 * GIB, pods=10),
        Resources(cpu=4000, memory=1 * GIB, pods=10),
        Resources(cpu=4000, memory=16 * GIB, pods=0),
    ],
)
def test_a_node_too_small_for_an_executor_has_no_shape(usable: Resources) -> None:
    assert executor_shapes(usable) == ()


@given(st.integers(1000, 192_000), st.integers(2 * GIB, 2000 * GIB), st.integers(1, 110))
def test_executors_fill_their_node_and_never_more(cpu: int, memory: int, pods: int) -> None:
    usable = Resources(cpu=cpu, memory=memory, pods=pods)
    for shape in executor_shapes(usable):
        together = shape.request * shape.per_node
        assert together.fits_in(usable)
        assert usable.cpu - together.cpu < shape.per_node
        assert usable.memory - together.memory < shape.per_node * MIB
        assert shape.memory_overhead * 100 >= shape.memory * 10 - 100 * MIB
        assert shape.cores * 1000 <= shape.core_request < (shape.cores + 1) * 1000


def test_the_usual_shape_has_at_most_five_cores_where_there_is_one() -> None:
    assert usual_shape(executor_shapes(Resources(cpu=15_610, memory=120 * GIB, pods=20))).cores == 3
    assert usual_shape(executor_shapes(Resources(cpu=7_800, memory=2 * GIB, pods=20))).cores == 7
    with pytest.raises(ValueError, match="no executor fits"):
        usual_shape(())


@pytest.mark.parametrize(
    ("usable", "expected"),
    [
        (Resources(cpu=7530, memory=60 * GIB, pods=20), 7),
        (Resources(cpu=7530, memory=3 * (1024 + 384) * MIB + 1, pods=20), 3),
        (Resources(cpu=64_000, memory=600 * GIB, pods=20), 20),
        (Resources(cpu=900, memory=60 * GIB, pods=20), 0),
    ],
)
def test_a_node_holds_so_many_executors_of_the_smallest_kind(usable: Resources, expected: int) -> None:
    assert smallest_executors(usable) == expected


@given(st.integers(1000, 192_000), st.integers(2 * GIB, 2000 * GIB), st.integers(1, 110))
def test_no_shape_has_more_of_them(cpu: int, memory: int, pods: int) -> None:
    usable = Resources(cpu=cpu, memory=memory, pods=pods)
    assert all(shape.per_node <= smallest_executors(usable) for shape in executor_shapes(usable))
