"""Numbers of replays as people read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sizing.pricing.prices import HOURS_PER_MONTH

if TYPE_CHECKING:
    import pyarrow as pa


def share(part: float | None, whole: float = 1.0) -> str:
    """What a part is of the whole, in percent; `-` where nobody knows it, or the whole is nothing."""
    return "-" if part is None or not whole else f"{part / whole:.0%}"


def usd(amount: float | None, hours: float) -> str:
    """What was spent in so many hours, as USD of a month of 730 hours; `?` where a price isn't known."""
    return "?" if amount is None else whole(amount * HOURS_PER_MONTH / hours)


def whole(amount: float) -> str:
    """USD without cents."""
    return f"{amount:,.0f}"


def doubts(table: pa.Table, off: str) -> str:
    """What a reader must know of a trace to believe what comes of it: sentences, a line each.

    Args:
        table: the trace.
        off: how far its replays were from what was measured (`trust`).
    """
    from capacity.traces.contents import contents

    return "\n".join((*contents(table).coarseness, off))


def trust(trace: Path) -> str:
    """How far replays of a trace were from what was measured, in a sentence.

    Raises:
        CapacityError: what `fleet capacity backtest` wrote beside the trace isn't as it was written.
    """
    from capacity.backtesting.record import read_error, said

    return f"{said(read_error(trace))}."
