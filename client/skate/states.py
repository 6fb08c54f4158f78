"""Where a job is, from its application and pods: pure functions of what the API server has.

Source: kubeflow/spark-operator v2.5.2, api/v1beta2/sparkapplication_types.go, pkg/common/spark.go
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from skate.deadlines import deadline_of

Object = Mapping[str, Any]

JOB_ID: Final = "elastic-spark/job-id"
"""Label of an application, by which whoever submits finds again what they submitted."""
SUBMITTER: Final = "elastic-spark/submitter"
LANE: Final = "elastic-spark/lane"
NAME: Final = "sparkoperator.k8s.io/app-name"
ROLE: Final = "spark-role"
DRIVER_CONTAINER: Final = "spark-kubernetes-driver"
EXECUTOR_CONTAINER: Final = "spark-kubernetes-executor"
DRIVER_SUFFIX: Final = "-driver"
"""After an application's name it is its driver's pod.

Source: kubeflow/spark-operator v2.5.2, pkg/util/sparkapplication.go (GetDriverPodName)
"""
APPLICATION_ID: Final = "spark-app-selector"


class Phase(StrEnum):
    """Where a job is, in the order of its life."""

    SUBMITTED = "submitted"
    """The Spark operator has not yet started it."""
    QUEUED = "queued"
    """Its driver waits for its turn, or for room."""
    STARTING = "starting"
    """Its driver has a node and is not yet running."""
    RUNNING = "running"
    RETRYING = "retrying"
    """It has failed and is to be started again, as its restart policy says."""
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    """Somebody removed it before it ended."""
    ENDED = "ended"
    """It has ended, and how isn't known any more."""


_OVER: Final = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.STOPPED, Phase.ENDED})
_PHASES: Final[Mapping[str, Phase]] = {
    "": Phase.SUBMITTED,
    "RUNNING": Phase.RUNNING,
    "SUCCEEDING": Phase.RUNNING,
    "COMPLETED": Phase.SUCCEEDED,
    "FAILED": Phase.FAILED,
    "SUBMISSION_FAILED": Phase.RETRYING,
    "FAILING": Phase.RETRYING,
    "PENDING_RERUN": Phase.RETRYING,
    "INVALIDATING": Phase.RETRYING,
    "SUSPENDING": Phase.SUSPENDED,
    "SUSPENDED": Phase.SUSPENDED,
    "RESUMING": Phase.SUBMITTED,
}


@dataclass(frozen=True, kw_only=True)
class JobState:
    """Where a job is.

    Attributes:
        name: of its application.
        queue: its namespace.
        job_id: what whoever submitted it calls it; empty if nothing.
        phase: where it is.
        reason: why it is there, in the words of whoever decided; may be empty.
        place: how many drivers of the queue go first, and 1; of a queued job of a queue without lanes and `fair`.
        executors: that run.
        most_executors: that it may have; None if it doesn't say.
        submitter: who submitted it.
        submitted: when.
        ended: when, if it has.
        application_id: Spark's own identifier, once its driver runs; logs and history go by it.
        driver: its driver's pod, once there is one.
        attempts: how often it was started.
        deadline: by when it must have ended; None if it doesn't say.
    """

    name: str
    queue: str
    phase: Phase
    job_id: str = ""
    reason: str = ""
    place: int | None = None
    executors: int = 0
    most_executors: int | None = None
    submitter: str = ""
    submitted: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    application_id: str = ""
    driver: str = ""
    attempts: int = 0
    deadline: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.phase in _OVER


def job_state(
    application: Object, pods: Sequence[Object] = (), waiting: Sequence[Object] = (), held_back: str = ""
) -> JobState:
    """Where a job is.

    Args:
        application: its object.
        pods: its own.
        waiting: all drivers of the queue that have no node, its own among them.
        held_back: why drivers wait of which the scheduler says nothing, see `full`.
    """
    metadata, spec, status = application["metadata"], application.get("spec", {}), application.get("status") or {}
    state = status.get("applicationState") or {}
    driver = _driver(pods)
    phase, reason = _phase(state, status, spec, driver)
    running = sum(_role(pod) == "executor" and pod["status"].get("phase") == "Running" for pod in pods)
    return JobState(
        name=metadata["name"],
        queue=metadata["namespace"],
        job_id=(metadata.get("labels") or {}).get(JOB_ID, ""),
        phase=phase,
        reason=reason or (held_back if phase is Phase.QUEUED else ""),
        place=_place(driver, waiting) if phase is Phase.QUEUED and driver else None,
        executors=running,
        most_executors=_most_executors(spec),
        submitter=(metadata.get("annotations") or {}).get(SUBMITTER, ""),
        submitted=_time(metadata.get("creationTimestamp")),
        started=None
        if phase in (Phase.SUBMITTED, Phase.QUEUED)
        else _time((driver or {}).get("status", {}).get("startTime") or status.get("lastSubmissionAttemptTime")),
        ended=_time(status.get("terminationTime")) if phase in _OVER else None,
        application_id=status.get("sparkApplicationId") or "",
        driver=(status.get("driverInfo") or {}).get("podName") or (driver["metadata"]["name"] if driver else ""),
        attempts=status.get("submissionAttempts") or status.get("executionAttempts") or 0,
        deadline=deadline_of(application),
    )


