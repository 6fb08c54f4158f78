from __future__ import annotations

from datetime import timedelta
from typing import Any

from capacity.traces import files
from capacity.traces.airflow import joined, tasks_of, upstream_of
from capacity.traces.run import Run
from tests.capacity.traces.runs import MONDAY, a_run

TASKS = {
    "tasks": [
        {"task_id": "load", "downstream_task_ids": ["check"]},
        {"task_id": "check", "downstream_task_ids": ["report"]},
        {"task_id": "aside", "downstream_task_ids": ["report"]},
        {"task_id": "report", "downstream_task_ids": []},
    ]
}


def instance(task: str, begin: float, end: float | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """As version 2 of the API has it, in minutes after Monday began."""
    return {
        "dag_id": "daily",
        "task_id": task,
        "dag_run_id": "scheduled__2026-11-23T00:00:00+00:00",
        "map_index": -1,
        "run_after": MONDAY.isoformat(),
        "start_date": (MONDAY + timedelta(minutes=begin)).isoformat(),
        "end_date": end and (MONDAY + timedelta(minutes=end)).isoformat(),
        "state": "success",
        **more,
    }


def rows(
    runs: list[Run], *instances: dict[str, Any], **deadlines: timedelta
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    skipped: dict[str, str] = {}

    def skip(what: str, why: str) -> None:
        skipped[what] = why

    tasks = tasks_of([{"task_instances": list(instances)}], skip)
    found = joined(files.table_of(runs), tasks, upstream={"daily": upstream_of(TASKS)}, deadlines=deadlines, skip=skip)
    assert files.problems(found.table) == []
    return found.table.to_pylist(), skipped


def test_a_run_was_submitted_when_its_task_started_and_follows_the_tasks_before() -> None:
    runs = [a_run("a", 3, 10), a_run("b", 25, 10), a_run("c", 5, 4, name="aside job")]
    found, skipped = rows(
        runs, instance("load", 1, 14), instance("check", 14, 15), instance("report", 20, 36), instance("aside", 4, 10)
    )
    assert [row["submitted"] for row in found] == [MONDAY + timedelta(minutes=n) for n in (1, 20, 4)]
    assert [row["after"] for row in found] == [None, "a", None]
    assert skipped == {}


def test_what_a_trace_says_already_stays() -> None:
    early = MONDAY + timedelta(minutes=2)
    found, _ = rows([a_run("a", 3, 10, submitted=early, after="x")], instance("load", 1, 14))
    assert (found[0]["submitted"], found[0]["after"]) == (early, "x")


def test_a_deadline_counts_from_when_the_dag_was_due() -> None:
    found, _ = rows([a_run("a", 3, 10)], instance("load", 1, 14), daily=timedelta(hours=4))
    assert found[0]["deadline"] == MONDAY + timedelta(hours=4)


def test_names_tell_runs_apart_that_lie_in_one_tasks_time() -> None:
    found, skipped = rows(
        [a_run("a", 3, 3, name="load-users"), a_run("b", 3, 3, name="other")], instance("load", 1, 14)
    )
    assert [row["submitted"] is None for row in found] == [False, True]
    assert skipped == {}


def test_what_nothing_tells_apart_is_left_as_it_is_and_told() -> None:
    found, skipped = rows([a_run("a", 3, 5), a_run("b", 4, 5)], instance("load", 1, 14), instance("check", 14, None))
    assert [row["submitted"] for row in found] == [None, None]
    assert skipped["daily.load"].startswith("several runs lie in its time")
    assert skipped["daily.check"].startswith("did not run")


def test_a_sensor_that_waits_all_day_takes_no_run() -> None:
    found, _ = rows([a_run("a", 300, 5)], instance("wait", 0, 1440))
    assert found[0]["submitted"] is None


def test_version_1_of_the_api_has_no_time_at_which_a_run_was_due() -> None:
    old = instance("load", 1, 14)
    del old["run_after"]
    found, _ = rows([a_run("a", 3, 10)], old, daily=timedelta(hours=1))
    assert found[0]["deadline"] == MONDAY + timedelta(minutes=61)
