"""Runs for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from capacity.traces.run import Run, Stage

MONDAY: Final = datetime(2026, 11, 23, tzinfo=UTC)


def a_run(job: str = "a", begin: float = 0, minutes: float = 10, **more: Any) -> Run:  # noqa: ANN401
    """A run that starts so many minutes after Monday began."""
    started = MONDAY + timedelta(minutes=begin)
    values = {"queue": "ads-batch", "name": "etl", "source": "test", **more}
    return Run(job=job, started=started, ended=started + timedelta(minutes=minutes), **values)


STAGES: Final = (
    Stage(tasks=4, task_seconds=40, longest_task_seconds=12, spread=0.1, driver_seconds=3),
    Stage(tasks=2, task_seconds=5, longest_task_seconds=3, after=(0,)),
)
