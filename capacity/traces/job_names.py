"""What the runs of a job have in common in their names."""

from __future__ import annotations

import re
from typing import Final

_OF_ONE_RUN: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"  # a UUID
    r"|\d{4}[-/._]\d{1,2}[-/._]\d{1,2}(?:[T _-]*\d{1,2}[:_.-]?\d{2}(?:[:_.-]?\d{2})?(?:[.,]\d+)?)?"
    r"(?:Z|[+-]\d{2}:?\d{2})?(?![A-Za-z0-9])"  # a date, with or without a time
    r"|(?<![A-Za-z0-9])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?![A-Za-z0-9])"  # a hash
    r"|\d{1,2}:\d{2}(?::\d{2})?"  # a time
    r"|\d{4,}"  # a number, such as a run's or a time's
)
_SEVERAL: Final = re.compile(r"\*(?:[-_ .:/T]*\*)+")


def common_name(name: str) -> str:
    """A name with `*` for what is of one run alone: identifiers, hashes, dates, times, numbers of four digits and more.

    Shorter numbers stay: `etl-2` may well be another job than `etl-1`.
    """
    return _SEVERAL.sub("*", _OF_ONE_RUN.sub("*", name)).strip()
