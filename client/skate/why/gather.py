"""What is left of a job in the cluster, gathered for `skate.why.cause_of`.

Logs are read from their ends, and those of few pods: the driver, the executors that failed, and init containers that
did.
What may not be read, or has gone meanwhile, is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from skate.cluster import Cluster
from skate.errors import SkateError
from skate.states import DRIVER_CONTAINER, EXECUTOR_CONTAINER, NAME, ROLE
from skate.why.evidence import ENDED_BADLY, Evidence, at, name_of, number, objects, words
from skate.why.past import DRIVER_LINES

T = TypeVar("T")
KeptLog = Callable[[str], Awaitable[tuple[str, ...]]]
EXECUTOR_LINES: Final = 400
MOST_EXECUTORS: Final = 3
"""Whose logs are read: those that failed alike say the same."""
MOST_EVENTS_OF: Final = 10
"""Executors whose events are asked for."""


async def gather(cluster: Cluster, application: Mapping[str, Any], kept: KeptLog | None = None) -> Evidence:
    """What is left of a job.

    Args:
        cluster: where it is.
        application: its object, as it was last seen.
        kept: gives the end of what a driver wrote whose pod is gone, by Spark's identifier of the job.

    Raises:
        NotAllowedError, LoginError, UnreachableError: as their names say, where the application itself can't be read.
    """
    namespace, name = words(application, "metadata", "namespace"), name_of(application)
    there, pods = await asyncio.gather(
        cluster.application(namespace, name), _or(cluster.pods(namespace, {NAME: name}), [])
    )
    known = there if there is not None else application
    evidence = Evidence(application=known, pods=tuple(pods))
    executors = [*_failed(evidence), *_without_node(evidence)]
    asked = list(dict.fromkeys([name, evidence.driver_name, *executors[:MOST_EVENTS_OF]]))
    events, logs = await asyncio.gather(
        asyncio.gather(*(_or(cluster.events_of(namespace, each), []) for each in asked if each)),
        _logs(cluster, namespace, evidence, kept),
    )
    ended = words(known, "status", "applicationState", "state") in (*ENDED_BADLY, "COMPLETED")
    return Evidence(
        application=known,
        pods=tuple(pods),
        events=tuple(event for some in events for event in some),
        logs=logs,
        stopped=there is None and not ended,
    )


async def _logs(
    cluster: Cluster, namespace: str, evidence: Evidence, kept: KeptLog | None
) -> dict[str, tuple[str, ...]]:
    """The ends of the logs that matter, by their names in `Evidence.logs`."""
    wanted: dict[str, tuple[str, str, int]] = {}
    if evidence.driver:
        wanted[evidence.driver_name] = (evidence.driver_name, DRIVER_CONTAINER, DRIVER_LINES)
    there = {name_of(pod) for pod in evidence.executors}
    for pod in [each for each in _failed(evidence) if each in there][:MOST_EXECUTORS]:
        wanted[pod] = (pod, EXECUTOR_CONTAINER, EXECUTOR_LINES)
    for container in evidence.containers:
        if container.initial and container.exit_code and len(wanted) < 2 * MOST_EXECUTORS:
            wanted[f"{container.pod}/{container.name}"] = (container.pod, container.name, EXECUTOR_LINES)
    found = await asyncio.gather(*(_log(cluster, namespace, *each) for each in wanted.values()))
    logs = {key: lines for key, lines in zip(wanted, found, strict=True) if lines}
    application_id = words(evidence.application, "status", "sparkApplicationId")
    if kept and evidence.has_failed and not evidence.driver and evidence.driver_name and application_id:
        logs[evidence.driver_name] = await _or(kept(application_id), ())
    return logs


async def _log(cluster: Cluster, namespace: str, pod: str, container: str, tail: int) -> tuple[str, ...]:
    try:
        return tuple([line async for line in cluster.log(namespace, pod, container, follow=False, tail=tail)])
    except SkateError:
        return ()


def _failed(evidence: Evidence) -> list[str]:
    """The executors that failed: by their pods, and by what the operator has kept of those that are gone."""
    pods = [
        name_of(pod)
        for pod in evidence.executors
        if words(pod, "status", "phase") == "Failed"
        or any(number(each, "state", "terminated", "exitCode") for each in objects(pod, "status", "containerStatuses"))
    ]
    kept = at(evidence.application, "status", "executorState")
    gone = [name for name, state in kept.items() if state == "FAILED"] if isinstance(kept, Mapping) else []
    return list(dict.fromkeys([*pods, *gone]))


def _without_node(evidence: Evidence) -> list[str]:
    return [
        name_of(pod)
        for pod in evidence.pods
        if words(pod, "metadata", "labels", ROLE) == "executor" and words(pod, "status", "phase") in ("", "Pending")
    ]


async def _or(asking: Awaitable[T], otherwise: T) -> T:
    try:
        return await asking
    except SkateError:
        return otherwise
