"""Why a job that is gone from the cluster ended as it did: by what its driver wrote, which is kept for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from skate.states import DRIVER_SUFFIX
from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence
from skate.why.table import cause_of

DRIVER_LINES: Final = 4000
"""Of a driver's log: an exception of Spark SQL with its plan and stack trace takes hundreds."""


def cause_of_past(name: str, ended: datetime | None, log: Sequence[str]) -> Cause:
    """The cause, as far as a driver's log tells: whether a job failed is nowhere else.

    Args:
        name: of the job.
        ended: when, if its event log has an end.
        log: the end of what its driver wrote.
    """
    driver = name + DRIVER_SUFFIX
    evidence = Evidence(
        application={
            "metadata": {"name": name},
            "status": {"applicationState": {"state": "FAILED"}, "driverInfo": {"podName": driver}},
        },
        logs={driver: tuple(log)},
    )
    if evidence.faults:
        return cause_of(evidence)
    return Cause(
        kind=Kind.UNKNOWN,
        what=f"{name} ended, and nothing in its driver's log says that it failed."
        if ended
        else f"The log of {name}'s driver says neither how it ended nor that it failed: it may have been stopped, or "
        "killed from outside.",
        remedy="Look at the whole log (`skate logs`), or at Spark's pages (`skate ui`).",
        evidence=shown(*log[-3:]),
    )
