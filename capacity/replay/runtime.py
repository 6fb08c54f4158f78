"""How long a phase of a job takes on so many task slots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from capacity.replay.compiled import compiled
from capacity.traces.schema import Stage


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Stages that run side by side, after some work of the driver's alone.

    Args:
        tasks: of all its stages.
        task_seconds: of all tasks together, on one slot.
        longest_task_seconds: of the longest.
        spread: standard deviation of the tasks' seconds, as a share of their mean.
        driver_seconds: of the driver's own work before.
    """

    tasks: int
    task_seconds: float
    longest_task_seconds: float
    spread: float
    driver_seconds: float


@compiled
def phase_seconds(tasks: int, task_seconds: float, longest: float, spread: float, slots: int) -> float:
    """Seconds that tasks take on slots which take the next one whenever they are free.

    Like tasks run in waves. The more they differ, the less there is of waves, and the more of slots that wait for the
    last tasks: half of what the longest has above the mean, which tests/capacity/replay/test_runtime.py compares with
    tasks put on slots one by one. Every slot has one task at most where there are enough, and then the longest counts.

    Args:
        tasks: how many; 0 takes no time.
        task_seconds: of all together.
        longest: of the longest task.
        spread: standard deviation of their seconds, as a share of the mean.
        slots: at least 1.
    """
    if tasks == 0:
        return 0.0
    if slots >= tasks:
        return longest
    mean = task_seconds / tasks
    evenly = task_seconds / slots
    uneven = min(1.0, spread)
    waves = math.ceil(tasks / slots) * mean
    return max(longest, evenly + (1.0 - uneven) * (waves - evenly) + uneven * (longest - mean) / 2.0)


def phases_of(stages: Sequence[Stage]) -> list[Phase]:
    """A job's stages as phases that follow each other: a stage is in the phase after the last one it waits for.

    A stage that others of its phase don't wait for is waited for by the next phase all the same, so that a job with
    long side branches comes out a little too long.
    """
    levels: list[int] = []
    for stage in stages:
        levels.append(max((levels[before] + 1 for before in stage.after), default=0))
    return [
        _merged([stage for stage, of in zip(stages, levels, strict=True) if of == level])
        for level in range(max(levels, default=-1) + 1)
    ]


def _merged(stages: Sequence[Stage]) -> Phase:
    tasks = sum(stage.tasks for stage in stages)
    seconds = sum(stage.task_seconds for stage in stages)
    mean = seconds / tasks if tasks else 0.0
    squares = sum(
        (stage.task_seconds / stage.tasks) ** 2 * (1 + stage.spread**2) * stage.tasks for stage in stages if stage.tasks
    )
    spread = math.sqrt(max(0.0, squares / tasks - mean**2)) / mean if mean else 0.0
    return Phase(
        tasks=tasks,
        task_seconds=seconds,
        longest_task_seconds=max((stage.longest_task_seconds for stage in stages), default=0.0),
        spread=spread,
        driver_seconds=sum(stage.driver_seconds for stage in stages),
    )
