"""What the step-by-step reference is about: pods, nodes, pools, queues and jobs, as plain objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from capacity.replay.world import EXECUTOR


@dataclass(eq=False)
class Event:
    """Something that will happen, unless it is called off."""

    time: float
    order: int
    happens: Callable[[], None]


@dataclass(eq=False)
class Pod:
    """A driver or an executor."""

    cpu: int
    memory: int
    created: float
    marked: bool = False
    node: Node | None = None
    bound: float = 0.0


@dataclass(eq=False)
class Node:
    """A node from asking for it to its end; of the numbers of its pool it has the lowest that was free."""

    pool: Pool
    number: int
    asked: float
    state: str = "booting"
    ready: float = -1.0
    pods: set[Pod] = field(default_factory=set)
    unneeded: float | None = None

    @property
    def cpu(self) -> int:
        """Free, in millicores."""
        return int(self.pool.given.cpu) - sum(pod.cpu for pod in self.pods)

    @property
    def memory(self) -> int:
        """Free, in bytes."""
        return int(self.pool.given.memory) - sum(pod.memory for pod in self.pods)

    def fits(self, pod: Pod) -> bool:
        """Whether a pod may begin on it."""
        full = self.pool.pods <= len(self.pods)
        return self.state == "ready" and not full and pod.cpu <= self.cpu and pod.memory <= self.memory


@dataclass(eq=False)
class Pool:
    """A pool, its nodes, and the jobs whose executors it takes, in the order of their drivers' start."""

    given: Any
    minimum: int
    nodes: list[Node] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    enlarged: float = -1e18
    refused_until: float = -1.0
    refusals: int = 0

    @property
    def pods(self) -> int:
        """That one of its nodes takes at most."""
        limit: int = self.given.pods
        return limit or 1_000_000

    @property
    def size(self) -> int:
        """Nodes that boot or are ready."""
        return sum(node.state != "leaving" for node in self.nodes)

    def lanes(self) -> list[list[Job]]:
        """Its jobs, those of the lane for backfill apart."""
        return [[job for job in self.jobs if job.given.backfill == lane] for lane in (0, 1)]

    def node_for(self, pod: Pod) -> Node | None:
        """The node with least left, or with most, among those on which a pod fits."""
        fit = [node for node in self.nodes if node.fits(pod)]
        sign = -1 if self.given.spreads else 1
        return min(
            fit,
            key=lambda n: (sign * (n.cpu / self.given.cpu + n.memory / self.given.memory), n.number),
            default=None,
        )


@dataclass(eq=False)
class Queue:
    """A queue: jobs that may run now, and those that wait for their turn."""

    given: Any
    running: list[Job] = field(default_factory=list)
    waiting: list[Job] = field(default_factory=list)


@dataclass(eq=False)
class Job:
    """A job, or one executor of a recorded run. Executors that have no place wait in the order of their creation."""

    given: Any
    phases: list[Any]
    followers: list[Job] = field(default_factory=list)
    driver_pod: Pod | None = None
    waiting: list[Pod] = field(default_factory=list)
    executors: list[Pod] = field(default_factory=list)
    running: int = 0
    want: int = 0
    target: int = 0
    adding: int = 0
    asking: bool = False
    reserving: bool = False
    timer: Event | None = None
    phase: int = -1
    in_tasks: bool = False
    progress: float = 0.0
    since: float = 0.0
    step: Event | None = None
    idle: Event | None = None
    submitted: float = -1.0
    admitted: float = -1.0
    driver: float = -1.0
    first: float = -1.0
    all: float = -1.0
    ended: float = -1.0
    most: int = 0
    peak: int = 0
    lost: int = 0
    executor_seconds: float = 0.0
    task_seconds: float = 0.0
    driver_refused: float = 0.0
    boot_wait: float = 0.0
    refused_wait: float = 0.0
    room_wait: float = 0.0

    @property
    def is_executor(self) -> bool:
        """Whether it is one executor of a recorded run."""
        return bool(self.given.kind == EXECUTOR)

    def seconds(self) -> float:
        """Of its phase, on the slots that it has."""
        phase = self.phases[self.phase]
        slots = self.running * self.given.slots
        if phase.tasks == 0:
            return 1e-9
        if slots >= phase.tasks:
            return float(max(1e-9, phase.longest))
        mean = phase.task_seconds / phase.tasks
        evenly = phase.task_seconds / slots
        waves = -(-phase.tasks // slots) * mean
        mixed = min(1.0, phase.spread)
        tail = mixed * (phase.longest - mean) / 2.0
        return float(max(1e-9, phase.longest, evenly + (1.0 - mixed) * (waves - evenly) + tail))


def given(row: Any) -> SimpleNamespace:  # noqa: ANN401
    """A row's fields as plain numbers."""
    return SimpleNamespace(**{name: row[name].item() for name in row.dtype.names})
