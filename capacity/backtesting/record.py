"""The error of a trace's replays, as it stands beside the trace: a file that `fleet capacity backtest` writes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from capacity.errors import CapacityError

if TYPE_CHECKING:
    from capacity.backtesting.comparing import BackTest

SUFFIX: Final = ".backtest.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PoolError(_Part):
    """A pool's node hours: replayed, measured, and by which share the replay has more."""

    name: str
    replayed: float = Field(ge=0)
    measured: float | None = Field(ge=0)
    error: float | None


class WaitsSeen(_Part):
    """Waits for the driver's start, in seconds."""

    p50: float = Field(ge=0)
    p95: float = Field(ge=0)
    jobs: int | None = Field(ge=0)


class QueueError(_Part):
    """A queue's waits and pools, and by which share the replay's `p95` is longer."""

    namespace: str
    replayed: WaitsSeen | None
    measured: WaitsSeen | None
    error: float | None
    pools: tuple[PoolError, ...]


class BacktestError(_Part):
    """By how much replays of a trace were off.

    Attributes:
        version: of this file's form.
        when: it was found.
        begin: of the time that was compared.
        end: of the same.
        weeks: how long that is.
        covered: the share of it for which there were measurements.
        source: who measured.
        node_hours: by which share replays had more node hours; `None` where none were measured.
        waits: by which share waits of 95 of 100 jobs were longer; `None` likewise.
        queues: each by itself.
    """

    version: Literal[1] = 1
    when: AwareDatetime
    begin: AwareDatetime
    end: AwareDatetime
    weeks: float = Field(gt=0)
    covered: float = Field(ge=0, le=1.000001)
    source: str
    node_hours: float | None = Field(ge=-1)
    waits: float | None = Field(ge=-1)
    queues: tuple[QueueError, ...]

    @model_validator(mode="after")
    def _says_something(self) -> BacktestError:
        if self.end <= self.begin:
            raise ValueError("`end` is not after `begin`")
        if self.node_hours is None and self.waits is None:
            raise ValueError("neither `node_hours` nor `waits` is there")
        return self


def record_of(test: BackTest, now: datetime) -> BacktestError:
    """A back-test as it is kept.

    Args:
        test: what was found.
        now: this moment, with a zone.
    """
    return BacktestError.model_validate(
        {
            "when": now,
            "begin": test.begin,
            "end": test.end,
            "weeks": test.weeks,
            "covered": test.covered,
            "source": test.source,
            "node_hours": test.node_hours,
            "waits": test.waits,
            "queues": [
                {
                    "namespace": queue.namespace,
                    "replayed": None if queue.replayed is None else vars(queue.replayed),
                    "measured": None if queue.measured is None else vars(queue.measured),
                    "error": queue.error,
                    "pools": [{**vars(pool), "error": pool.error} for pool in queue.pools],
                }
                for queue in test.queues
            ],
        }
    )


def path_of(trace: Path) -> Path:
    """Where the error of a trace's replays stands: beside it."""
    return trace.with_name(trace.stem + SUFFIX)


def text_of(record: BacktestError) -> str:
    """As the file has it."""
    return record.model_dump_json(indent=2) + "\n"


def read_error(trace: Path) -> BacktestError | None:
    """By how much replays of a trace were off, the last time that somebody looked; `None` where nobody has.

    Args:
        trace: its path.

    Raises:
        CapacityError: the file beside it isn't as it was written.
    """
    path = path_of(trace)
    try:
        return BacktestError.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CapacityError([f"{path} can't be read: {error.strerror or error}"]) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise CapacityError(
            [
                f"{path} is no back-test as it was written{f': {where}' if where else ''}: {first['msg']}; run "
                "`fleet capacity backtest` again, or delete the file"
            ]
        ) from error


def said(error: BacktestError | None) -> str:
    """By how much replays were off, in one sentence.

    Args:
        error: of the trace; `None` where nobody has looked.
    """
    if error is None:
        return "Never held against measurements: fleet capacity backtest"
    parts = [
        f"{share:+,.0%} in {what}".replace("%", " %")
        for share, what in ((error.node_hours, "node hours"), (error.waits, "waits"))
        if share is not None
    ]
    weeks = round(error.weeks, 1)
    long = f"{weeks:g} week{'s' * (weeks != 1)}"
    return f"Replays of this trace were off by {' and '.join(parts)} ({long} to {error.end:%Y-%m-%d})"
