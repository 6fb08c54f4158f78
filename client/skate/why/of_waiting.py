"""Why a job waits: the scheduler's and the autoscaler's words about its driver and its executors.

Sources: apache/yunikorn-k8shim v1.9.0, pkg/cache/context.go; apache/yunikorn-core v1.9.0, pkg/scheduler/objects/events/
ask_events.go and application.go; kubernetes/autoscaler cluster-autoscaler-1.36.1, core/scaleup/orchestrator,
processors/status/eventing_scale_up_processor.go
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import BEFORE_IT_RUNS, Evidence, is_main, name_of, objects, said, words

_IN_QUEUE: Final = re.compile(r"does not fit in queue '([^']+)' \(requested ([^,]+), available (.+)\)")
_QUOTA: Final = re.compile(
    r"Not enough queue quota|Not enough user quota|queue quota has been exceed|does not fit in queue|exceeds the "
    r"available user quota"
)
_BACKOFF: Final = re.compile(r"(\d+) in backoff after failed scale-up")
_MAXIMUM: Final = re.compile(
    r"max node group size reached|exceeded quota|max cluster (?:cpu|memory) limit reached|max total nodes"
)
_NO_FIT: Final = re.compile(r"Insufficient (?:cpu|memory)|didn't match Pod's node affinity/selector|untolerated taint")
_TURN: Final = re.compile(r"max(?:imum)? (?:running )?app|not runnable|Application .* (?:does not fit|max apps)", re.I)
_ZONE: Final = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d[a-z]\b")
_NOISE: Final = "Found multiple 'app-id' value"
"""YuniKorn's, of every driver and executor."""
_LIST: Final = re.compile(r"\s+")


def queue(evidence: Evidence) -> Cause | None:
    """The queue has all it may have."""
    for pod in _waiting(evidence):
        condition, events = _scheduled(pod), _events(evidence, pod)
        said_so = [text for text in (words(condition, "message"), *map(_words, events)) if _QUOTA.search(text)]
        if words(condition, "reason") == "SchedulingSkipped" or (said_so and not _is_unschedulable(condition)):
            fits = next((found for text in said_so if (found := _IN_QUEUE.search(text))), None)
            whose = "the user's share" if any("user quota" in text for text in said_so) else "the queue"
            return Cause(
                kind=Kind.QUEUE_FULL,
                what=f"{_what_waits(evidence, pod)}: {whose} has all it may have"
                + (f"; it asks for {_amounts(fits[2])}, and {_amounts(fits[3])} are left" if fits else "")
                + ".",
                remedy="Wait until others end (`skate queues` shows what runs and who is before it), ask for fewer or "
                "smaller executors, or ask an owner of the tenant for more (`maxNodes` of the queue's pools).",
                evidence=shown(_line(pod, condition), *map(said, events[:3])),
            )
    return None


def queue_by_silence(evidence: Evidence) -> Cause | None:
    """Executors that the scheduler has said nothing about: those of a queue that has all it may have.

    YuniKorn writes a condition only into pods that the queue's maximum leaves room for and that no node has room for.
    """
    silent = [pod for pod in _waiting(evidence) if pod is not evidence.driver and not _scheduled(pod)]
    if not silent:
        return None
    running = sum(words(pod, "status", "phase") == "Running" for pod in evidence.executors)
    return Cause(
        kind=Kind.QUEUE_FULL,
        what=f"{len(silent)} executors wait, {name_of(silent[0])} among them, while {running} run: the queue has "
        f"all it may "
        "have, or they were asked for a moment ago.",
        remedy="Wait until others end (`skate queues` shows what runs), ask for fewer or smaller executors, or ask an "
        "owner of the tenant for more (`maxNodes` of the queue's pools).",
        evidence=shown(*(said(event) for pod in silent[:3] for event in _events(evidence, pod)[:1])),
    )


