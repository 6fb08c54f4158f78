"""What a stack was, read by the program of today.

An earlier revision's components may have other inputs than those that costs, tables and drawings are of, and its nodes
may be of types that the data file has no more. That is no fault: what can't be read of it is said to be so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from fleet.offline.costs import stack_cost
from fleet.offline.pools import PoolRow, QueueRow, pool_rows, queue_rows
from fleet.offline.registration import Registrations
from sizing.instances import UnknownInstanceType
from sizing.pricing.costs import Cost, SpotPrices

T = TypeVar("T")


@dataclass(frozen=True)
class Unread:
    """What can't be read, and why not."""

    why: str


@dataclass(frozen=True)
class Earlier:
    """What a stack was, as far as it can be read; `Unread` where it can't.

    Attributes:
        cost: by the prices of today.
        queues: sorted by name.
        pools: sorted by identity.
    """

    cost: Cost | Unread
    queues: tuple[QueueRow, ...] | Unread
    pools: tuple[PoolRow, ...] | Unread

    @property
    def not_known(self) -> tuple[str, ...]:
        """A sentence for each reason why something could not be read."""
        parts = {"cost": self.cost, "queues": self.queues, "pools": self.pools}
        reasons: defaultdict[str, list[str]] = defaultdict(list)
        for name, part in parts.items():
            if isinstance(part, Unread):
                reasons[part.why].append(name)
        return tuple(f"Before, not known: {', '.join(names)} ({why})." for why, names in reasons.items())


NOTHING: Final = Earlier(Cost(()), (), ())
"""Of a stack that was not there."""


def earlier(registrations: Registrations, spot_prices: SpotPrices | None) -> Earlier:
    """What a stack of an earlier revision was.

    Args:
        registrations: by that revision's program.
        spot_prices: see `fleet.offline.costs.stack_cost`.
    """
    return Earlier(
        attempted(lambda: in_shape(Cost, stack_cost(registrations, spot_prices))),
        attempted(lambda: in_shape(tuple[QueueRow, ...], tuple(queue_rows(registrations)))),
        attempted(lambda: in_shape(tuple[PoolRow, ...], tuple(pool_rows(registrations)))),
    )


def attempted(reading: Callable[[], T]) -> T | Unread:
    """What is read of an earlier revision, or why it can't be.

    Whatever goes wrong is a reason: the program of today reads its own registrations by the same functions, without
    this, so that a fault of theirs shows there.
    """
    try:
        return reading()
    except Exception as error:
        return Unread(_why(error))


def in_shape(shape: Any, value: T) -> T:  # noqa: ANN401 - mypy knows no type of types such as a tuple of rows
    """A value whose fields were filled with what was registered, if each is of the kind that the field says.

    Raises:
        ValidationError: a field has a value of another kind, such as an unknown one.
    """
    _adapter(shape).validate_python((value,))
    return value


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401
    """For values in a tuple: a shape that is a dataclass itself takes no configuration."""
    return TypeAdapter(tuple[shape], config=ConfigDict(strict=True, revalidate_instances="always"))


def _why(error: Exception) -> str:
    match error:
        case UnknownInstanceType():
            return str(error)
        case KeyError(args=(str(key),)):
            return f"its components had no input {key!r} then"
        case ValidationError():
            first: Mapping[str, Any] = dict(error.errors()[0])
            field = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "")
            return f"its components had another kind of value for {field!r} then"
        case _:
            return f"its components had other inputs then ({type(error).__name__}: {error})"
