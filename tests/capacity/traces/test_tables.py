from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from capacity.errors import CapacityError
from capacity.traces.run import Run
from capacity.traces.tables import runs_of_table
from capacity.traces.times import moment, zone_named

HEAD = "name,started,ended,executor_memory,peak_executors,executor_seconds,after\n"


def table(text: str, zone: str | None = None, **columns: str) -> list[Run]:
    return list(runs_of_table(io.StringIO(text), columns=columns, zone=zone_named(zone)))


def test_a_line_is_a_run() -> None:
    (run,) = table(HEAD + "etl 2026-11-28,2026-11-28T10:00:00+01:00,2026-11-28T10:30:00+01:00,8g,12,3600.5,x\n")
    assert (run.name, run.job) == ("etl *", "etl 2026-11-28@2026-11-28T09:00:00")
    assert (run.executor_memory, run.peak_executors, run.executor_seconds) == (8 * 2**30, 12, 3600.5)
    assert (run.after, run.queue, run.user) == ("x", "", None)


@pytest.mark.parametrize(("text", "lane"), [("true", True), ("Yes", True), ("0", False), ("no", False), ("", None)])
def test_a_line_may_say_that_its_run_waited_for_all_others(text: str, lane: bool | None) -> None:
    (run,) = table(f"name,started,ended,backfill\netl,2026-11-28T10:00:00Z,2026-11-28T10:30:00Z,{text}\n")
    assert run.backfill is lane


def test_a_lane_that_is_no_yes_or_no_is_told() -> None:
    with pytest.raises(CapacityError, match="line 2: `backfill`: 'maybe' is neither true nor false"):
        table("name,started,ended,backfill\netl,2026-11-28T10:00:00Z,2026-11-28T10:30:00Z,maybe\n")


def test_columns_may_have_other_names_and_times_a_zone_of_all() -> None:
    (run,) = table(
        "job name,begin,finish\netl,2026-07-01 10:00,2026-07-01 11:00\n",
        "Europe/Berlin",
        name="job name",
        started="begin",
        ended="finish",
    )
    assert run.started == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_all_that_is_wrong_is_told_at_once_by_line() -> None:
    with pytest.raises(CapacityError) as error:
        table(HEAD + "etl,2026-11-28T10:00:00,2026-11-28T10:30:00Z,8x,,,\n,2026-11-28T10:00:00Z,soon,,many,,\n")
    first, second = error.value.findings
    assert first.startswith("line 2: `started`: 2026-11-28T10:00:00 has no time zone; add it, or --time-zone")
    assert "'8x' is no size" in first
    assert all(part in second for part in ("line 3", "`name` is empty", "`ended`", "`peak_executors`"))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("executor_seconds", "nan", "'nan' is no number of 0 or more"),
        ("busy_seconds", "inf", "'inf' is no number of 0 or more"),
        ("executor_seconds", "-1", "'-1' is no number of 0 or more"),
        ("peak_executors", "1.5", "'1.5' is no whole number from 0 to 2,147,483,647"),
        ("driver_cpu", "99999999999", "'99999999999' is no whole number from 0 to 2,147,483,647"),
        ("task_slots", "-1", "'-1' is no whole number"),
        ("executor_memory", "99999999999999t", "'99999999999999t' is no size, such as 8g or bytes"),
        ("executor_memory", "nan", "'nan' is no size"),
        ("deadline", "0001-01-01T00:00:00+05:00", "is no time that a trace can hold"),
        ("deadline", "nan", "nan is no time since 1970"),
    ],
)
def test_a_number_that_is_none_is_told_with_its_line(column: str, value: str, said: str) -> None:
    with pytest.raises(CapacityError) as error:
        table(f"name,started,ended,{column}\netl,2026-11-28T10:00:00Z,2026-11-28T10:30:00Z,{value}\n")
    (finding,) = error.value.findings
    assert finding.startswith(f"line 2: `{column}`: ")
    assert said in finding


def test_no_executors_are_taken_as_they_are() -> None:
    (run,) = table("name,started,ended,peak_executors\netl,2026-11-28T10:00:00Z,2026-11-28T10:30:00Z,0\n")
    assert run.peak_executors == 0


def test_times_of_several_zones_are_one_time_and_those_without_one_are_told_by_line() -> None:
    first = "a,2026-10-25T02:30:00+02:00,2026-10-25T02:30:00+01:00"
    lines = f"name,started,ended\n{first}\nb,2026-10-25T00:30Z,2026-10-25T03:30"
    with pytest.raises(
        CapacityError, match="line 3: `ended`: 2026-10-25T03:30 has no time zone; add it, or --time-zone"
    ):
        table(lines)
    a, b = table(lines, "Europe/Berlin")
    assert (a.ended - a.started).total_seconds() == 3600, "the hour that the clock repeats"
    assert (b.started, b.ended) == (a.started, datetime(2026, 10, 25, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize("content", [bytes(range(256)), "name,started,ended".encode("utf-16")])
def test_a_header_that_is_no_text_is_told(content: bytes) -> None:
    with pytest.raises(CapacityError, match=r"its header can't be read: .*; a table is CSV in UTF-8"):
        list(runs_of_table(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), columns={}, zone=None))


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("", {}, "the table has no column 'name'"),
        ("name,started\n", {}, "the table has no column 'ended'; if another one is the `ended`, say --column ended="),
        (HEAD, {"nmae": "name"}, "there is no column 'nmae' in a trace; there are: queue"),
        (HEAD, {"user": "who"}, "the table has no column 'who'"),
    ],
)
def test_columns_that_are_missing_are_told(text: str, columns: dict[str, str], said: str) -> None:
    with pytest.raises(CapacityError) as error:
        table(text, **columns)
    assert any(said in finding for finding in error.value.findings), error.value.findings


@pytest.mark.parametrize(
    ("value", "second"),
    [
        ("2026-11-29T00:00:00Z", 0),
        ("2026-11-29 01:00:00+0100", 0),
        ("2026-11-29 00:00:03 UTC", 3),
        (1795910400, 0),
        ("1795910400250", 0.25),
        (1795910401.5, 1.5),
    ],
)
def test_moments_have_many_forms(value: Any, second: float) -> None:  # noqa: ANN401
    assert (moment(value) - datetime(2026, 11, 29, tzinfo=UTC)).total_seconds() == second


@pytest.mark.parametrize("value", ["soon", "-5", "2026-11-29T00:00:00", "1e30", "nan"])
def test_what_is_no_moment_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(value)


def test_a_zone_that_is_not_there_is_told() -> None:
    with pytest.raises(CapacityError, match="no time zone 'Berlin'"):
        zone_named("Berlin")
