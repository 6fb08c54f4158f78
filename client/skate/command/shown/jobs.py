"""How jobs are put into words."""

from __future__ import annotations

from skate.states import JobState, Phase

_OPERATOR_SLOW = "the Spark operator has not yet taken it"


def phase_line(state: JobState) -> str:
    """Where a job is, in a line."""
    match state.phase:
        case Phase.SUBMITTED:
            return _with("submitted", state.reason or _OPERATOR_SLOW)
        case Phase.QUEUED:
            place = f"queued, number {state.place} in {state.queue}" if state.place else f"queued in {state.queue}"
            return _with(place, state.reason)
        case Phase.STARTING:
            return _with("the driver starts", state.reason)
        case Phase.RUNNING:
            return f"running with {executors(state)}"
        case Phase.RETRYING:
            return _with(f"failed (attempt {state.attempts}), to be started again", state.reason)
        case _:
            return _with(state.phase.value, state.reason)


def executors(state: JobState) -> str:
    """How many executors a job has, and may have."""
    if state.most_executors is None:
        return f"{state.executors} executor{'s' * (state.executors != 1)}"
    return f"{state.executors} of {state.most_executors} executors"


def _with(text: str, reason: str) -> str:
    """A text and its reason, in one line."""
    return ": ".join(filter(None, (text, " ".join(reason.split()))))
