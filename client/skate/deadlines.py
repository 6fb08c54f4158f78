"""By when a job must have ended: a time with its zone, or a length from now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from skate.errors import InputError

DEADLINE: Final = "elastic-spark/deadline"
"""Annotation of an application; admission puts it on the driver, and alerts go by it."""
Deadline = str | datetime | timedelta
"""A time with its zone, or a length from now; as text `2026-11-30T07:00:00+01:00`, or `2h30m`."""
YEARS: Final = range(2000, 2100)
"""That admission takes."""
_WAYS: Final = "Say a time with its zone, as 2026-11-30T06:00:00Z or 2026-11-30T07:00:00+01:00, or from now: 2h30m."
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LENGTH: Final = re.compile("".join(rf"(?:(?P<{name}>[0-9]{{1,9}}){unit})?" for unit, name in _UNITS.items()))


def deadline_text(given: Deadline, now: datetime) -> str:
    """A deadline as an application has it: RFC 3339, in whole seconds.

    Args:
        given: see `Deadline`; what is more than whole seconds is cut off.
        now: with its zone; from when on lengths are counted.

    Raises:
        InputError: it is neither, has no zone, or isn't of this century.
    """
    moment = _parsed(given)
    if moment is None:
        raise InputError(f"The deadline {str(given)!r} is neither a time nor a length.", _WAYS)
    if isinstance(moment, timedelta):
        if moment <= timedelta():
            raise InputError(f"The deadline {given} is no time to come.", _WAYS)
        moment = _later(now, moment)
    elif moment.utcoffset() is None:
        raise InputError(f"The deadline {given} has no zone: nobody can tell which moment is meant.", _WAYS)
    in_utc = _in_utc(moment)
    if in_utc is None or not {moment.year, in_utc.year} <= {*YEARS}:
        raise InputError(f"The deadline {given} is not in the years {YEARS[0]} to {YEARS[-1]}.", _WAYS)
    return (moment if _in_minutes(moment) else in_utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def set_deadline(application: dict[str, Any], deadline: Deadline | None, now: datetime) -> None:
    """Write a deadline into an application, or put into form what its author wrote there.

    Args:
        application: is changed.
        deadline: None for what the application says itself.
        now: with its zone.

    Raises:
        InputError: as `deadline_text`; or what stands in the application is a length, which no moment belongs to.
    """
    metadata = application.setdefault("metadata", {})
    annotations = metadata.get("annotations") or {}
    if deadline is None:
        said = annotations.get(DEADLINE)
        if said is None:
            return
        if isinstance(_parsed(said), timedelta):
            raise InputError(
                f"The annotation {DEADLINE} says {said}, and not from when on.",
                f"Write a time with its zone there, or leave it out and say --deadline {said}.",
            )
        deadline = said if isinstance(said, datetime) else str(said)
    metadata["annotations"] = {**annotations, DEADLINE: deadline_text(deadline, now)}


def deadline_of(application: Mapping[str, Any]) -> datetime | None:
    """By when an application must have ended; None where it doesn't say."""
    found = _parsed((application["metadata"].get("annotations") or {}).get(DEADLINE))
    return found if isinstance(found, datetime) and found.utcoffset() is not None else None


def _parsed(given: object) -> datetime | timedelta | None:
    """Of whatever YAML makes of it, too: unquoted it is a `datetime` or a `date` there."""
    if isinstance(given, (datetime, timedelta)):
        return given
    text = "" if given is None else str(given).strip()
    length = _LENGTH.fullmatch(text)
    try:
        if text and length:
            return timedelta(**{name: int(number) for name, number in length.groupdict(default="0").items()})
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def _later(now: datetime, length: timedelta) -> datetime:
    try:
        return now + length
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _in_minutes(moment: datetime) -> bool:
    """Whether its zone is whole minutes from UTC, as RFC 3339 has it."""
    offset = moment.utcoffset()
    return offset is not None and offset % timedelta(minutes=1) == timedelta()
