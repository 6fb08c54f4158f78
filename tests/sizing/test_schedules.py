import pytest

from sizing.schedules import DAYS, Hours, end_cron, overlapping, parse_time, start_cron

WEEKDAYS = DAYS[:5]


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("07:30", 450), ("23:59", 1439)])
def test_a_time_is_minutes_after_midnight(text: str, minutes: int) -> None:
    assert parse_time(text) == minutes


@pytest.mark.parametrize("text", ["7:30", "24:00", "12:60", "noon", "", "12:3a", "12-30", "١٢:٣٠"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day"):
        parse_time(text)


@pytest.mark.parametrize(
    ("hours", "start", "end", "length"),
    [
        (Hours(days=WEEKDAYS, start=450, end=1140), "30 7 * * 1,2,3,4,5", "0 19 * * 1,2,3,4,5", 690),
        (Hours(days=("fri", "sat"), start=1320, end=360), "0 22 * * 5,6", "0 6 * * 0,6", 480),
        (Hours(days=("sun",), start=0, end=0), "0 0 * * 0", "0 0 * * 1", 1440),
    ],
)
def test_hours_become_cron(hours: Hours, start: str, end: str, length: int) -> None:
    assert (start_cron(hours), end_cron(hours), hours.length) == (start, end, length)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Hours(days=("mon",), start=480, end=720), Hours(days=("mon",), start=721, end=800), False),
        (Hours(days=("mon",), start=480, end=720), Hours(days=("mon",), start=720, end=800), True),
        (Hours(days=("mon",), start=480, end=721), Hours(days=("mon",), start=720, end=800), True),
        (Hours(days=("mon",), start=480, end=720), Hours(days=("tue",), start=480, end=720), False),
        (Hours(days=("sun",), start=1380, end=60), Hours(days=("mon",), start=30, end=90), True),
        (Hours(days=("sun",), start=1380, end=29), Hours(days=("mon",), start=30, end=90), False),
    ],
)
def test_overlaps_are_found_past_midnight_and_past_sunday(one: Hours, other: Hours, overlap: bool) -> None:
    assert overlapping({"b": one, "a": other}) == ([("a", "b")] if overlap else [])


def test_days_that_run_into_each_other_overlap_themselves() -> None:
    assert overlapping({"all": Hours(days=DAYS, start=0, end=0)}) == [("all", "all")]
    assert overlapping({"all": Hours(days=DAYS, start=0, end=1439)}) == []