def capacity(evidence: Evidence) -> Cause | None:
    """The cloud has no nodes to give, or the pool has all it may have."""
    for pod in _waiting(evidence):
        condition, events = _scheduled(pod), _events(evidence, pod)
        refusals = [
            event
            for event in events
            if words(event, "reason") in ("NotTriggerScaleUp", "FailedToScaleUpGroup", "FailedScaleUp")
        ]
        latest = next(
            (
                event
                for event in events
                if words(event, "reason") in ("NotTriggerScaleUp", "TriggeredScaleUp", "FailedScaleUp")
            ),
            None,
        )
        if latest is None or latest not in refusals:
            continue
        text = _words(latest)
        backoff, maximum = _BACKOFF.search(text), _MAXIMUM.search(text)
        where = _where(evidence, pod)
        lines = shown(said(latest), _line(pod, condition))
        if backoff or words(latest, "reason") != "NotTriggerScaleUp":
            return Cause(
                kind=Kind.CAPACITY,
                what=f"{_what_waits(evidence, pod)}: the cloud had no such nodes to give{where}"
                + ("; the autoscaler leaves that group of nodes alone for some minutes." if backoff else "."),
                remedy="Wait: it is tried again by itself. If it doesn't come, choose another pool (`skate "
                "queues` shows "
                "them), or ask an owner of the tenant for more instance types or zones in this one.",
                evidence=lines,
            )
        if maximum:
            return Cause(
                kind=Kind.QUEUE_FULL,
                what=f"{_what_waits(evidence, pod)}: the pool has as many nodes as it may have{where}.",
                remedy="Wait until others end, ask for fewer or smaller executors, or ask an owner of the tenant "
                "for more "
                "(`maxNodes` of the pool).",
                evidence=lines,
            )
        return Cause(
            kind=Kind.NO_ROOM,
            what=f"{_what_waits(evidence, pod)}: no node that there could be fits it{where} ({_short(text)}).",
            remedy="Make it smaller, or let it go to another pool: its size, `nodeSelector` or tolerations fit "
            "no group "
            "of nodes. `skate queues` shows sizes that fit.",
            evidence=lines,
        )
    return None


def turn(evidence: Evidence) -> Cause | None:
    """The queue lets no more jobs run at once, or nobody has looked at it yet."""
    if not evidence.driver or evidence.driver not in _waiting(evidence):
        return None
    condition, events = _scheduled(evidence.driver), _events(evidence, evidence.driver)
    told = [event for event in events if _TURN.search(_words(event))]
    if words(condition, "reason") and not told:
        return None
    return Cause(
        kind=Kind.TURN,
        what=f"The driver {evidence.driver_name} waits for its turn: as many jobs run as the queue lets run at "
        f"once, or "
        "others came before it.",
        remedy="Wait; `skate queues` shows what runs and who is before it. Where jobs of a queue wait often, an "
        "owner of "
        "the tenant can raise `drivers.atOnce`.",
        evidence=shown(_line(evidence.driver, condition), *map(said, (told or events)[:3])),
    )


def room(evidence: Evidence) -> Cause | None:
    """No node has room yet; one may be on its way."""
    for pod in _waiting(evidence):
        condition, events = _scheduled(pod), _events(evidence, pod)
        if not _is_unschedulable(condition):
            continue
        coming = next((event for event in events if words(event, "reason") == "TriggeredScaleUp"), None)
        return Cause(
            kind=Kind.NO_ROOM,
            what=f"{_what_waits(evidence, pod)}: no node has room for it"
            + ("; one is on its way." if coming else f" ({_short(words(condition, 'message'))})."),
            remedy="Wait some minutes for the new node."
            if coming
            else "Wait some minutes; if no node comes, ask again: `skate why` then shows what the autoscaler says.",
            evidence=shown(_line(pod, condition), *(said(event) for event in events[:3])),
        )
    return None


def executors(evidence: Evidence) -> Cause | None:
    """The driver runs, and its executors don't."""
    if evidence.state != "RUNNING" or any(words(pod, "status", "phase") == "Running" for pod in evidence.executors):
        return None
    starting = [pod for pod in evidence.executors if words(pod, "status", "phase") == "Pending"]
    hungry = [line for line in evidence.driver_log if "Initial job has not accepted any resources" in line]
    if not starting and not hungry:
        return None
    names = [name_of(pod) for pod in starting]
    return Cause(
        kind=Kind.EXECUTORS_WAIT,
        what=f"The driver {evidence.driver_name} runs and has no executor yet"
        + (f"; {len(names)} start: {', '.join(names[:3])}." if names else "."),
        remedy="Wait some minutes; if it stays so, look at `skate logs` and at the events of the executors.",
        evidence=shown(*hungry[-1:], *(_line(pod, _scheduled(pod)) for pod in starting[:3])),
    )


def starting(evidence: Evidence) -> Cause | None:
    """It has been submitted, and its driver has a node or isn't there yet."""
    if evidence.state not in BEFORE_IT_RUNS:
        return None
    driver = next((each for each in evidence.containers if each.role == "driver" and is_main(each)), None)
    said_of = f"its driver {evidence.driver_name} has the node {words(evidence.driver, 'spec', 'nodeName')}"
    return Cause(
        kind=Kind.STARTING,
        what=f"{evidence.name or 'The job'} starts: "
        + (said_of if words(evidence.driver, "spec", "nodeName") else "the Spark operator hasn't made its driver yet")
        + (f" ({driver.waiting})" if driver and driver.waiting else "")
        + ".",
        remedy="Wait a minute; if it stays so, tell the platform's owners.",
        evidence=shown(*(said(event) for event in list(reversed(evidence.events))[:3])),
    )


