"""Runs from what the AWS CLI says of AWS Glue's job runs.

Source: the service model of botocore (`glue`, GetJobRuns), to which tests hold it; sizes of workers:
https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from capacity.traces.run import Run
from capacity.traces.skipped import Skip
from capacity.traces.times import moment

SOURCE: Final = "glue"
KEYS: Final = ("JobRuns",)
_GIB: Final = 2**30


@dataclass(frozen=True)
class _Worker:
    """vCPU, GiB of memory, and DPU that it is billed as."""

    cpu: int
    memory: int
    dpu: float


WORKERS: Final[Mapping[str, _Worker]] = {
    "G.025X": _Worker(2, 4, 0.25),
    "G.1X": _Worker(4, 16, 1),
    "G.2X": _Worker(8, 32, 2),
    "G.4X": _Worker(16, 64, 4),
    "G.8X": _Worker(32, 128, 8),
    "G.12X": _Worker(48, 192, 12),
    "G.16X": _Worker(64, 256, 16),
    "R.1X": _Worker(4, 32, 1),
    "R.2X": _Worker(8, 64, 2),
    "R.4X": _Worker(16, 128, 4),
    "R.8X": _Worker(32, 256, 8),
}


def runs_of_answer(answer: Mapping[str, Any], skip: Skip) -> Iterator[Run]:
    """The runs of an answer of `GetJobRuns`. A worker is an executor of its size, but for the driver's.

    A run follows the one of `PredecessorRuns` that is named first: a trigger that waits for several says no more here.
    What it used comes from `DPUSeconds` where Glue says them, as with auto scaling, else from its workers and time.

    Args:
        answer: as the AWS CLI prints it.
        skip: is told of what hasn't ended.
    """
    for run in answer["JobRuns"]:
        if "StartedOn" not in run or "CompletedOn" not in run:
            skip(run["Id"], f"unfinished; it is {run.get('JobRunState', 'somewhere').lower()}")
            continue
        started, ended = moment(run["StartedOn"]), moment(run["CompletedOn"])
        worker = WORKERS.get(run.get("WorkerType", ""))
        executors = max(run["NumberOfWorkers"] - 1, 1) if worker and run.get("NumberOfWorkers") else None
        arguments = run.get("Arguments", {})
        scaling = arguments.get("--enable-auto-scaling") == "true"
        before = [one["RunId"] for one in run.get("PredecessorRuns", []) if "RunId" in one]
        yield Run(
            queue=run["JobName"],
            job=run["Id"],
            name=run["JobName"],
            after=before[0] if before else None,
            started=started,
            ended=max(ended, started),
            driver_cpu=worker.cpu * 1000 if worker else None,
            driver_memory=worker.memory * _GIB if worker else None,
            executor_cpu=worker.cpu * 1000 if worker else None,
            executor_memory=worker.memory * _GIB if worker else None,
            task_slots=worker.cpu if worker else None,
            peak_executors=None if scaling else executors,
            minimum_executors=1 if scaling else executors,
            maximum_executors=executors,
            executor_seconds=_executor_seconds(run, worker, executors),
            source=SOURCE,
        )


def _executor_seconds(run: Mapping[str, Any], worker: _Worker | None, executors: int | None) -> float | None:
    took = float(run.get("ExecutionTime") or 0)
    if worker is None or executors is None:
        return None
    if run.get("DPUSeconds"):
        return max(float(run["DPUSeconds"]) / worker.dpu - took, 0.0)
    return executors * took
