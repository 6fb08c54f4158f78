from decimal import Decimal

import pytest

from sizing.instances import CATALOG, UnknownInstanceType, instance
from sizing.pricing.prices import (
    HOURS_PER_MONTH,
    UnknownPrice,
    hourly_unit_price,
    on_demand_hourly,
    plain,
    unit_price,
)


@pytest.mark.parametrize(
    ("name", "region", "usd"),
    [
        ("m5.xlarge", "us-east-1", "0.192"),
        ("m5.xlarge", "eu-central-1", "0.23"),
        ("r5.4xlarge", "us-west-2", "1.008"),
        ("c5.large", "ap-southeast-1", "0.098"),
    ],
)
def test_list_prices_of_well_known_types(name: str, region: str, usd: str) -> None:
    assert on_demand_hourly(name, region) == on_demand_hourly(instance(name), region) == Decimal(usd)


def test_unit_prices() -> None:
    assert unit_price("eks-cluster-hour", "eu-west-1") == Decimal("0.10")
    assert unit_price("gp3-gb-month", "eu-central-1") == Decimal("0.0952")
    assert unit_price("nat-gateway-hour", "us-east-1") == unit_price("nat-gateway-gb", "us-east-1") == Decimal("0.045")


def test_a_month_is_a_twelfth_of_a_year() -> None:
    assert HOURS_PER_MONTH * 12 == 365 * 24


def test_what_is_priced_by_the_month_has_a_price_by_the_hour() -> None:
    assert hourly_unit_price("kms-key-month", "eu-central-1") == Decimal("0.001369863014")
    assert hourly_unit_price("nat-gateway-hour", "eu-central-1") == unit_price("nat-gateway-hour", "eu-central-1")


@pytest.mark.parametrize(("usd", "text"), [("0.0952000", "0.0952"), ("0.58128", "0.5813"), ("100", "100"), ("0", "0")])
def test_a_price_for_people_has_four_digits_at_most(usd: str, text: str) -> None:
    assert plain(Decimal(usd)) == text


def test_what_every_region_pays_alike_is_known_in_every_region() -> None:
    for region in CATALOG.price_dates:
        assert unit_price("public-ipv4-hour", region) == Decimal("0.005")
        assert unit_price("kms-key-month", region) == 1


def test_an_unknown_region_is_refused_naming_those_that_are_known() -> None:
    with pytest.raises(UnknownPrice, match=r"no price of m5\.xlarge in 'mars-1': known for .*eu-west-1.*") as error:
        on_demand_hourly("m5.xlarge", "mars-1")
    assert isinstance(error.value, LookupError)
    assert (error.value.what, error.value.region) == ("m5.xlarge", "mars-1")
    with pytest.raises(UnknownPrice, match="no price of nat-gateway-hour in 'mars-1'"):
        unit_price("nat-gateway-hour", "mars-1")


def test_an_unknown_type_is_no_matter_of_price() -> None:
    with pytest.raises(UnknownInstanceType, match="did you mean"):
        on_demand_hourly("m5.xlrge", "us-east-1")


def test_every_price_is_positive_and_of_a_known_type() -> None:
    assert set(CATALOG.on_demand) == set(CATALOG.price_dates)
    for prices in CATALOG.on_demand.values():
        assert prices.keys() <= CATALOG.instances.keys()
        assert min(prices.values()) > 0


def test_nearly_every_type_has_a_price_somewhere() -> None:
    priced = {name for prices in CATALOG.on_demand.values() for name in prices}
    assert len(priced) > 0.95 * len(CATALOG.instances)
