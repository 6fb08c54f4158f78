"""What an application's stages waited for, and what its driver did meanwhile. Needs the standard library alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt

from capacity.traces.run import Stage


class Attempt:
    """One attempt of a stage; times in milliseconds since 1970, sums of tasks in milliseconds.

    Args:
        stage: its identifier in the application.
        number: of the attempt.
    """

    __slots__ = (
        "completed",
        "failures",
        "job",
        "longest",
        "longest_failed",
        "milliseconds",
        "number",
        "parents",
        "squares",
        "stage",
        "submitted",
        "success_milliseconds",
        "successes",
        "task_ended",
        "task_started",
        "tasks",
    )

    def __init__(self, stage: int, number: int) -> None:
        self.stage, self.number = stage, number
        self.job: int | None = None
        self.tasks = 0
        self.parents: tuple[int, ...] = ()
        self.submitted: int | None = None
        self.completed: int | None = None
        self.successes = self.failures = 0
        self.milliseconds = self.success_milliseconds = self.squares = 0
        self.longest = self.longest_failed = 0
        self.task_started: int | None = None
        self.task_ended = 0

    def succeeded(self, start: int, end: int) -> None:
        """Counts a task that did its work."""
        took = end - start if end > start else 0
        self.successes += 1
        self.milliseconds += took
        self.success_milliseconds += took
        self.squares += took * took
        if took > self.longest:
            self.longest = took
        if self.task_started is None or start < self.task_started:
            self.task_started = start
        if end > self.task_ended:
            self.task_ended = end

    def failed(self, start: int, end: int) -> None:
        """Counts a task that failed, or was killed: its time was taken all the same."""
        took = max(end - start, 0)
        self.failures += 1
        self.milliseconds += took
        self.longest_failed = max(self.longest_failed, took)
        self.task_started = start if self.task_started is None else min(self.task_started, start)
        self.task_ended = max(self.task_ended, end)

    def span(self) -> tuple[int, int] | None:
        """When it began and ended, as well as is known; `None` where nothing of it happened."""
        start = self.submitted if self.submitted is not None else self.task_started
        if start is None:
            return None
        return start, max(self.completed if self.completed is not None else self.task_ended, start)


@dataclass
class _Job:
    started: int
    ended: int | None = None
    stages: list[int] = field(default_factory=list)


class Jobs:
    """The application's Spark jobs, and which of them each stage belongs to."""

    def __init__(self) -> None:
        self.active: dict[Attempt, None] = {}
        self.jobs: dict[int, _Job] = {}
        self._of_stage: dict[int, int] = {}
        self._listed: dict[int, Sequence[int]] = {}

    def start(self, job: int, time: int, stages: Sequence[int]) -> None:
        """A job starts, which may run these stages."""
        self.jobs[job] = _Job(time)
        self._listed[job] = stages
        for stage in stages:
            self._of_stage[stage] = job

    def end(self, job: int, time: int) -> None:
        """A job ends; what the beginning of the log hid isn't known."""
        if job in self.jobs:
            self.jobs[job].ended = time
            for stage in self._listed.pop(job, ()):
                if self._of_stage.get(stage) == job:
                    del self._of_stage[stage]

    def began(self, attempt: Attempt) -> None:
        """A stage's tasks may start."""
        self.active[attempt] = None
        attempt.job = self._of_stage.get(attempt.stage)

    def completed(self, attempt: Attempt) -> None:
        """A stage has ended, well or not."""
        self.active.pop(attempt, None)


def stages_of(attempts: Iterable[Attempt], jobs: Jobs, started: int, ended: int) -> tuple[Stage, ...]:
    """The stages in the order in which they began; attempts of one are one.

    A stage waits for its parents; where none of them ran in its Spark job, for the jobs that had ended when its own
    started. What is left of time, in which no stage was there to run, was the driver's own; after the last stage it
    is an entry of its own, without tasks.

    Args:
        attempts: of all stages.
        jobs: of the application.
        started, ended: of the application.
    """
    of_stage: dict[int, list[tuple[int, int, Attempt]]] = {}
    for attempt in attempts:
        if span := attempt.span():
            of_stage.setdefault(attempt.stage, []).append((*span, attempt))
    if not of_stage:
        return ()
    order = sorted(of_stage, key=lambda stage: (min(start for start, _, _ in of_stage[stage]), stage))
    positions = {stage: position for position, stage in enumerate(order)}
    idle, tail = _idle(of_stage, started, ended)
    waits = _waits(of_stage, order, positions, jobs)
    stages = [
        _stage([attempt for _, _, attempt in of_stage[stage]], idle.get(stage, 0), waits[stage]) for stage in order
    ]
    if tail:
        waited = {position for stage in stages for position in stage.after}
        last = tuple(position for position in range(len(stages)) if position not in waited)
        stages.append(Stage(tasks=0, task_seconds=0, longest_task_seconds=0, driver_seconds=tail / 1000, after=last))
    return tuple(stages)