def _phase(state: Object, status: Object, spec: Object, driver: Object | None) -> tuple[Phase, str]:
    name, message = str(state.get("state") or ""), str(state.get("errorMessage") or "")
    if name in ("", "SUBMITTED", "UNKNOWN"):
        return _before_it_runs(name, message, driver)
    phase = _PHASES.get(name, Phase.SUBMITTED)
    if phase is Phase.RETRYING and not _will_retry(name, status, spec):
        phase = Phase.FAILED
    return phase, message


def _before_it_runs(name: str, message: str, driver: Object | None) -> tuple[Phase, str]:
    if driver is None:
        return Phase.SUBMITTED, message
    if not driver.get("spec", {}).get("nodeName"):
        return Phase.QUEUED, _why_unscheduled(driver)
    if driver.get("status", {}).get("phase") == "Running":
        return Phase.RUNNING, message
    return Phase.STARTING, _why_waiting(driver)


def _will_retry(name: str, status: Object, spec: Object) -> bool:
    """Whether the operator starts it again.

    Source: kubeflow/spark-operator v2.5.2, pkg/util/sparkapplication.go (ShouldRetry)
    """
    if name not in ("FAILING", "SUBMISSION_FAILED"):
        return True
    policy = spec.get("restartPolicy") or {}
    kinds = {"FAILING": ("executionAttempts", "onFailureRetries")}
    attempts, retries = kinds.get(name, ("submissionAttempts", "onSubmissionFailureRetries"))
    match policy.get("type"):
        case "Always":
            return True
        case "OnFailure":
            return policy.get(retries) is not None and int(status.get(attempts) or 0) <= int(policy[retries])
        case _:
            return False


def _why_unscheduled(pod: Object) -> str:
    for condition in pod.get("status", {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "")
    return ""


def _why_waiting(pod: Object) -> str:
    status = pod.get("status", {})
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") and waiting["reason"] not in ("ContainerCreating", "PodInitializing"):
            return ": ".join(filter(None, (waiting["reason"], waiting.get("message"))))
    return ""


def _place(driver: Object, waiting: Sequence[Object]) -> int:
    """How many drivers stand before it, and 1: backfill after all others, else who came first."""
    return 1 + sum(_rank(other) < _rank(driver) for other in waiting)


def _rank(pod: Object) -> tuple[bool, str, str]:
    metadata = pod["metadata"]
    backfill = (metadata.get("labels") or {}).get(LANE) == "backfill"
    return backfill, str(metadata.get("creationTimestamp") or ""), metadata["name"]


def waiting_drivers(pods: Sequence[Object]) -> list[Object]:
    """The drivers that have no node, in the order in which they get one."""
    return sorted((pod for pod in pods if _role(pod) == "driver" and _waits(pod)), key=_rank)


def full(drivers: Sequence[Object], at_once: int) -> str:
    """That as many jobs run as a queue lets run at once, if so: YuniKorn says nothing of those whose turn isn't yet.

    Args:
        drivers: of the queue.
        at_once: how many of them may have a node.
    """
    run = sum(_role(pod) == "driver" and _has_node(pod) for pod in drivers)
    return f"as many jobs run as the queue lets run at once ({at_once})" if run >= at_once else ""


def _has_node(pod: Object) -> bool:
    """Whether it has one, and has not ended."""
    return bool(pod.get("spec", {}).get("nodeName")) and pod.get("status", {}).get("phase") in ("Pending", "Running")


def _waits(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") == "Pending" and not pod.get("spec", {}).get("nodeName")


def _driver(pods: Sequence[Object]) -> Object | None:
    drivers = [pod for pod in pods if _role(pod) == "driver"]
    return max(drivers, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""), default=None)


def _role(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get(ROLE, ""))


def _most_executors(spec: Object) -> int | None:
    dynamic = spec.get("dynamicAllocation") or {}
    if dynamic.get("enabled"):
        return dynamic.get("maxExecutors")
    instances: int | None = (spec.get("executor") or {}).get("instances")
    return instances


def _time(text: str | datetime | None) -> datetime | None:
    if not text or isinstance(text, datetime):
        return text or None
    return datetime.fromisoformat(text)
