from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import PLATFORM, Cost, CostLine, Price, Unpriced, Usd, cost_of, priced_line
from sizing.pricing.prices import HOURS_PER_MONTH, UnknownPrice, unit_price

PRICES = st.decimals(min_value=0, max_value=1000, places=12)
OWNERS = (PLATFORM, "ads-batch", "ads-reports")


def line(**changes: object) -> CostLine:
    nodes = CostLine(
        owner="ads-batch", what="nodes", unit="node", minimum=2, maximum=20, usd_per_unit_hour=Decimal("0.5")
    )
    return replace(nodes, **changes)  # type: ignore[arg-type]


def unpriced(why: Unpriced, **changes: object) -> CostLine:
    return line(usd_per_unit_hour=None, unpriced=why, **changes)


@st.composite
def lines(draw: st.DrawFn) -> CostLine:
    minimum = draw(st.integers(0, 10**5))
    price = draw(st.none() | PRICES)
    return CostLine(
        owner=draw(st.sampled_from(OWNERS)),
        what=draw(st.sampled_from(["nodes", "volumes", "keys"])),
        unit="unit",
        minimum=minimum,
        maximum=minimum + draw(st.integers(0, 10**5)),
        usd_per_unit_hour=price,
        unpriced=draw(st.sampled_from(Unpriced)) if price is None else None,
    )


def test_a_line_costs_its_units_at_minimum_and_maximum_and_nothing_is_said_without_a_price() -> None:
    assert line().per_hour == Usd(Decimal(1), Decimal(10))
    assert unpriced(Unpriced.BY_USE).per_hour is None


@pytest.mark.parametrize(
    ("price", "why"), [(None, None), (Decimal(0), Unpriced.UNKNOWN)], ids=["neither price nor reason", "both"]
)
def test_a_line_has_a_price_or_a_reason_for_none(price: Decimal | None, why: Unpriced | None) -> None:
    with pytest.raises(ValueError, match="nodes of ads-batch"):
        line(usd_per_unit_hour=price, unpriced=why)


def test_sums_are_by_owner_and_in_all_by_the_hour_and_the_month() -> None:
    cost = cost_of([line(), line(owner=PLATFORM, what="keys", minimum=3, maximum=3, usd_per_unit_hour=Decimal(2))])
    assert cost.owners == (PLATFORM, "ads-batch")
    assert cost.per_hour == Usd(Decimal(7), Decimal(16))
    assert cost.of("ads-batch").per_hour == Usd(Decimal(1), Decimal(10))
    assert cost.of("ads-batch").per_month == Usd(Decimal(730), Decimal(7300))
    assert cost.of("nobody") == Cost(())


def test_lines_without_a_price_are_listed_and_add_nothing() -> None:
    cost = cost_of([line(), *(unpriced(why, what=why.value) for why in Unpriced)])
    assert cost.per_hour == line().per_hour
    assert cost.priced == (line(),)
    assert {found.unpriced for found in cost.unpriced} == set(Unpriced)
    assert [found.unpriced for found in cost.unknown] == [Unpriced.UNKNOWN]


def test_lines_are_in_order_the_platforms_first_and_priced_ones_before_others() -> None:
    given_ = [unpriced(Unpriced.UNKNOWN, what="a"), line(what="c"), line(what="b"), line(owner=PLATFORM, what="d")]
    assert [found.what for found in cost_of(given_).lines] == ["d", "b", "c", "a"]


def test_lines_that_differ_in_numbers_only_are_one() -> None:
    assert cost_of([line(), line(minimum=1, maximum=1)]).lines == (line(minimum=3, maximum=21),)
    assert len(cost_of([line(), line(note="rotates")]).lines) == 2


def test_a_price_that_is_not_known_says_how_to_get_it() -> None:
    def ask() -> Price:
        return Price(unit_price("nat-gateway-hour", "mars-1"))

    found = priced_line(owner=PLATFORM, what="NAT gateways", unit="gateway", minimum=1, maximum=1, price=ask)
    assert found.usd_per_unit_hour is None
    assert found.unpriced is Unpriced.UNKNOWN
    assert found.note.startswith("no price of nat-gateway-hour in mars-1; `fleet refresh-instances --region mars-1`")


def test_only_an_unknown_price_is_forgiven() -> None:
    def broken() -> Price:
        raise KeyError("m5.large")

    with pytest.raises(KeyError):
        priced_line(owner=PLATFORM, what="nodes", unit="node", minimum=1, maximum=1, price=broken)
    assert issubclass(UnknownPrice, LookupError)


@pytest.mark.parametrize(
    ("minimum", "maximum", "over"),
    [
        pytest.param("999.99", "1000", (False, False), id="its maximum is just within"),
        pytest.param("0", "1000.01", (False, True), id="its maximum is over"),
        pytest.param("1000.01", "2000", (True, True), id="even its minimum is over"),
    ],
)
def test_a_budget_is_compared_at_minimum_and_maximum(minimum: str, maximum: str, over: tuple[bool, bool]) -> None:
    found = BudgetComparison(
        tenant="ads", monthly_usd=Decimal(1000), minimum=Decimal(minimum), maximum=Decimal(maximum), complete=True
    )
    assert (found.over_at_minimum, found.over_at_maximum) == over


@given(st.lists(lines(), max_size=8))
def test_owners_add_up_exactly_and_the_minimum_costs_no_more_than_the_maximum(some: list[CostLine]) -> None:
    cost = cost_of(some)
    total = cost.per_hour
    by_owner = [cost.of(owner).per_hour for owner in cost.owners]
    assert sum(usd.minimum for usd in by_owner) == total.minimum
    assert sum(usd.maximum for usd in by_owner) == total.maximum
    assert total.minimum <= total.maximum
    assert cost.per_month == Usd(total.minimum * HOURS_PER_MONTH, total.maximum * HOURS_PER_MONTH)


@given(st.lists(lines(), max_size=8), st.randoms(use_true_random=False))
def test_neither_order_nor_repeated_summing_changes_a_cost(some: list[CostLine], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cost_of(shuffled) == cost_of(some)
    assert cost_of(cost_of(some).lines) == cost_of(some)


@given(st.lists(lines(), max_size=8), lines())
def test_a_line_more_adds_exactly_its_price(some: list[CostLine], another: CostLine) -> None:
    more = another.per_hour or Usd(Decimal(0), Decimal(0))
    assert cost_of([*some, another]).per_hour == cost_of(some).per_hour + more
