"""Numbers of replays as people read them."""

from __future__ import annotations

from sizing.pricing.prices import HOURS_PER_MONTH


def seconds(number: float) -> str:
    """Seconds, or minutes where there are many."""
    return f"{number:.0f} s" if number < 120 else f"{number / 60:.0f} min"


def share(part: float | None, whole: float = 1.0) -> str:
    """What a part is of the whole, in percent; `-` where nobody knows it, or the whole is nothing."""
    return "-" if part is None or not whole else f"{part / whole:.0%}"


def usd(amount: float | None, hours: float) -> str:
    """What was spent in so many hours, as USD of a month of 730 hours; `?` where a price isn't known."""
    return "?" if amount is None else whole(amount * HOURS_PER_MONTH / hours)


def whole(amount: float) -> str:
    """USD without cents."""
    return f"{amount:,.0f}"
