"""Event logs as a driver writes them, of as many events as a test says. Names: Spark 3.0 to 4.0."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

BEGIN: Final = 1_795_000_000_000
"""Milliseconds since 1970; the tests' times are seconds after it."""
KUBERNETES: Final = {
    "spark.master": "k8s://https://kubernetes.default.svc",
    "spark.kubernetes.namespace": "ads-batch",
    "spark.app.name": "etl 2026-11-29",
    "spark.driver.memory": "2g",
    "spark.executor.cores": "4",
    "spark.executor.memory": "8g",
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.minExecutors": "1",
    "spark.dynamicAllocation.maxExecutors": "10",
}
Event = dict[str, Any]


def at(seconds: float) -> int:
    return BEGIN + round(seconds * 1000)


def start(seconds: float = 0, *, identity: str = "spark-1", name: str = "etl 2026-11-29") -> Event:
    return {
        "Event": "SparkListenerApplicationStart",
        "App Name": name,
        "App ID": identity,
        "Timestamp": at(seconds),
        "User": "spark",
    }


def end(seconds: float) -> Event:
    return {"Event": "SparkListenerApplicationEnd", "Timestamp": at(seconds)}


def environment(settings: dict[str, str] = KUBERNETES) -> Event:
    return {
        "Event": "SparkListenerEnvironmentUpdate",
        "JVM Information": {"Java Version": "17"},
        "Spark Properties": settings,
        "System Properties": {},
    }


def profile(cores: int = 4, memory: int = 8192, cpus: float = 1.0, **more: int) -> Event:
    amounts = {"cores": cores, "memory": memory, **more}
    shape = {"Discovery Script": "", "Vendor": ""}
    return {
        "Event": "SparkListenerResourceProfileAdded",
        "Resource Profile Id": 0,
        "Executor Resource Requests": {
            name: {"Resource Name": name, "Amount": amount, **shape} for name, amount in amounts.items()
        },
        "Task Resource Requests": {"cpus": {"Resource Name": "cpus", "Amount": cpus}},
    }


def executor(identity: str, seconds: float, cores: int = 4) -> Event:
    info = {"Host": "10.0.0.1", "Total Cores": cores, "Log Urls": {}, "Attributes": {}, "Resources": {}}
    return {
        "Event": "SparkListenerExecutorAdded",
        "Timestamp": at(seconds),
        "Executor ID": identity,
        "Executor Info": info,
    }


def removed(identity: str, seconds: float) -> Event:
    return {
        "Event": "SparkListenerExecutorRemoved",
        "Timestamp": at(seconds),
        "Executor ID": identity,
        "Removed Reason": "idle",
    }


def job_start(job: int, seconds: float, stages: Sequence[int]) -> Event:
    return {
        "Event": "SparkListenerJobStart",
        "Job ID": job,
        "Submission Time": at(seconds),
        "Stage Infos": [],
        "Stage IDs": list(stages),
    }


def job_end(job: int, seconds: float) -> Event:
    result = {"Result": "JobSucceeded"}
    return {"Event": "SparkListenerJobEnd", "Job ID": job, "Completion Time": at(seconds), "Job Result": result}


def stage_info(stage: int, tasks: int, parents: Sequence[int], attempt: int) -> Event:
    return {
        "Stage ID": stage,
        "Stage Attempt ID": attempt,
        "Stage Name": "count at etl.py:1",
        "Number of Tasks": tasks,
        "RDD Info": [],
        "Parent IDs": list(parents),
        "Details": "",
    }


def submitted(stage: int, seconds: float, tasks: int, parents: Sequence[int] = (), attempt: int = 0) -> Event:
    info = {**stage_info(stage, tasks, parents, attempt), "Submission Time": at(seconds), "Accumulables": []}
    return {"Event": "SparkListenerStageSubmitted", "Stage Info": info, "Properties": {}}


def completed(
    stage: int, began: float, seconds: float, tasks: int, parents: Sequence[int] = (), attempt: int = 0
) -> Event:
    times = {"Submission Time": at(began), "Completion Time": at(seconds), "Accumulables": []}
    return {
        "Event": "SparkListenerStageCompleted",
        "Stage Info": {**stage_info(stage, tasks, parents, attempt), **times},
    }


def task(
    stage: int,
    launched: float,
    finished: float,
    *,
    attempt: int = 0,
    on: str = "1",
    reason: dict[str, Any] | None = None,
    partition: bool = True,
) -> Event:
    info = {
        "Task ID": 7,
        "Index": 0,
        "Attempt": 0,
        **({"Partition ID": 0} if partition else {}),
        "Launch Time": at(launched),
        "Executor ID": on,
        "Host": "10.0.0.1",
        "Locality": "PROCESS_LOCAL",
        "Speculative": False,
        "Getting Result Time": 0,
        "Finish Time": at(finished),
        "Failed": reason is not None,
        "Killed": False,
        "Accumulables": [],
    }
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": stage,
        "Stage Attempt ID": attempt,
        "Task Type": "ResultTask",
        "Task End Reason": reason or {"Reason": "Success"},
        "Task Info": info,
        "Task Metrics": {"Executor Run Time": 1},
    }


def lines(*events: Event) -> list[bytes]:
    return [json.dumps(event, separators=(",", ":")).encode() for event in events]


def text(*events: Event) -> bytes:
    return b"".join(line + b"\n" for line in lines(*events))


def simple(identity: str = "spark-1", seconds: float = 0, **more: Any) -> list[Event]:  # noqa: ANN401
    """A job of a minute: four tasks of ten seconds on one executor."""
    return [
        {"Event": "SparkListenerLogStart", "Spark Version": "4.0.4"},
        profile(),
        environment(**more),
        start(seconds, identity=identity),
        executor("1", seconds + 10),
        job_start(0, seconds + 20, [0]),
        submitted(0, seconds + 20, 4),
        *(task(0, seconds + 20, seconds + 30) for _ in range(4)),
        completed(0, seconds + 20, seconds + 30, 4),
        job_end(0, seconds + 30),
        end(seconds + 60),
    ]
