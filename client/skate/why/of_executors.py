"""Causes that come to the program as something else: executors that went away, and what was lost with them.

A program sees such an end as `ExecutorLostFailure`, as a fetch that failed, or as a context that was shut down. Only
then is
it looked for what took the executors: an executor that was lost and replaced is no cause.

Sources: apache/spark v4.0.4: core/.../TaskEndReason.scala, core/.../HeartbeatReceiver.scala,
resource-managers/kubernetes/.../ExecutorPodsLifecycleManager.scala and ExecutorPodsAllocator.scala
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence, said, words
from skate.why.faults import ending_of, log_place
from skate.why.of_memory import find
from skate.why.of_pods import evicted_executors, executor_failures, node_lost

NO_DRIVER: Final = ("driver pod not found", "driver container status missing")
"""The operator's words for a driver whose pod was deleted under it."""
_FOLLOWS: Final = re.compile(
    r"ExecutorLostFailure|FetchFailed|MetadataFetchFailed|Missing an output location for shuffle|"
    r"SparkContext was shut down|cancelled because SparkContext|ResultStage .* has failed the maximum allowable|"
    r"Stage cancelled because SparkContext|Cannot call methods on a stopped SparkContext|Job aborted due to "
    r"stage failure: Aborting TaskSet|"
    r"BlockMissing|Failed to get broadcast|Connection from \S+ closed"
)
_TOO_MANY: Final = re.compile(r"Max number of executor failures \((\d+)\) reached")
_DELETED: Final = re.compile(
    r"executor with id (\d+) was deleted by a user or the framework|Executor pod (\S+) not found|decommission", re.I
)
_HEARTBEAT: Final = re.compile(r"Executor heartbeat timed out after (\d+) ms|no recent heartbeats: (\d+) ms")
_BROADCAST: Final = re.compile(r"Could not execute broadcast in (\d+) secs|Timeout .*broadcast|_LEGACY_ERROR_TEMP_2251")
_FUTURES: Final = re.compile(r"Futures timed out after \[([^\]]+)\]|Cannot receive any reply from \S+ in ([\w. ]+)\.")
_LOST: Final = re.compile(r"Lost executor (\d+) on \S+: ?(.*)$")
_ENDED: Final = re.compile(r"The executor with id \d+ exited with exit code [^\n]*|Reason: [^\n]+")
_FORBIDDEN: Final = re.compile(
    r"(pods \"[^\"]+\" is forbidden: .*|Pod \"[^\"]+\" is invalid: .*|denied request: .*?)(?:\. Received status|$)"
)
_NODE_EVENTS: Final = ("TaintManagerEviction", "NodeNotReady", "DeletingNode", "NodeShutdown", "SpotInterruption")


def follows(evidence: Evidence) -> bool:
    """Whether the program's end may come from executors that went away."""
    if not evidence.faults:
        return True
    return any(_FOLLOWS.search(f"{each.name}: {each.text}") for each in evidence.faults)


def lost_node(evidence: Evidence) -> Cause | None:
    """A node went away under executors."""
    if not follows(evidence):
        return None
    cause = next(evicted_executors(evidence), None)
    if cause is not None:
        return cause
    events = [
        event
        for event in evidence.events_of(*_NODE_EVENTS)
        if words(event, "involvedObject", "name") != evidence.driver_name
    ]
    deleted = [log_place(line) for line in evidence.driver_log if _DELETED.search(line)]
    if not events and not deleted:
        return None
    pods = list(dict.fromkeys(words(event, "involvedObject", "name") for event in events))
    numbers = sorted({found[1] for line in deleted if (found := _DELETED.search(line)) and found[1]}, key=int)
    who = pods or [f"executor {number}" for number in numbers] or ["an executor"]
    return node_lost(
        who, "", "", shown(*map(said, events[:3]), *deleted[:3], *(each.header for each in evidence.faults[:1]))
    )


def refused(evidence: Evidence) -> Cause | None:
    """The API server or admission refused executors."""
    line = next(
        (
            line
            for line in evidence.driver_log
            if _FORBIDDEN.search(line) and "ExecutorPods" in line + _around(evidence, line)
        ),
        "",
    )
    found = _FORBIDDEN.search(line)
    if found is None or not follows(evidence):
        return None
    return Cause(
        kind=Kind.REFUSED,
        what=f"Kubernetes refused the job's executors: {found[1]}.",
        remedy="Change what the message names in `executor` of the job, and submit it again.",
        evidence=shown(log_place(line)),
    )


def _around(evidence: Evidence, line: str) -> str:
    index = evidence.driver_log.index(line)
    return " ".join(evidence.driver_log[max(0, index - 5) : index + 60])


