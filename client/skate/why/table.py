"""The order in which causes are looked for: the most specific first, so that the deepest wins.

What a job's objects say outright comes first, then what its program ended with, then what that may follow from; an
executor
that is lost counts only where the program's end follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from skate.why import of_code, of_executors, of_memory, of_pods, of_storage, of_submission, of_waiting
from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence
from skate.why.faults import errors_of, log_place

Detector = Callable[[Evidence], Cause | None]


def _if_it_follows(detector: Detector) -> Detector:
    """A detector of what took executors, only where the program's end follows from that."""

    def found(evidence: Evidence) -> Cause | None:
        return detector(evidence) if of_executors.follows(evidence) else None

    return found


BEFORE_THE_PROGRAM: Final[tuple[Detector, ...]] = (
    of_waiting.stopped,
    of_waiting.succeeded,
    of_pods.secret,
    of_pods.image,
    of_submission.refused,
    of_pods.evicted,
    of_executors.no_driver,
    of_pods.driver_memory,
)
OF_THE_PROGRAM: Final[tuple[Detector, ...]] = (
    of_memory.result_size,
    of_memory.python_worker,
    of_storage.disk,
    of_memory.executor_heap,
    of_memory.driver_heap,
    of_memory.python_memory,
    of_code.given_file,
    of_code.program,
    of_storage.denied,
    of_storage.missing,
    of_code.dependency,
    of_code.setting,
    of_code.connection,
)
OF_EXECUTORS: Final[tuple[Detector, ...]] = (
    _if_it_follows(of_memory.executor_killed),
    of_executors.refused,
    of_executors.lost_node,
    of_executors.timeout,
    of_executors.failing,
    of_executors.lost,
)
OF_THE_REST: Final[tuple[Detector, ...]] = (
    of_submission.submission,
    of_code.exception,
    of_code.exit_code,
)
OF_WAITING: Final[tuple[Detector, ...]] = (
    of_waiting.queue,
    of_waiting.capacity,
    of_waiting.room,
    of_waiting.queue_by_silence,
    of_waiting.turn,
    of_waiting.executors,
    of_waiting.starting,
    of_waiting.running,
)
NOT_ENDED: Final = (of_waiting.stopped, of_waiting.succeeded, of_pods.secret, of_pods.image, *OF_WAITING)
ENDED: Final = (*BEFORE_THE_PROGRAM, *OF_THE_PROGRAM, *OF_EXECUTORS, *OF_THE_REST)


def cause_of(evidence: Evidence) -> Cause:
    """One cause and one remedy; where nothing tells, that."""
    return next((cause for detector in detectors(evidence) if (cause := detector(evidence))), None) or unknown(evidence)


def detectors(evidence: Evidence) -> tuple[Detector, ...]:
    """Those that a job is looked at with, most specific first."""
    return ENDED if evidence.has_failed else NOT_ENDED


def unknown(evidence: Evidence) -> Cause:
    """Nothing that is left tells why; the last lines that look like errors may."""
    errors = [log_place(line) for line in errors_of(evidence.driver_log)][-5:]
    has_log = bool(evidence.driver_log)
    return Cause(
        kind=Kind.UNKNOWN,
        what=f"Nothing that is left of {evidence.name or 'the job'} says why it is {evidence.state or 'where it is'}"
        + (f": {evidence.message.splitlines()[0]}" if evidence.message.strip() else "")
        + ("." if has_log else "; its driver's log is gone, or was empty."),
        remedy="Look at the whole log (`skate logs`)"
        + ("; its last errors are below." if errors else ", and at the driver in the history server (`skate ui`)."),
        evidence=shown(*errors, *(list(evidence.driver_log[-3:]) if not errors else [])),
    )
