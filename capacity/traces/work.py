"""What the jobs of generated traces do: their stages, and how long these take on the executors that a job may have."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capacity.traces.arrivals import Arrivals, Floats, Ints
from capacity.traces.schema import SCHEMA
from capacity.traces.uses import MOST_STAGES, STRAGGLER, Use

_LOGS: Final = np.linspace(0, 16, 65)
_HIGHEST: Final = np.array([NormalDist().inv_cdf(1 - 0.5 / 2**power) for power in _LOGS])
"""Of so many (in powers of 2) standard normal values, about the highest."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What chance said of a queue's runs: of runs `width` and `seconds`, of their stages the rest, run by run.

    Args:
        width: executors, as a share of the mean.
        seconds: that its stages take together, roughly.
        run: the run that a stage is of.
        position: of a stage in its job.
        joined: whether its job begins with two stages side by side.
        share: of the job's seconds.
        waves: tasks for each slot.
        late: whether it has a straggler.
        driver: seconds of the driver's own work before it.
    """

    width: Floats
    seconds: Floats
    run: Ints
    position: Ints
    joined: npt.NDArray[np.bool_]
    share: Floats
    waves: Floats
    late: npt.NDArray[np.bool_]
    driver: Floats


@dataclass(frozen=True, kw_only=True)
class Work:
    """What runs do and take if no one waits.

    Args:
        tasks, task_seconds, longest, spread: of stages, as `capacity.traces.run.Stage` says.
        seconds: of runs.
        maximum: executors that a run may ask for.
        wanted: the most that it could use at once, and has.
        executor_seconds, busy_seconds: as `capacity.traces.run.Run` says.
    """

    tasks: Ints
    task_seconds: Floats
    longest: Floats
    spread: Floats
    seconds: Floats
    maximum: Ints
    wanted: Ints
    executor_seconds: Floats
    busy_seconds: Floats


def draw(use: Use, runs: Arrivals, rng: np.random.Generator) -> Drawn:
    """Draws what the runs of a queue do: of each job, and then of each run of it."""
    jobs = len(runs.names)
    stages = np.minimum(MOST_STAGES, 1 + rng.poisson(use.stages - 1, jobs))
    joins = (rng.random(jobs) < use.join) & (stages >= 3)
    width = _log_normal(rng, 1.0, use.width_sigma, jobs) * np.exp(-(use.width_sigma**2) / 2)
    seconds = _log_normal(rng, use.seconds, use.seconds_sigma, jobs)
    share = rng.exponential(1.0, (jobs, MOST_STAGES))
    share *= np.arange(MOST_STAGES) < stages[:, None]
    share /= share.sum(axis=1, keepdims=True)
    waves = _log_normal(rng, use.waves, use.waves_sigma, (jobs, MOST_STAGES))
    driver = _log_normal(rng, use.driver_seconds, use.driver_sigma, (jobs, MOST_STAGES))
    count = len(runs.job)
    run_width, run_seconds = (_log_normal(rng, 1.0, use.run_sigma, count) for _ in range(2))
    counts = stages[runs.job]
    run = np.repeat(np.arange(count), counts)
    position = np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)
    job = runs.job[run]
    return Drawn(
        width=width[runs.job] * run_width * runs.size,
        seconds=seconds[runs.job] * run_seconds,
        run=run,
        position=position,
        joined=joins[job],
        share=share[job, position],
        waves=waves[job, position],
        late=rng.random(len(run)) < use.stragglers,
        driver=driver[job, position],
    )


def work(use: Use, drawn: Drawn, width: float, slots: int, most: int) -> Work:
    """What runs do, if a job has so many executors on average.

    A stage takes as long as its tasks do, evenly on all slots that the job has for it, and no less than the longest.
    Stages that wait for the same ones run side by side. A job holds as many executors as its stages have tasks for.

    Args:
        use: of the queue.
        drawn: what chance said.
        width: executors of a job on average.
        slots: tasks that an executor runs at once.
        most: executors that a job may ask for at most.
    """
    wide = drawn.width * width
    maximum = np.clip(np.ceil(wide), 1, most).astype(np.int64)
    tasks = np.maximum(1, np.rint(wide[drawn.run] * slots * drawn.waves)).astype(np.int64)
    mean = drawn.seconds[drawn.run] * drawn.share / np.maximum(1.0, drawn.waves)
    sigma = use.task_sigma
    highest = np.interp(np.log2(tasks), _LOGS, _HIGHEST)
    usual = np.where(tasks > 1, mean * np.maximum(1.0, np.exp(sigma * highest - sigma**2 / 2)), mean)
    straggles = drawn.late & (tasks > 1)
    straggler = np.maximum(usual, STRAGGLER * mean * np.exp(-(sigma**2) / 2))
    longest = np.where(straggles, straggler, usual)
    task_seconds = mean * tasks + longest - usual
    longest = np.minimum(longest, task_seconds)
    mean = task_seconds / tasks
    squares = np.exp(sigma**2) - 1 + np.where(straggles, (longest / mean - 1) ** 2 / tasks, 0.0)
    spread = np.where(tasks > 1, np.sqrt(squares), 0.0)

    level = np.maximum(0, drawn.position - drawn.joined)
    (first,) = np.nonzero(np.diff(drawn.run, prepend=-1) | np.diff(level, prepend=-1))
    run = drawn.run[first]
    together = np.add.reduceat(tasks, first)
    held = np.minimum(-(-together // slots), maximum[run])
    on_slots = np.add.reduceat(task_seconds, first) / np.minimum(together, held * slots)
    seconds = np.maximum(np.maximum.reduceat(longest, first), on_slots) + np.add.reduceat(drawn.driver, first)
    runs = len(wide)
    wanted = np.maximum.reduceat(held, np.flatnonzero(np.diff(run, prepend=-1)))
    return Work(
        tasks=tasks,
        task_seconds=task_seconds,
        longest=longest,
        spread=spread,
        seconds=_summed(run, seconds, runs),
        maximum=maximum,
        wanted=wanted,
        executor_seconds=_summed(run, held * seconds, runs),
        busy_seconds=_summed(drawn.run, task_seconds, runs) / slots,
    )


def stage_column(drawn: Drawn, done: Work) -> pa.ListArray:
    """The runs' stages as the column of a trace."""
    joining = drawn.joined & (drawn.position == 2)
    parents = np.where(joining, 2, np.where((drawn.position == 0) | (drawn.joined & (drawn.position == 1)), 0, 1))
    ends = np.cumsum(parents)
    waited = np.repeat(drawn.position - 1, parents)
    waited[(ends - parents)[joining]] = 0
    after = pa.ListArray.from_arrays(_offsets(ends), pa.array(waited, pa.int32()))
    fields = list(SCHEMA.field("stages").type.value_type)
    values = {
        "tasks": done.tasks,
        "task_seconds": done.task_seconds,
        "longest_task_seconds": done.longest,
        "spread": done.spread,
        "driver_seconds": drawn.driver,
    }
    columns = [after if field.name == "after" else pa.array(values[field.name], field.type) for field in fields]
    structs = pa.StructArray.from_arrays(columns, fields=fields)
    return pa.ListArray.from_arrays(_offsets(np.cumsum(np.bincount(drawn.run))), structs)


def _summed(run: Ints, values: Floats, runs: int) -> Floats:
    return np.bincount(run, values, runs).astype(np.float64)


def _offsets(ends: Ints) -> pa.Array:
    return pa.array(np.concatenate([[0], ends]), pa.int32())


def _log_normal(
    rng: np.random.Generator, median: float, sigma: float, shape: int | tuple[int, ...]
) -> npt.NDArray[np.float64]:
    return median * np.exp(sigma * rng.standard_normal(shape))