def timeout(evidence: Evidence) -> Cause | None:
    """Something gave no answer in time."""
    place = next((each.place for each in evidence.faults if each.place), "")
    lines = [each.header for each in evidence.faults[:3]]
    if fault := find(evidence, _BROADCAST):
        found = _BROADCAST.search(f"{fault.name}: {fault.text}")
        seconds = f" in {found[1]} s" if found and found[1] else ""
        return Cause(
            kind=Kind.TIMEOUT,
            what=f"A table that was to be broadcast for a join wasn't "
            f"ready{seconds}{f' (at {place})' if place else ''}.",
            remedy="Let Spark not broadcast it (`spark.sql.autoBroadcastJoinThreshold=-1`, no `broadcast()` "
            "hint), or make "
            "the table smaller first; only if it is small and slow to make, raise `spark.sql.broadcastTimeout`.",
            evidence=shown(*lines),
        )
    beats = [log_place(line) for line in evidence.driver_log if _HEARTBEAT.search(line)]
    fault = find(evidence, _HEARTBEAT)
    if fault or (beats and follows(evidence)):
        text = fault.text if fault else beats[-1]
        found = _HEARTBEAT.search(text)
        waited = f"{int(found[1] or found[2]) / 1000:g} s" if found else "long"
        numbers = sorted({lost[1] for line in evidence.driver_log if (lost := _LOST.search(line))}, key=int)
        numbers = numbers or sorted({each.executor for each in evidence.faults if each.executor.isdecimal()}, key=int)
        who = f"Executor {', '.join(numbers[:5])}" if numbers else "An executor"
        return Cause(
            kind=Kind.TIMEOUT,
            what=f"{who} gave no sign of life for {waited}.",
            remedy="Give the executors more `executor.memory` (long garbage collections are the usual reason), "
            "or fewer "
            "`executor.cores`; if they work without memory pressure, raise `spark.network.timeout`.",
            evidence=shown(*lines, *beats[:4]),
        )
    if fault := find(evidence, _FUTURES):
        return Cause(
            kind=Kind.TIMEOUT,
            what=f"A part of Spark gave no answer in time: {fault.message}{f' (at {place})' if place else ''}.",
            remedy="Look at driver and executors for memory pressure (`skate ui`); give them more, or fewer "
            "tasks at once.",
            evidence=shown(*lines, fault.header),
        )
    return None


def failing(evidence: Evidence) -> Cause | None:
    """Executors ended one after the other, until Spark gave up."""
    line = next((line for line in reversed(evidence.driver_log) if _TOO_MANY.search(line)), "")
    found = _TOO_MANY.search(line)
    if found is None:
        return None
    failures = executor_failures(evidence)
    codes = sorted({code for _, code, _ in failures if code >= 0})
    said_last, pod = _last_words(evidence)
    return Cause(
        kind=Kind.EXECUTORS_FAILING,
        what=f"{found[1]} executors failed before they could work"
        + (f" (exit code {', '.join(map(str, codes))})" if codes else "")
        + (f"; the last words of {pod}: {said_last}" if said_last else ", and nothing that is left says why")
        + ".",
        remedy=f"Mend what {pod} says."
        if said_last
        else "Look at an executor's log while the job runs "
        "(`skate logs --executor N`), or at its pod's state; often the image or a file of the job isn't what "
        "executors need.",
        evidence=shown(log_place(line), *(text for _, _, text in failures[:3]), said_last),
    )


def _last_words(evidence: Evidence) -> tuple[str, str]:
    for pod, lines in evidence.executor_logs.items():
        if ending := ending_of(lines):
            return ending[-1].title, pod
    return "", ""


def lost(evidence: Evidence) -> Cause | None:
    """Executors went away, and what was in them; nothing says why."""
    if not evidence.faults or not follows(evidence):
        return None
    lines = [log_place(line) for line in evidence.driver_log if _LOST.search(line)]
    codes = [line for _, _, line in executor_failures(evidence)]
    shutdown = any("SparkContext was shut down" in each.text for each in evidence.faults)
    if shutdown and not lines and not codes:
        return None
    numbers = sorted({found[1] for line in lines if (found := _LOST.search(line))}, key=int)
    numbers = numbers or sorted({each.executor for each in evidence.faults if each.executor.isdecimal()}, key=int)
    reason = next((found[2] for line in reversed(lines) if (found := _LOST.search(line)) and found[2]), "")
    text = reason or next((found[0] for each in evidence.faults if (found := _ENDED.search(each.text))), "")
    fetch = any("Fetch" in each.text or "Fetch" in each.name or "shuffle" in each.text for each in evidence.faults)
    return Cause(
        kind=Kind.EXECUTOR_LOST,
        what=f"{_who(numbers)} went away{' with shuffle files that others needed' if fetch else ''}"
        f"{_after_colon(text)}.",
        remedy="Run it again; if it comes back, give the executors more memory (`executor.memoryOverhead`) first, and "
        "look at the log of one that failed.",
        evidence=shown(*(each.header for each in evidence.faults[:2]), *lines[:3], *codes[:3]),
    )


def _after_colon(text: str) -> str:
    return f": {text.strip().rstrip('.')}" if text.strip() else ""


def _who(numbers: Sequence[str]) -> str:
    if not numbers:
        return "An executor"
    return f"Executor {numbers[0]}" if len(numbers) == 1 else f"Executors {', '.join(numbers[:5])}"


def no_driver(evidence: Evidence) -> Cause | None:
    """The driver's pod is gone, and nothing is left of it."""
    if not evidence.has_failed or evidence.driver or evidence.message not in NO_DRIVER:
        return None
    gone = [said(event) for event in evidence.events_of(*_NODE_EVENTS, "Preempted", "Evicted", "Killing")]
    if any(line.startswith(_NODE_EVENTS) for line in gone):
        return node_lost([evidence.driver_name], "", "", shown(evidence.message, *gone))
    return Cause(
        kind=Kind.NODE_LOST,
        what=f"The driver's pod {evidence.driver_name} is gone: its node went away, or somebody deleted it.",
        remedy="Run it again; if nobody deleted the pod and it happens again, tell the platform's owners: "
        "drivers run on "
        "nodes that aren't taken back.",
        evidence=shown(evidence.message, *gone),
    )
