from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.live.cost.period import DAY, HOUR, MINUTE, PeriodError, Span, duration, period

NOW = datetime(2026, 11, 24, 8, 45, 31, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
SPANS = st.builds(lambda start, minutes: Span(start, start + minutes * MINUTE), MOMENTS, st.integers(1, 60 * 24 * 9))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("7d", None, "2026-11-17 08:45 to 2026-11-24 08:45 UTC"),
        ("24h", None, "2026-11-23 08:45 to 2026-11-24 08:45 UTC"),
        ("90m", None, "2026-11-24 07:15 to 2026-11-24 08:45 UTC"),
        ("2w", "1d", "2026-11-09 08:45 to 2026-11-23 08:45 UTC"),
        ("2026-11-01", None, "2026-11-01 00:00 to 2026-11-24 08:45 UTC"),
        ("2026-11-01", "2026-11-08", "2026-11-01 00:00 to 2026-11-08 00:00 UTC"),
        ("1d", "2026-11-08", "2026-11-07 00:00 to 2026-11-08 00:00 UTC"),
        ("2026-11-24T08:00", None, "2026-11-24 08:00 to 2026-11-24 08:45 UTC"),
        ("2026-11-24T08:00:59Z", None, "2026-11-24 08:00 to 2026-11-24 08:45 UTC"),
        ("2026-11-24T08:00+01:00", None, "2026-11-24 07:00 to 2026-11-24 08:45 UTC"),
    ],
)
def test_periods_are_read_as_people_write_them(since: str, until: str | None, expected: str) -> None:
    assert str(period(since, until, NOW)) == expected


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("a week", None, "--since 'a week': a length such as 7d"),
        ("7", None, "--since '7'"),
        ("-7d", None, "--since '-7d'"),
        ("0d", None, "--since 0d is not before the end"),
        ("2026-13-01", None, "--since '2026-13-01'"),
        ("7d", "yesterday", "--until 'yesterday'"),
        ("2026-11-24T09:00", None, "--since 2026-11-24T09:00 is not before the end, 2026-11-24T08:45Z"),
        ("7d", "2026-11-25", "--until 2026-11-25 is not past yet"),
        ("2026-11-08", "2026-11-08", "is not before the end"),
        ("401d", None, "makes 401 days; at most 400"),
        ("99999w", None, "--since"),
        ("\N{ARABIC-INDIC DIGIT SEVEN}d", None, "--since"),
    ],
)
def test_what_is_no_period_is_told_with_what_is(since: str, until: str | None, message: str) -> None:
    with pytest.raises(PeriodError) as told:
        period(since, until, NOW)
    assert message in str(told.value)


@given(SPANS)
def test_hours_and_days_make_up_the_period_and_cross_no_border(span: Span) -> None:
    for parts, unit in ((list(span.slots()), HOUR), (list(span.days()), DAY)):
        assert parts[0].start == span.start
        assert parts[-1].end == span.end
        assert all(before.end == after.start for before, after in pairwise(parts))
        assert all(part.start < part.end for part in parts)
        zero = datetime(1970, 1, 1, tzinfo=UTC)
        assert all((part.start - zero) // unit == (part.end - MINUTE - zero) // unit for part in parts)


@given(SPANS)
def test_whole_days_are_the_fewest_that_have_all_of_the_period(span: Span) -> None:
    days = span.whole_days()
    assert days.start <= span.start < days.start + DAY
    assert days.end - DAY < span.end <= days.end
    assert days.start.hour == days.end.hour == days.start.minute == days.end.minute == 0


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (168, "7 d"),
        (148, "6 d 4 h"),
        (0.75, "45 min"),
        (24 + 1 / 60, "1 d 1 min"),
        (0, "0 min"),
        (23.9999, "1 d"),
        (timedelta(days=1, hours=1, minutes=1) / HOUR, "1 d 1 h 1 min"),
    ],
)
def test_lengths_are_said_to_the_minute(hours: float, expected: str) -> None:
    assert duration(hours) == expected