def running(evidence: Evidence) -> Cause | None:
    """It runs."""
    if evidence.state not in ("RUNNING", "SUCCEEDING", "SUSPENDING", "SUSPENDED"):
        return None
    busy = sum(words(pod, "status", "phase") == "Running" for pod in evidence.executors)
    return Cause(
        kind=Kind.RUNNING,
        what=f"{evidence.name} is {evidence.state.lower()}, with {busy} executors.",
        remedy="Nothing needs to be done; `skate logs` and `skate ui` show what it does.",
    )


def succeeded(evidence: Evidence) -> Cause | None:
    """It did what it should."""
    if evidence.state != "COMPLETED":
        return None
    return Cause(kind=Kind.SUCCEEDED, what=f"{evidence.name} ended well.", remedy="Nothing needs to be done.")


def stopped(evidence: Evidence) -> Cause | None:
    """Somebody removed it."""
    if not evidence.stopped:
        return None
    return Cause(
        kind=Kind.STOPPED,
        what=f"Somebody removed {evidence.name or 'the job'} before it ended.",
        remedy="Start it again if it should have gone on: `skate rerun`.",
        evidence=shown(*(said(event) for event in list(reversed(evidence.events))[:3])),
    )


def _waiting(evidence: Evidence) -> list[Mapping[str, Any]]:
    """The pods that have no node, the driver first."""
    if evidence.has_failed or evidence.state == "COMPLETED":
        return []
    pods = [evidence.driver, *evidence.executors] if evidence.driver else evidence.executors
    return [
        pod for pod in pods if words(pod, "status", "phase") in ("", "Pending") and not words(pod, "spec", "nodeName")
    ]


def _what_waits(evidence: Evidence, pod: Mapping[str, Any]) -> str:
    if pod is evidence.driver:
        return f"The driver {name_of(pod)} waits"
    count = sum(each is not evidence.driver for each in _waiting(evidence))
    return f"{count} executors wait, {name_of(pod)} among them" if count > 1 else f"The executor {name_of(pod)} waits"


def _scheduled(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the scheduler has written into a pod's status."""
    found = (each for each in objects(pod, "status", "conditions") if each.get("type") == "PodScheduled")
    return next((each for each in found if each.get("status") == "False"), {})


def _is_unschedulable(condition: Mapping[str, Any]) -> bool:
    return condition.get("reason") == "Unschedulable"


def _events(evidence: Evidence, pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The events of a pod, latest first."""
    name = name_of(pod)
    return [
        event
        for event in reversed(evidence.events)
        if words(event, "involvedObject", "name") == name and not _words(event).startswith(_NOISE)
    ]


def _words(event: Mapping[str, Any]) -> str:
    return words(event, "message")


def _line(pod: Mapping[str, Any], condition: Mapping[str, Any]) -> str:
    if not condition:
        return ""
    return f"{name_of(pod)}: {words(condition, 'reason')}: {_short(words(condition, 'message'))}"


def _where(evidence: Evidence, pod: Mapping[str, Any]) -> str:
    """Pool and zone in which a pod is to run: by its selector, or by the group of nodes that was to grow for it."""
    selector = _selector(pod)
    pool = next((str(value) for key, value in selector.items() if str(key).endswith("/pool")), "")
    grown = " ".join(words(event, "message") for event in evidence.events_of("TriggeredScaleUp"))
    zone = words(selector, "topology.kubernetes.io/zone") or (found[0] if (found := _ZONE.search(grown)) else "")
    parts = ([f"pool {pool}"] if pool else []) + ([f"zone {zone}"] if zone else [])
    return f" ({', '.join(parts)})" if parts else ""


def _selector(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    found = pod.get("spec", {}) if isinstance(pod.get("spec"), Mapping) else {}
    selector = found.get("nodeSelector")
    return selector if isinstance(selector, Mapping) else {}


def _amounts(text: str) -> str:
    """`map[memory:4294967296 pods:1 vcore:1000]` as people write it."""
    found = dict(re.findall(r"([\w./-]+):(-?\d+)", text))
    parts: Sequence[str] = [
        *([f"{int(found['vcore']) / 1000:g} CPU"] if "vcore" in found else []),
        *([f"{int(found['memory']) / 2**30:.1f} GiB"] if "memory" in found else []),
    ]
    return " and ".join(parts) if parts else text


def _short(text: str) -> str:
    return _LIST.sub(" ", text).strip().rstrip(";. ")[:200]
