"""Moments in the forms in which other systems write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from capacity.errors import CapacityError

_MILLISECONDS_FROM: Final = 10**11
"""A number above it counts milliseconds: as seconds it would be in the year 5138."""


def zone_named(name: str | None) -> ZoneInfo | None:
    """A time zone by its name.

    Raises:
        CapacityError: there is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CapacityError([f"there is no time zone {name!r}; name one such as Europe/Berlin or UTC"]) from None


def moment(value: object, zone: ZoneInfo | None = None) -> datetime:
    """A moment: ISO 8601, or seconds or milliseconds since 1970.

    Args:
        value: text or a number.
        zone: of text that has none.

    Raises:
        ValueError: it is something else, or has no zone.
    """
    if isinstance(value, datetime):
        found = value
    else:
        text = str(value).strip()
        try:
            number = float(text)
        except ValueError:
            found = datetime.fromisoformat(text.removesuffix(" UTC") + "Z" if text.endswith(" UTC") else text)
        else:
            if not 0 <= number < 10**15:
                raise ValueError(f"{text} is no time since 1970")
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    if found.tzinfo is None:
        if zone is None:
            raise ValueError(f"{value} has no time zone; add it, or --time-zone for all that have none")
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value} is no time that a trace can hold") from None
