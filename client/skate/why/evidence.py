"""What is left of a job, as plain data, and a careful way through it: nothing here trusts the shape of what it
reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from skate.states import APPLICATION_ID, DRIVER_CONTAINER, EXECUTOR_CONTAINER, ROLE
from skate.why.faults import Fault, ending_of

ENDED_BADLY: Final = frozenset({"FAILED", "FAILING", "SUBMISSION_FAILED"})
AGAIN: Final = frozenset({"PENDING_RERUN", "INVALIDATING"})
SUBMISSION_FAILED: Final = "failed to run spark-submit"
"""The operator's words before those of its spark-submit."""
BEFORE_IT_RUNS: Final = frozenset({"", "SUBMITTED", "UNKNOWN", "RESUMING"})


def at(thing: object, *path: str | int) -> Any:  # noqa: ANN401
    """What is there on that path of a JSON value; None where there is nothing, or something else."""
    for step in path:
        match thing, step:
            case Mapping(), str():
                thing = thing.get(step)
            case ((list() | tuple()), int()) if -len(thing) <= step < len(thing):
                thing = thing[step]
            case _:
                return None
    return thing


def words(thing: object, *path: str | int) -> str:
    """The text on that path; empty where there is none."""
    found = at(thing, *path)
    return found if isinstance(found, str) else ""


def number(thing: object, *path: str | int) -> int | None:
    """The whole number on that path."""
    found = at(thing, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def objects(thing: object, *path: str | int) -> list[Mapping[str, Any]]:
    """The objects of the list on that path."""
    found = at(thing, *path)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, (list, tuple)) else []


def name_of(thing: object) -> str:
    """An object's name."""
    return words(thing, "metadata", "name")


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container as its pod's status has it.

    Attributes:
        pod: the name of its pod.
        role: `driver`, `executor` or empty.
        name: its own.
        initial: whether it runs before the others.
        waiting: why it waits, and in which words; empty if it doesn't.
        exit_code: with which it ended, if it has.
        reason: the word of the kubelet for that.
        image: what it is to run.
    """

    pod: str
    role: str
    name: str
    initial: bool
    waiting: str
    message: str
    exit_code: int | None
    reason: str
    image: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is left of a job.

    Attributes:
        application: its object; empty if that is gone.
        pods: its own that are there.
        events: of the application and of its pods, oldest first.
        logs: the last lines of each container by the name of its pod; those of other containers by `pod/container`.
        stopped: whether the application is gone without having ended.
    """

    application: Mapping[str, Any] = field(default_factory=dict)
    pods: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    logs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stopped: bool = False

    @cached_property
    def name(self) -> str:
        """Of the application."""
        return name_of(self.application)

    @cached_property
    def state(self) -> str:
        """The operator's word."""
        return words(self.application, "status", "applicationState", "state")

    @cached_property
    def message(self) -> str:
        """The operator's words for it."""
        return words(self.application, "status", "applicationState", "errorMessage")

    @cached_property
    def has_failed(self) -> bool:
        """Whether it ended badly, if only for now."""
        return self.state in ENDED_BADLY or self.state in AGAIN

    @cached_property
    def driver(self) -> Mapping[str, Any]:
        """The pod of its latest driver; empty if there is none."""
        drivers = [pod for pod in self.pods if words(pod, "metadata", "labels", ROLE) == "driver"]
        return max(drivers, key=lambda pod: words(pod, "metadata", "creationTimestamp"), default={})

    @cached_property
    def driver_name(self) -> str:
        """The name of its latest driver, also of one that is gone."""
        return name_of(self.driver) or words(self.application, "status", "driverInfo", "podName")

    @cached_property
    def executors(self) -> list[Mapping[str, Any]]:
        """The pods of its executors that are there."""
        own = words(self.driver, "metadata", "labels", APPLICATION_ID)
        return [
            pod
            for pod in self.pods
            if words(pod, "metadata", "labels", ROLE) == "executor"
            and (not own or words(pod, "metadata", "labels", APPLICATION_ID) in ("", own))
        ]

    @cached_property
    def containers(self) -> list[Container]:
        """Of its pods, as far as their status has them; the driver's first."""
        pods = [self.driver, *self.executors] if self.driver else self.executors
        return [container for pod in pods for container in _containers(pod)]

    @cached_property
    def driver_log(self) -> tuple[str, ...]:
        """The last lines of its driver."""
        return self.log_of(self.driver_name)

    def log_of(self, pod: str) -> tuple[str, ...]:
        """The last lines of a container."""
        lines = at(self.logs, pod)
        return tuple(line for line in lines if isinstance(line, str)) if isinstance(lines, (list, tuple)) else ()

    @cached_property
    def executor_logs(self) -> dict[str, tuple[str, ...]]:
        """The last lines of executors, by their pods."""
        return {pod: self.log_of(pod) for pod in self.logs if pod != self.driver_name and "/" not in pod}

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What the program ended with: from what it threw to the deepest cause of that."""
        package = words(self.application, "spec", "mainClass").rpartition(".")[0]
        return ending_of(self.program_log, ".".join(package.split(".")[:2]))

    @cached_property
    def program_log(self) -> tuple[str, ...]:
        """The last lines of the driver; where there never was one, those of the operator's spark-submit."""
        return tuple(self.message.splitlines()) if SUBMISSION_FAILED in self.message else self.driver_log

    def events_of(self, *reasons: str) -> Iterator[Mapping[str, Any]]:
        """Those of these reasons, latest first."""
        return (event for event in reversed(self.events) if words(event, "reason") in reasons)


def said(event: object) -> str:
    """An event as one line."""
    return f"{words(event, 'reason')} ({words(event, 'involvedObject', 'name')}): {words(event, 'message')}"


def _containers(pod: Mapping[str, Any]) -> Iterator[Container]:
    images = {
        words(each, "name"): words(each, "image")
        for kind in ("initContainers", "containers")
        for each in objects(pod, "spec", kind)
    }
    for kind in ("initContainerStatuses", "containerStatuses"):
        for each in objects(pod, "status", kind):
            name = words(each, "name")
            yield Container(
                pod=name_of(pod),
                role=words(pod, "metadata", "labels", ROLE),
                name=name,
                initial=kind == "initContainerStatuses",
                waiting=words(each, "state", "waiting", "reason"),
                message=words(each, "state", "waiting", "message") or words(each, "state", "terminated", "message"),
                exit_code=number(each, "state", "terminated", "exitCode"),
                reason=words(each, "state", "terminated", "reason"),
                image=images.get(name) or words(each, "image"),
            )


def is_main(container: Container) -> bool:
    """Whether Spark itself runs in it."""
    return container.name in (DRIVER_CONTAINER, EXECUTOR_CONTAINER)
