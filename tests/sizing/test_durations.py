from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2m", 120), ("1h30m", 5400), ("10s", 10), ("0s", 0), ("7d", 604_800), ("1d1h1m1s", 90_061), ("090m", 5400)],
)
def test_durations_in_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "m", "2m!", "1.5h", "-1m", "5m5m", "5m1h", "1w", "2 m", "٢m", "1m\n", "9" * 99 + "s"]
)
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.tuples(*[st.integers(0, 99)] * 4))
def test_units_add_up(numbers: tuple[int, int, int, int]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in zip(numbers, "dhms", strict=True))
    days, hours, minutes, seconds = numbers
    assert parse_duration(text) == ((days * 24 + hours) * 60 + minutes) * 60 + seconds
