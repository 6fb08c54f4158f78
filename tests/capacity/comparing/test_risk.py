"""The jobs at most risk, why, and what would help."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from capacity.comparing.comparison import Comparison, compare
from capacity.comparing.risk import Risk, at_risk
from capacity.declared import Platform, platforms
from capacity.replay.behaviour import Behaviour
from capacity.traces.files import table_of
from capacity.traces.run import Run, Stage
from tests.capacity.traces.runs import a_run
from tests.samples import ROOT

WIDE = (Stage(tasks=16, task_seconds=16 * 120, longest_task_seconds=120),)


def a_job(day: int, hour: float, name: str = "etl", **more: Any) -> Run:  # noqa: ANN401
    """A run of two minutes on four executors, at an hour of a day."""
    values = {"stages": WIDE, "executor_cpu": 4000, "executor_memory": 8 << 30, "task_slots": 4, "peak_executors": 4}
    values |= {"maximum_executors": 4, **more}
    return a_run(f"{name}-{day}-{hour}", 1440 * day + 60 * hour, 2, name=name, **values)


def compared(runs: list[Run], change: dict[str, Any] | None = None, behaviour: Behaviour | None = None) -> Comparison:
    """The runs on the sample platform's queue ads-batch, with changes of its pool."""
    (platform,) = (one for one in platforms(ROOT) if one.stack == "platform-dev")
    queue = platform.queues["ads-batch"]
    changes = {"minimum": 0, "schedules": (), **(change or {})}
    queue = replace(queue, pools={name: replace(pool, **changes) for name, pool in queue.pools.items()})
    declared: Platform = replace(platform, queues={"ads-batch": queue})
    table: pa.Table = table_of(runs)
    return compare(table, declared, behaviour=behaviour or Behaviour(), boots=(60.0,))


def risks(comparison: Comparison) -> list[Risk]:
    return at_risk(comparison.replays["declared"], comparison.replays["fixed"])


def test_a_nightly_job_that_waits_for_nodes_is_helped_by_a_schedule_at_its_hour() -> None:
    (one,) = risks(compared([a_job(day, 3.0) for day in range(7)]))
    assert (one.cause, one.runs) == ("boot", 7)
    assert one.longer > 50
    assert "schedule from 02:55" in one.remedy
    assert one.usd is not None
    assert 0 < one.usd < 2000


def test_a_job_at_any_hour_is_helped_by_a_minimum() -> None:
    (one,) = risks(compared([a_job(day, 5.0 * day % 24) for day in range(7)]))
    assert one.cause == "boot"
    assert "minimum of" in one.remedy


def test_a_job_for_which_aws_has_no_nodes_is_helped_by_more_kinds_of_them() -> None:
    outage = Behaviour(outage_begin=60.0, outage_seconds=1800.0)
    (one,) = risks(compared([a_job(0, 3.0)], behaviour=outage))
    assert (one.cause, one.usd) == ("refused", None)
    assert one.remedy == "main: more kinds in instanceTypes"
    assert one.longer > 1800


def test_missed_deadlines_come_first() -> None:
    due = [a_job(day, 12.0, "due", deadline=a_job(day, 12.0).started + timedelta(seconds=150)) for day in range(3)]
    found = risks(compared([*(a_job(day, 3.0, "slow", maximum_executors=8) for day in range(3)), *due]))
    assert (found[0].name, found[0].late) == ("due", 3)


def test_jobs_that_run_as_on_fixed_nodes_are_not_at_risk() -> None:
    assert risks(compared([a_job(day, 3.0) for day in range(3)], {"minimum": 20})) == []


@pytest.mark.parametrize("most", [1, 2])
def test_so_many_are_named(most: int) -> None:
    comparison = compared([a_job(day, 3.0 + n, f"job-{n}") for day in range(3) for n in range(3)])
    assert len(at_risk(comparison.replays["declared"], comparison.replays["fixed"], most)) == most
