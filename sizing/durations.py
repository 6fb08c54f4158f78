"""Durations of whole days, hours, minutes and seconds, as people and Go write them: `90m`, `1h30m`, `7d`."""

from __future__ import annotations

import re
from typing import Final

DAY: Final = 86400
"""Seconds."""
_SECONDS: Final = {"d": DAY, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?=.)" + "".join(rf"(?:(\d{{1,9}}){unit})?" for unit in _SECONDS), re.ASCII)


def parse_duration(text: str) -> int:
    """Seconds of a duration, its units from the largest to the smallest. Go has no days.

    Raises:
        ValueError: it is something else.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration, such as 90s, 1h30m or 7d")
    return sum(int(number) * seconds for number, seconds in zip(match.groups("0"), _SECONDS.values(), strict=True))
