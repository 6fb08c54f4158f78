"""What Airflow knows of recorded runs: when a task asked for one, which others it waited for, and by when it is due.

Source: Airflow's stable REST API, `taskInstances` and `dags/{dag_id}/tasks`, versions 1 and 2 (Airflow 2 and 3)
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from capacity.traces.schema import SCHEMA
from capacity.traces.skipped import Skip
from capacity.traces.times import moment

KEYS: Final = ("task_instances",)
TASK_KEYS: Final = ("tasks",)
_LATE: Final = timedelta(minutes=1)
"""By which a run may end after its task: the driver's last words come after the status that Airflow polls."""
_MOST: Final = 0.5
"""Share of a task's time that a run fills at least, where their names say nothing of each other."""
_NOT_OF_NAMES: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Task:
    """One run of a task, between its start and its end."""

    dag: str
    dag_run: str
    task: str
    due_from: datetime
    started: datetime
    ended: datetime


@dataclass(frozen=True)
class Joined:
    """A trace with what Airflow knows, and how many runs were found in it."""

    table: pa.Table
    matched: int


def tasks_of(answers: Iterable[Mapping[str, Any]], skip: Skip) -> Iterator[Task]:
    """The tasks that ran, of answers of `taskInstances`.

    Args:
        answers: as the API gives them.
        skip: is told of those that have no start or end.
    """
    for answer in answers:
        for one in answer["task_instances"]:
            name = f"{one['dag_id']}.{one['task_id']}"
            if not one.get("start_date") or not one.get("end_date"):
                skip(name, f"did not run: {one.get('state') or 'no state'}")
                continue
            started = moment(one["start_date"])
            due = one.get("run_after")
            yield Task(
                dag=one["dag_id"],
                dag_run=one["dag_run_id"],
                task=one["task_id"],
                due_from=moment(due) if due else started,
                started=started,
                ended=moment(one["end_date"]),
            )


def upstream_of(answer: Mapping[str, Any]) -> dict[str, set[str]]:
    """Of each task of a DAG those right before it, of an answer of `dags/{dag_id}/tasks`."""
    before: dict[str, set[str]] = defaultdict(set)
    for one in answer["tasks"]:
        for later in one.get("downstream_task_ids") or ():
            before[later].add(one["task_id"])
    return dict(before)


def joined(
    table: pa.Table,
    tasks: Iterable[Task],
    *,
    upstream: Mapping[str, Mapping[str, set[str]]],
    deadlines: Mapping[str, timedelta],
    skip: Skip,
) -> Joined:
    """A trace whose runs have `submitted`, `after` and `deadline` from Airflow; what it says already stays.

    A run is a task's if it lies within the task's time, and either the name of the task or its DAG is in the run's
    name, or it is the only one there and fills most of that time. Shorter tasks choose first. A run follows the last
    one to end of the tasks before its own; tasks without a run are looked through.

    Args:
        table: the trace.
        tasks: that ran.
        upstream: of each DAG that is known, the tasks right before each task.
        deadlines: of DAGs, counted from when a run of it was due.
        skip: is told of tasks in whose time several runs lie that could be theirs.
    """
    rows = table.select(["job", "name", "started", "ended", "submitted", "after", "deadline"]).to_pylist()
    order = sorted(range(len(rows)), key=lambda row: rows[row]["started"])
    starts = [rows[row]["started"] for row in order]
    known = sorted(tasks, key=lambda task: (task.ended - task.started, task.dag, task.dag_run, task.task))
    of_row: dict[int, Task] = {}
    of_task: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
    due: dict[tuple[str, str], datetime] = {}
    for task in known:
        run = (task.dag, task.dag_run)
        due[run] = min(due.get(run, task.due_from), task.due_from)
        within = [
            row
            for row in order[bisect_left(starts, task.started) : bisect_right(starts, task.ended)]
            if row not in of_row and rows[row]["ended"] <= task.ended + _LATE
        ]
        row = _its_own(task, within, rows)
        if row is not None:
            of_row[row] = task
            of_task[run].setdefault(task.task, []).append(row)
        elif len(within) > 1:
            skip(f"{task.dag}.{task.task}", "several runs lie in its time, and no name tells which is its own")
    for row, task in of_row.items():
        values = rows[row]
        values["submitted"] = values["submitted"] or task.started
        if task.dag in deadlines:
            values["deadline"] = values["deadline"] or due[task.dag, task.dag_run] + deadlines[task.dag]
        if values["after"] is None:
            here = of_task[task.dag, task.dag_run]
            values["after"] = _last_before(rows[row], task.task, upstream.get(task.dag, {}), here, rows)
    for column in ("submitted", "after", "deadline"):
        field = SCHEMA.field(column)
        filled = pa.array([values[column] for values in rows], field.type)
        table = table.set_column(table.column_names.index(column), field, filled)
    return Joined(table, len(of_row))


def _its_own(task: Task, within: Iterable[int], rows: list[dict[str, Any]]) -> int | None:
    """The run of a task among those in its time; `None` where there is none, or nothing tells which."""
    within = list(within)
    for name in (task.task, task.dag):
        named = [row for row in within if _plain(name) and _plain(name) in _plain(rows[row]["name"])]
        if len(named) == 1:
            return named[0]
        within = named or within
    if len(within) != 1:
        return None
    (row,) = within
    return row if rows[row]["ended"] - rows[row]["started"] >= _MOST * (task.ended - task.started) else None


def _last_before(
    run: Mapping[str, Any],
    task: str,
    upstream: Mapping[str, set[str]],
    rows_of: Mapping[str, list[int]],
    rows: list[dict[str, Any]],
) -> str | None:
    """The job that ended last of the tasks before this one; tasks without a run are looked through."""
    seen: set[str] = set()
    left = deque(upstream.get(task, ()))
    found: list[int] = []
    while left:
        name = left.popleft()
        if name in seen:
            continue
        seen.add(name)
        if name in rows_of:
            found += [row for row in rows_of[name] if rows[row]["ended"] <= run["started"]]
        else:
            left.extend(upstream.get(name, ()))
    return str(rows[max(found, key=lambda row: rows[row]["ended"])]["job"]) if found else None


def _plain(name: str) -> str:
    return _NOT_OF_NAMES.sub("-", name.lower()).strip("-")
