"""What the period of a report stands beside: as long a time before it, and the month in which it ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fleet.live.cost.amounts import Amount, Measurements, Owner, grouped
from fleet.live.cost.period import HOUR, month_of


class Beside:
    """What owners have cost beside the period: before it, and in its month.

    Args:
        measured: all that there is.
    """

    def __init__(self, measured: Measurements) -> None:
        self._before = measured.before
        self._earlier = _by_owner(measured.before.amounts if measured.before else ())
        self._so_far = _by_owner(measured.month.amounts if measured.month else ())
        self._period = grouped(measured.amounts, lambda amount: amount.owner)
        month = month_of(measured.period)
        self._start = month.start
        end = max((amount.span.end for amount in measured.amounts), default=month.end)
        self._left = max(0.0, (month.end - end) / HOUR)
        """Hours of the month after the last that is known."""
        self._asked = measured.before is not None

    def before(self, owners: Iterable[Owner]) -> float | None:
        """USD of all of them; None where there is nothing of that time."""
        if not self._before or not self._before.covered:
            return None
        return sum(self._earlier.get(owner, 0.0) for owner in owners)

    def forecast(self, owners: Iterable[Owner]) -> float | None:
        """USD of the month of all of them, each going on as in the hours when it was there; None where nobody asked."""
        return sum(map(self._of, owners)) if self._asked else None

    def _of(self, owner: Owner) -> float:
        amounts = self._period[owner]
        hours = sum(amount.hours for amount in amounts)
        rate = sum(amount.cost for amount in amounts) / hours if hours else 0.0
        now = sum(amount.cost for amount in amounts if amount.span.start >= self._start)
        return self._so_far.get(owner, 0.0) + now + rate * self._left


def _by_owner(amounts: Iterable[Amount]) -> dict[Owner, float]:
    found: defaultdict[Owner, float] = defaultdict(float)
    for amount in amounts:
        found[amount.owner] += amount.cost
    return dict(found)
