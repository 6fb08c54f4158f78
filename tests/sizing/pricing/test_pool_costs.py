from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.instances import CATALOG, UnknownInstanceType
from sizing.pricing.costs import SPOT_SHARE, CostLine, SpotPrices, Unpriced, cost_of
from sizing.pricing.pool_costs import Capacity, PoolNodes, pool_lines
from sizing.pricing.prices import HOURS_PER_MONTH, hourly_unit_price, on_demand_hourly, unit_price

REGION = "eu-central-1"
POOL = PoolNodes(
    owner="ads-batch",
    identity="ads-batch-main",
    region=REGION,
    zones=("eu-central-1a", "eu-central-1b"),
    instance_types=("m7i.4xlarge", "m6i.4xlarge"),
    capacity="on-demand",
    disk_gib=100,
    minimum=2,
    maximum=20,
)
SHARE_NOTE = "40% of on-demand, an assumption"
HISTORY = {
    ("m7i.4xlarge", "eu-central-1a"): Decimal("0.30"),
    ("m6i.4xlarge", "eu-central-1b"): Decimal("0.40"),
    ("m7i.4xlarge", "us-east-1a"): Decimal("9"),
}


def nodes_of(pool: PoolNodes, spot_prices: SpotPrices | None = None) -> CostLine:
    return pool_lines(pool, spot_prices)[0]


def test_a_pool_has_its_nodes_and_their_root_volumes() -> None:
    nodes, volumes = pool_lines(POOL)
    assert nodes.what == "on-demand m7i.4xlarge nodes of pool ads-batch-main"
    assert (nodes.owner, nodes.unit, nodes.minimum, nodes.maximum) == ("ads-batch", "node", 2, 20)
    assert nodes.usd_per_unit_hour == on_demand_hourly("m7i.4xlarge", REGION)
    assert volumes.what == "gp3 root volumes of pool ads-batch-main"
    assert (volumes.owner, volumes.unit, volumes.minimum, volumes.maximum) == ("ads-batch", "GiB", 200, 2000)
    assert volumes.usd_per_unit_hour is not None
    month = volumes.usd_per_unit_hour * HOURS_PER_MONTH
    assert abs(month - unit_price("gp3-gb-month", REGION)) < Decimal("1e-9")


@pytest.mark.parametrize(
    ("capacity", "history", "usd", "note"),
    [
        pytest.param("spot", None, on_demand_hourly("m7i.4xlarge", REGION) * SPOT_SHARE, SHARE_NOTE, id="a share"),
        pytest.param(
            "spot",
            HISTORY,
            Decimal("0.35"),
            "the average of 7 days over its types and zones, 0.3 to 0.4",
            id="history of its own types and zones",
        ),
        pytest.param(
            "spot",
            {},
            on_demand_hourly("m7i.4xlarge", REGION) * SPOT_SHARE,
            f"no Spot price history; {SHARE_NOTE}",
            id="history asked for, and none there",
        ),
        pytest.param(
            "spot or on-demand",
            None,
            on_demand_hourly("m7i.4xlarge", REGION),
            f"as on-demand, its fall-back; Spot is 0.3864 an hour: {SHARE_NOTE}",
            id="with a fall-back, what that costs",
        ),
        pytest.param(
            "spot or on-demand",
            HISTORY,
            on_demand_hourly("m7i.4xlarge", REGION),
            "as on-demand, its fall-back; Spot is 0.35 an hour: "
            "the average of 7 days over its types and zones, 0.3 to 0.4",
            id="with a fall-back and history",
        ),
        pytest.param("on-demand", HISTORY, on_demand_hourly("m7i.4xlarge", REGION), "", id="history is of Spot only"),
    ],
)
def test_what_a_node_costs_and_assumes(capacity: Capacity, history: SpotPrices | None, usd: Decimal, note: str) -> None:
    nodes = nodes_of(replace(POOL, capacity=capacity), history)
    assert nodes.usd_per_unit_hour == usd
    assert nodes.note == note


@pytest.mark.parametrize(
    ("types", "note"),
    [
        (("m7i.4xlarge",), ""),
        (("m6i.4xlarge", "m7i.4xlarge"), "up to 0.966 an hour as m7i.4xlarge, where AWS has no m6i.4xlarge"),
        (("m7i.4xlarge", "m8i.4xlarge"), "no price of its other types m8i.4xlarge"),
    ],
    ids=["one type", "a dearer one", "one without a price"],
)
def test_alike_types_are_priced_as_the_first_and_a_dearer_one_is_told(types: tuple[str, ...], note: str) -> None:
    nodes = nodes_of(replace(POOL, instance_types=types))
    assert nodes.usd_per_unit_hour == on_demand_hourly(types[0], REGION)
    assert nodes.note == note


def test_nodes_of_retiring_generations_are_told_and_not_counted() -> None:
    nodes = nodes_of(replace(POOL, retiring=("a", "b")))
    assert (nodes.minimum, nodes.maximum) == (2, 20)
    assert nodes.note == "nodes left of generation a, b come on top"


@pytest.mark.parametrize("capacity", ["on-demand", "spot", "spot or on-demand"])
def test_what_has_no_price_is_not_priced_rather_than_free(capacity: Capacity) -> None:
    nodes, volumes = pool_lines(replace(POOL, instance_types=("m8i.4xlarge",), capacity=capacity))
    assert nodes.unpriced is Unpriced.UNKNOWN
    assert nodes.note.startswith("no price of m8i.4xlarge in eu-central-1; `fleet refresh-instances")
    assert volumes.unpriced is None
    with pytest.raises(UnknownInstanceType):
        pool_lines(replace(POOL, instance_types=("m8i.4xlrge",), capacity=capacity))


def test_spot_history_prices_a_type_that_has_no_list_price() -> None:
    history = {("m8i.4xlarge", "eu-central-1a"): Decimal("0.31")}
    pool = replace(POOL, instance_types=("m8i.4xlarge",), capacity="spot")
    assert nodes_of(pool, history).usd_per_unit_hour == Decimal("0.31")


@st.composite
def pools(draw: st.DrawFn) -> PoolNodes:
    region = draw(st.sampled_from(sorted(CATALOG.on_demand)))
    minimum = draw(st.integers(0, 300))
    return replace(
        POOL,
        region=region,
        instance_types=(draw(st.sampled_from(sorted(CATALOG.on_demand[region]))),),
        capacity=draw(st.sampled_from(["on-demand", "spot", "spot or on-demand"])),
        disk_gib=draw(st.integers(20, 16384)),
        minimum=minimum,
        maximum=minimum + draw(st.integers(0, 2000)),
    )


@given(pools())
def test_a_node_more_costs_exactly_its_instance_and_its_volume(pool: PoolNodes) -> None:
    share = SPOT_SHARE if pool.capacity == "spot" else Decimal(1)
    instance = on_demand_hourly(pool.instance_types[0], pool.region) * share
    node = instance + pool.disk_gib * hourly_unit_price("gp3-gb-month", pool.region)
    usd = cost_of(pool_lines(pool)).per_hour
    larger = cost_of(pool_lines(replace(pool, minimum=pool.minimum + 1, maximum=pool.maximum + 1))).per_hour
    assert larger.minimum - usd.minimum == node
    assert larger.maximum - usd.maximum == node
    assert usd.minimum <= usd.maximum
    assert usd.minimum == pool.minimum * node
