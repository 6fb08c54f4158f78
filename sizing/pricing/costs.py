"""What things cost at their minimum and at their maximum, by list prices: lines, and their sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Final

from sizing.pricing.prices import HOURS_PER_MONTH, UnknownPrice

PLATFORM: Final = "platform"
"""The owner of what all queues share."""
SPOT_SHARE: Final = Decimal("0.4")
"""What Spot is taken to cost, as a share of on-demand. It changes by the hour and zone: an assumption, not a price."""
SPOT_DAYS: Final = 7
"""Days over which Spot prices are averaged where EC2 is asked for them."""
SpotPrices = Mapping[tuple[str, str], Decimal]
"""USD an hour of a Spot instance, the average of `SPOT_DAYS`, by instance type and zone."""


class Unpriced(StrEnum):
    """Why a line has no price."""

    BY_USE = "charged by use"
    """AWS charges for what is done with it, which no preview tells."""
    UNKNOWN = "price not known"
    """It costs something, and the data file doesn't say how much."""
    ELSEWHERE = "paid elsewhere"
    """It is there already, and somebody else's."""


@dataclass(frozen=True)
class Usd:
    """US dollars at the minimum and at the maximum, by the hour unless said otherwise."""

    minimum: Decimal
    maximum: Decimal

    def __add__(self, other: Usd) -> Usd:
        return Usd(self.minimum + other.minimum, self.maximum + other.maximum)

    @property
    def per_month(self) -> Usd:
        """Of an hourly amount, the one of a month of 730 hours."""
        return Usd(self.minimum * HOURS_PER_MONTH, self.maximum * HOURS_PER_MONTH)


ZERO: Final = Usd(Decimal(0), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """Units of one kind that one owner has, and what one of them costs.

    Attributes:
        owner: `PLATFORM`, or a queue's namespace; a tenant's name for what is no queue's.
        what: in words; the same words before and after a change for the same thing of an owner.
        unit: of the numbers, in the singular.
        minimum: units at the minimum.
        maximum: units at the maximum.
        usd_per_unit_hour: None where there is no price.
        note: what the price assumes, or why there is none; may be empty.
        unpriced: why there is no price; None where there is one.

    Raises:
        ValueError: the price and `unpriced` are both there, or both missing.
    """

    owner: str
    what: str
    unit: str
    minimum: int
    maximum: int
    usd_per_unit_hour: Decimal | None = None
    note: str = ""
    unpriced: Unpriced | None = None

    def __post_init__(self) -> None:
        if (self.usd_per_unit_hour is None) == (self.unpriced is None):
            raise ValueError(f"{self.what} of {self.owner}: a price, or a reason for none")

    @property
    def per_hour(self) -> Usd | None:
        """All its units by the hour; None without a price."""
        if self.usd_per_unit_hour is None:
            return None
        return Usd(self.usd_per_unit_hour * self.minimum, self.usd_per_unit_hour * self.maximum)


@dataclass(frozen=True)
class Cost:
    """Lines, and their sums. Sums are of the priced lines alone: `unpriced` says what they lack.

    Attributes:
        lines: by owner, the platform first; of one owner those with a price first; then by their words.
    """

    lines: tuple[CostLine, ...]

    @property
    def owners(self) -> tuple[str, ...]:
        """Whoever has a line, the platform first."""
        return tuple(dict.fromkeys(line.owner for line in self.lines))

    def of(self, owner: str) -> Cost:
        """The lines of one owner."""
        return Cost(tuple(line for line in self.lines if line.owner == owner))

    @property
    def priced(self) -> tuple[CostLine, ...]:
        """The lines with a price."""
        return tuple(line for line in self.lines if line.unpriced is None)

    @property
    def unpriced(self) -> tuple[CostLine, ...]:
        """The lines without one."""
        return tuple(line for line in self.lines if line.unpriced is not None)

    @property
    def unknown(self) -> tuple[CostLine, ...]:
        """The lines by which the sums are too low although the preview says how much there is of them."""
        return tuple(line for line in self.lines if line.unpriced is Unpriced.UNKNOWN)

    @property
    def per_hour(self) -> Usd:
        """The sum of the priced lines."""
        return sum((line.per_hour for line in self.lines if line.per_hour is not None), ZERO)

    @property
    def per_month(self) -> Usd:
        """The sum of the priced lines over a month of 730 hours."""
        return self.per_hour.per_month


def cost_of(lines: Iterable[CostLine]) -> Cost:
    """The cost that these lines make up, in order; lines that differ in their numbers only become one."""
    merged: dict[CostLine, CostLine] = {}
    for line in lines:
        key = replace(line, minimum=0, maximum=0)
        known = merged.get(key, key)
        merged[key] = replace(line, minimum=known.minimum + line.minimum, maximum=known.maximum + line.maximum)
    return Cost(tuple(sorted(merged.values(), key=_order)))


def _order(line: CostLine) -> tuple[object, ...]:
    price = line.usd_per_unit_hour or Decimal(0)
    return line.owner != PLATFORM, line.owner, line.unpriced or "", line.what, line.note, line.unit, price


@dataclass(frozen=True)
class Price:
    """USD an hour of one unit, and what it assumes."""

    usd: Decimal
    note: str = ""


def priced_line(
    *, owner: str, what: str, unit: str, minimum: int, maximum: int, price: Callable[[], Price]
) -> CostLine:
    """A line whose price the data file may not have.

    Args:
        owner: see `CostLine`, as for what follows.
        what: in words.
        unit: in the singular.
        minimum: units at the minimum.
        maximum: units at the maximum.
        price: gives the price, or raises UnknownPrice.
    """
    line = partial(CostLine, owner=owner, what=what, unit=unit, minimum=minimum, maximum=maximum)
    try:
        found = price()
    except UnknownPrice as error:
        why = f"no price of {error.what} in {error.region}; {error.remedy}"
        return line(note=why, unpriced=Unpriced.UNKNOWN)
    return line(usd_per_unit_hour=found.usd, note=found.note)
