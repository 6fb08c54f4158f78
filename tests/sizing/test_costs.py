from decimal import Decimal

import pytest

from sizing.costs import SPOT_SHARE, NodePrice, PoolPrice, known_pool_price, node_price, pool_price
from sizing.prices import HOURS_PER_MONTH, UnknownPrice, on_demand_hourly, unit_price


def test_a_node_costs_its_instance_and_its_root_volume() -> None:
    node = node_price("m7i.4xlarge", "eu-central-1", 100, spot=False)
    assert node.instance == on_demand_hourly("m7i.4xlarge", "eu-central-1")
    assert node.volume == unit_price("gp3-gb-month", "eu-central-1") * 100 / HOURS_PER_MONTH
    assert node.hourly == node.instance + node.volume


def test_spot_is_a_stated_share_of_on_demand_and_its_volume_is_not() -> None:
    on_demand = node_price("m7i.4xlarge", "eu-central-1", 100, spot=False)
    spot = node_price("m7i.4xlarge", "eu-central-1", 100, spot=True)
    assert spot.instance == on_demand.instance * SPOT_SHARE
    assert spot.volume == on_demand.volume


def test_a_pool_costs_its_nodes_at_minimum_and_maximum_and_pools_add_up() -> None:
    node = NodePrice(instance=Decimal("0.9"), volume=Decimal("0.1"))
    price = pool_price(node, 2, 20)
    assert price == PoolPrice(minimum=Decimal(2), maximum=Decimal(20))
    assert price + price == PoolPrice(minimum=Decimal(4), maximum=Decimal(40))


def test_what_has_no_price_is_not_priced_rather_than_free() -> None:
    with pytest.raises(UnknownPrice):
        node_price("m8i.xlarge", "eu-central-1", 100, spot=False)
    assert known_pool_price("m8i.xlarge", "eu-central-1", 100, 1, 2, spot=False) is None
    assert known_pool_price("m7i.xlarge", "eu-central-1", 100, 0, 0, spot=False) == PoolPrice(
        minimum=Decimal(0), maximum=Decimal(0)
    )
