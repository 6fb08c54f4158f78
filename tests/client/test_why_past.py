"""Why jobs that are gone ended as they did: by the log alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from skate.why import Kind
from skate.why.past import cause_of_past

from tests.client.endings import evidence

ENDED = datetime(2026, 11, 28, tzinfo=UTC)


def log(name: str) -> tuple[str, ...]:
    """What the driver of a recorded ending wrote."""
    return evidence(name).driver_log


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("driver-heap", Kind.DRIVER_HEAP),
        ("disk-full", Kind.DISK),
        ("executor-killed", Kind.EXECUTOR_MEMORY),
        ("module-missing", Kind.DEPENDENCY),
        ("python-exception", Kind.USER_CODE),
        ("python-worker-killed", Kind.PYTHON_WORKER),
        ("result-too-large", Kind.RESULT_SIZE),
        ("s3-403", Kind.STORAGE_DENIED),
        ("scala-exception-in-task", Kind.USER_CODE),
        ("host-unknown", Kind.CONNECTION),
    ],
)
def test_what_a_program_threw_is_told_by_its_log(name: str, kind: Kind) -> None:
    assert cause_of_past("etl", ENDED, log(name)).kind is kind


def test_a_log_without_a_failure_is_not_said_to_have_one() -> None:
    lines = [line for line in log("python-exception") if line.startswith("26/")]
    cause = cause_of_past(
        "etl", ENDED, [*lines, "26/11/28 09:00:00 INFO SparkContext: Successfully stopped SparkContext"]
    )
    assert cause.kind is Kind.UNKNOWN
    assert "nothing in its driver's log says that it failed" in cause.what


def test_a_log_that_breaks_off_is_said_to() -> None:
    cause = cause_of_past("etl", None, ["26/11/28 09:00:00 INFO TaskSetManager: Starting task 3.0 in stage 1.0"])
    assert "killed from outside" in cause.what
    assert "Starting task 3.0" in cause.evidence[0]
