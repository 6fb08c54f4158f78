"""Deadlines as people give them, and as applications have them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from skate.deadlines import DEADLINE, deadline_of, deadline_text, set_deadline
from skate.errors import InputError

from components.admission.applications_deadlines import IN_UTC, TIME
from sizing import names

NOW: Final = datetime(2026, 11, 29, 19, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("2026-11-30T06:00:00Z", "2026-11-30T06:00:00Z"),
        ("2026-11-30T07:00:00+01:00", "2026-11-30T07:00:00+01:00"),
        ("2026-11-30 07:00:00.123456+01:00", "2026-11-30T07:00:00+01:00"),
        ("2026-11-30T07:00+01:00", "2026-11-30T07:00:00+01:00"),
        ("2h30m", "2026-11-29T22:00:15Z"),
        ("1d", "2026-11-30T19:30:15Z"),
        ("90s", "2026-11-29T19:31:45Z"),
        (timedelta(hours=1), "2026-11-29T20:30:15Z"),
        (datetime(2026, 11, 30, 6, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "2026-11-30T06:00:00-03:30"),
        # Local time of before there were zones, to the second.
        (datetime(2026, 11, 30, 6, tzinfo=timezone(timedelta(seconds=1172))), "2026-11-30T05:40:28Z"),
        # Of a time that has passed: a run that is made up for, or the same command once more.
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ],
)
def test_a_deadline_is_written_as_a_time_with_its_zone(said: str | datetime | timedelta, written: str) -> None:
    assert deadline_text(said, NOW) == written


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("2026-11-30T06:00:00", "has no zone"),
        ("2026-11-30", "has no zone"),
        (datetime(2026, 11, 30, 6), "has no zone"),
        ("tomorrow", "neither a time nor a length"),
        ("", "neither a time nor a length"),
        ("2.5h", "neither a time nor a length"),
        ("30m2h", "neither a time nor a length"),
        ("-2h", "neither a time nor a length"),
        ("06:00Z", "neither a time nor a length"),
        ("2026-02-29T06:00:00Z", "neither a time nor a length"),
        ("0h", "no time to come"),
        (timedelta(hours=-1), "no time to come"),
        ("1999-12-31T23:00:00-02:00", "not in the years 2000 to 2099"),
        ("2100-01-01T00:00:00+01:00", "not in the years 2000 to 2099"),
        ("0001-01-01T00:00:00+01:00", "not in the years 2000 to 2099"),
        ("999999999d", "not in the years 2000 to 2099"),
        ("99999d", "not in the years 2000 to 2099"),
    ],
)
def test_what_is_no_deadline_says_what_one_is(said: str | datetime | timedelta, why: str) -> None:
    with pytest.raises(InputError) as caught:
        deadline_text(said, NOW)
    assert why in caught.value.what
    assert "2026-11-30T07:00:00+01:00" in caught.value.remedy
    assert "2h30m" in caught.value.remedy


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_admission_takes_whatever_is_written(moment: datetime, minutes: int) -> None:
    whole = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    written = deadline_text(moment.replace(tzinfo=whole.tzinfo), NOW)
    assert re.search(TIME, written)
    assert datetime.fromisoformat(written) == whole
    assert re.search(IN_UTC, deadline_text(whole.astimezone(UTC), NOW))


@given(st.dates(datetime(1999, 1, 1).date(), datetime(2101, 12, 31).date()), st.integers(1, 31), st.integers(0, 13))
def test_admission_takes_the_days_that_there_are_in_this_century(near: Any, day: int, month: int) -> None:  # noqa: ANN401
    text = f"{near.year:04}-{month:02}-{day:02}T00:00:00Z"
    try:
        there = 2000 <= datetime.fromisoformat(text).year <= 2099
    except ValueError:
        there = False
    assert bool(re.search(TIME, text)) == bool(re.search(IN_UTC, text)) == there


def test_its_name_is_the_platforms() -> None:
    assert DEADLINE == names.DEADLINE_ANNOTATION


def job(deadline: str) -> dict[str, Any]:
    """As a job file has it."""
    return {"metadata": {"annotations": {"team": "ads", DEADLINE: yaml.safe_load(deadline)}}}


@pytest.mark.parametrize("text", ["2026-11-30T07:00:00+01:00", '"2026-11-30T07:00:00+01:00"'])
def test_a_job_file_may_leave_the_quotes_out(text: str) -> None:
    application = job(text)
    set_deadline(application, None, NOW)
    found = application["metadata"]["annotations"]
    assert found["team"] == "ads"
    assert datetime.fromisoformat(found[DEADLINE]) == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert deadline_of(application) == datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-30T07:00:00", "2026-11-30", "yes", "7", "soon", "2h"])
def test_a_job_file_says_a_time_with_its_zone(text: str) -> None:
    with pytest.raises(InputError):
        set_deadline(job(text), None, NOW)


def test_a_length_in_a_job_file_leads_to_the_flag() -> None:
    with pytest.raises(InputError, match="not from when on") as caught:
        set_deadline(job("2h"), None, NOW)
    assert "--deadline 2h" in caught.value.remedy


def test_what_is_said_beside_a_job_file_wins() -> None:
    application = job("2026-11-30T07:00:00")
    set_deadline(application, "2h", NOW)
    assert application["metadata"]["annotations"] == {"team": "ads", DEADLINE: "2026-11-29T21:30:15Z"}


@pytest.mark.parametrize("metadata", [{}, {"annotations": None}, {"annotations": {"team": "ads"}}])
def test_a_job_without_a_deadline_is_left_as_it_is(metadata: dict[str, Any]) -> None:
    application = {"metadata": dict(metadata)}
    set_deadline(application, None, NOW)
    assert application == {"metadata": metadata}
    assert deadline_of(application) is None
