"""The programs that a platform runs in its cluster, where environment variables name them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.operator_webhook import PROGRAM as OPERATOR

SCHEDULER: Final = "YUNIKORN_SCHEDULER_BINARY"
ADMISSION: Final = "YUNIKORN_ADMISSION_BINARY"
KWOK: Final = "KWOK_BINARY"
VARIABLES: Final = {
    OPERATOR: "the Spark operator's program",
    SCHEDULER: "YuniKorn's scheduler",
    ADMISSION: "YuniKorn's admission controller",
    KWOK: "KWOK",
}
"""Environment variables, and what each names."""


@dataclass(frozen=True)
class Programs:
    """Where they are."""

    operator: Path
    scheduler: Path
    admission: Path
    kwok: Path


def programs_here() -> Programs | str:
    """The programs, or why they can't be used."""
    faults = [fault for variable, what in VARIABLES.items() if (fault := _fault(variable, what))]
    if faults:
        return "; ".join(faults)
    return Programs(*(Path(os.environ[variable]) for variable in VARIABLES))


def _fault(variable: str, what: str) -> str:
    path = os.environ.get(variable, "")
    if not path:
        return f"needs {what}: {variable} names none"
    return "" if Path(path).is_file() and os.access(path, os.X_OK) else f"{variable} names {path}, which is no program"
