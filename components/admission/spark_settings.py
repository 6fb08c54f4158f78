"""How each of Spark's settings is judged, with the reason: a table, which `docs/spark-settings.md` shows.

spark-submit runs in the Spark operator's pod, with the operator's token, and acts by many settings there: some name a
file that it uploads, puts into a ConfigMap or hands to the driver, some a class that it loads, some who it says it is.
What only drivers and executors act by is a job's own: their pods are the tenant's anyway.

Source: apache/spark 4.0, deploy/SparkSubmit.scala, launcher/SparkSubmitCommandBuilder.java, deploy/k8s/**,
deploy/security/**; apache/hadoop 3.4.1, core-default.xml
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from components.admission.policy import cel_text


class Verdict(StrEnum):
    """Whether a job may make a setting."""

    ALLOWED = "allowed"
    SAME = "only as it is anyway"
    REFUSED = "refused"


@dataclass(frozen=True)
class Anyway:
    """What a setting is without the job.

    Args:
        cel: an expression for it, over `SPEC` of `application_variables`.
        shown: it, or where it comes from, in words.
        others: what else it is called, to the same effect; values are compared without regard to capital letters.
    """

    cel: str
    shown: str
    others: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """Settings that are judged alike.

    Args:
        about: whose settings they are: a heading of the page.
        verdict: on all of them.
        reason: why, a sentence without its full stop.
        keys: names, and starts of names, which end with a dot.
        anyway: of settings that may only be made as they are anyway, what that is, by names.
    """

    about: str
    verdict: Verdict
    reason: str
    keys: Sequence[str] = ()
    anyway: Mapping[str, Anyway] = field(default_factory=dict)

    @property
    def all_keys(self) -> tuple[str, ...]:
        """Names and starts of names of the row."""
        return (*self.keys, *self.anyway)


def always(value: str, *others: str) -> Anyway:
    """A value that doesn't depend on the application, and its other spellings."""
    return Anyway(cel_text(value), value or "nothing", others)


class Table:
    """Rows, of which the one with the longest key that fits is a setting's own.

    Args:
        rows: no key may be in two.

    Raises:
        ValueError: one is.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows: Final = tuple(rows)
        self._rows: dict[str, Row] = {}
        for row in rows:
            for key in row.all_keys:
                if key in self._rows:
                    raise ValueError(f"{key} is in two rows")
                self._rows[key] = row

    def row(self, setting: str) -> Row | None:
        """What says how a setting is judged; a setting without a row is refused."""
        if setting in self._rows:
            return self._rows[setting]
        starts = [key for key in self._rows if key.endswith(".") and setting.startswith(key)]
        return self._rows[max(starts, key=len)] if starts else None

    def start_allows(self, key: str) -> bool:
        """Whether a shorter start than the key is allowed as a whole."""
        return any(
            start != key and start.endswith(".") and key.startswith(start) and row.verdict is Verdict.ALLOWED
            for start, row in self._rows.items()
        )

    def keys(self, *verdicts: Verdict) -> list[str]:
        """All keys with one of these verdicts, sorted."""
        return sorted(key for key, row in self._rows.items() if row.verdict in verdicts)

    def anyway(self) -> dict[str, Anyway]:
        """What settings are without the job, of those that may only be made so."""
        return {key: value for row in self.rows for key, value in sorted(row.anyway.items())}
