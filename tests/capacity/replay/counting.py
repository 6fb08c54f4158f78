"""The part of the step-by-step reference that only looks on: what nodes and waits add up to, bursts, samples."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.capacity.replay.things import Job, Node, Pool


@dataclass
class Counted:
    """Of one pool, in seconds of nodes.

    `burst` is since when executors are without a place and how many got one since, `got` how many in this event.
    """

    kept: float = 0.0
    spare: float = 0.0
    leaving: float = 0.0
    used: float = 0.0
    partly: float = 0.0
    burst: tuple[float, int] | None = None
    got: int = 0


@dataclass
class Counting:
    """What was seen so far."""

    pools: list[Pool]
    jobs: list[Job]
    every: float
    counted: list[Counted] = field(default_factory=list)
    bursts: list[tuple[int, float, float, int]] = field(default_factory=list)
    samples: list[list[list[float]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counted = [Counted() for _ in self.pools]

    def passes(self, begin: float, end: float) -> None:
        """Time goes by in which nothing changes."""
        seconds = end - begin
        for pool, counted in zip(self.pools, self.counted, strict=True):
            busy = [node for node in _ready(pool) if node.pods]
            empty = len(_ready(pool)) - len(busy)
            kept = min(empty, max(0, pool.minimum - len(busy)))
            used = sum(larger(node) for node in busy)
            counted.kept += kept * seconds
            counted.spare += (empty - kept) * seconds
            counted.leaving += _in_state(pool, "leaving") * seconds
            counted.used += used * seconds
            counted.partly += (len(busy) - used) * seconds
        for job in self.jobs:
            if job.driver_pod and not job.driver_pod.node and job.ended < 0:
                job.driver_refused += _refused(self.pools[0], begin, end)
            if job.waiting:
                pool = self.pools[job.given.pool]
                if _in_state(pool, "booting") or len(pool.nodes) < pool.given.maximum:
                    refused = _refused(pool, begin, end)
                    job.refused_wait += refused
                    job.boot_wait += seconds - refused
                else:
                    job.room_wait += seconds

    def note_bursts(self, now: float) -> None:
        """After an event: who waits, and who doesn't any more."""
        for position, (pool, counted) in enumerate(zip(self.pools, self.counted, strict=True)):
            short = any(job.waiting for job in pool.jobs)
            begin, placed = counted.burst or (now, 0)
            placed += counted.got
            if counted.burst and not short and placed and now > begin:
                self.bursts.append((position, begin, now, placed))
            counted.burst = (begin, placed) if short else None
            counted.got = 0

    def sample(self, until: float, drivers: list[Job], *, ended: bool) -> None:
        """Looks at everything at each of the times before one; at that one too, at the replay's end."""
        while self.every and (len(self.samples) * self.every < until or (ended and self._next() <= until)):
            self.samples.append([self._of(pool, drivers if pool is self.pools[0] else None) for pool in self.pools])

    def _next(self) -> float:
        return len(self.samples) * self.every

    def _of(self, pool: Pool, drivers: list[Job] | None) -> list[float]:
        ready = _ready(pool)
        pods = [pod for job in pool.jobs for pod in job.waiting]
        if drivers is not None:
            pods = [job.driver_pod for job in drivers if job.driver_pod]
        cpu = [1 - node.cpu / pool.given.cpu for node in ready]
        memory = [1 - node.memory / pool.given.memory for node in ready]
        return [
            pool.minimum,
            len(ready),
            _in_state(pool, "booting"),
            _in_state(pool, "leaving"),
            sum(not node.pods for node in ready),
            sum(len(node.pods) for node in ready),
            len(pods),
            sum(map(larger, ready)) + sum(max(p.cpu / pool.given.cpu, p.memory / pool.given.memory) for p in pods),
            *(float(np.mean(shares)) if shares else float("nan") for shares in (cpu, memory)),
            *(
                float(np.percentile(shares, percentile)) if shares else float("nan")
                for shares in (cpu, memory)
                for percentile in (5, 25, 50, 75, 95)
            ),
        ]


def _refused(pool: Pool, begin: float, end: float) -> float:
    """Seconds in which a pool that could grow isn't enlarged, since AWS refused it nodes."""
    if _in_state(pool, "booting") or len(pool.nodes) >= pool.given.maximum:
        return 0.0
    return min(end - begin, max(0.0, pool.refused_until - begin))


def larger(node: Node) -> float:
    """The larger share of CPU and memory that a node's pods have."""
    return float(max(1 - node.cpu / node.pool.given.cpu, 1 - node.memory / node.pool.given.memory))


def _ready(pool: Pool) -> list[Node]:
    return [node for node in pool.nodes if node.state == "ready"]


def _in_state(pool: Pool, state: str) -> int:
    return sum(node.state == state for node in pool.nodes)