def _stage(attempts: Sequence[Attempt], idle: int, after: tuple[int, ...]) -> Stage:
    successes = sum(one.successes for one in attempts)
    total = sum(one.success_milliseconds for one in attempts)
    spread = 0.0
    if total and successes > 1:
        variance = max(sum(one.squares for one in attempts) / successes - (total / successes) ** 2, 0)
        spread = sqrt(variance) * successes / total
    longest = max(one.longest for one in attempts) if successes else max(one.longest_failed for one in attempts)
    return Stage(
        tasks=successes or sum(one.failures for one in attempts) or max(one.tasks for one in attempts),
        task_seconds=sum(one.milliseconds for one in attempts) / 1000,
        longest_task_seconds=longest / 1000,
        spread=spread,
        driver_seconds=idle / 1000,
        after=after,
    )


def _idle(of_stage: dict[int, list[tuple[int, int, Attempt]]], started: int, ended: int) -> tuple[dict[int, int], int]:
    """Milliseconds without any stage, by the stage that ended them, and those after the last one."""
    idle: dict[int, int] = {}
    until = started
    for start, end, stage in sorted((s, e, stage) for stage, spans in of_stage.items() for s, e, _ in spans):
        if start > until:
            idle[stage] = idle.get(stage, 0) + start - until
        until = max(until, end)
    return idle, max(ended - until, 0)


def _waits(
    of_stage: dict[int, list[tuple[int, int, Attempt]]], order: Sequence[int], positions: dict[int, int], jobs: Jobs
) -> dict[int, tuple[int, ...]]:
    """Positions of the stages that each one waits for."""
    first = {stage: min(of_stage[stage], key=lambda span: span[2].number)[2] for stage in order}
    parents = {
        stage: [p for p in first[stage].parents if positions.get(p, len(order)) < positions[stage]] for stage in order
    }
    ends: dict[int, int] = {}
    last: dict[int, set[int]] = {}
    for stage in order:
        if (job := first[stage].job) is not None:
            ends[job] = max(ends.get(job, 0), max(end for _, end, _ in of_stage[stage]))
            last.setdefault(job, set()).difference_update(parents[stage])
            last[job].add(stage)
    before = _jobs_before({job: (jobs.jobs[job].started, jobs.jobs[job].ended or end) for job, end in ends.items()})
    waits = {}
    for stage in order:
        waited = {positions[parent] for parent in parents[stage]}
        job = first[stage].job
        if job is not None and not any(first[parent].job == job for parent in parents[stage]):
            waited |= {positions[one] for earlier in before[job] for one in last[earlier]}
        waits[stage] = tuple(sorted(position for position in waited if position < positions[stage]))
    return waits


def _jobs_before(spans: dict[int, tuple[int, int]]) -> dict[int, list[int]]:
    """Of each job the last ones that had ended when it started: those that no other of these came after.

    Args:
        spans: when each started and ended.
    """
    by_end = sorted(spans, key=lambda job: spans[job][1])
    before: dict[int, list[int]] = {}
    candidates: list[int] = []
    latest_start, next_ = -1, 0
    for job in sorted(spans, key=lambda job: spans[job][0]):
        start = spans[job][0]
        while next_ < len(by_end) and spans[by_end[next_]][1] <= start:
            if by_end[next_] != job:
                candidates.append(by_end[next_])
                latest_start = max(latest_start, spans[by_end[next_]][0])
            next_ += 1
        candidates = [one for one in candidates if spans[one][1] > latest_start]
        before[job] = [one for one in candidates if one != job]
    return before
