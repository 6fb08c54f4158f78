"""Runs from what the AWS CLI says of EMR's three kinds: steps of clusters, EMR on EKS, EMR Serverless.

Which kind an answer is, its own keys say. Sizes come from the arguments of each spark-submit; what the cluster's
defaults add isn't in them. Source: the service models of botocore (`emr`, `emr-containers`, `emr-serverless`), to which
tests hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from capacity.traces import spark_sizes
from capacity.traces.job_names import common_name
from capacity.traces.run import Run
from capacity.traces.skipped import Skip
from capacity.traces.spark_submit import settings_of
from capacity.traces.times import moment

SOURCE: Final = "emr"
KEYS: Final = ("Steps", "jobRuns", "jobRun")
_SECONDS_OF_HOUR: Final = 3600


def runs_of_answer(answer: Mapping[str, Any], skip: Skip, cluster: str = "") -> Iterator[Run]:
    """The runs of one answer: `ListSteps`, `ListJobRuns` of EMR on EKS, `GetJobRun` of EMR Serverless.

    Args:
        answer: as the AWS CLI prints it.
        skip: is told of what hasn't ended, isn't Spark, or of another answer.
        cluster: the place of steps, which don't say what cluster they are of.
    """
    if "Steps" in answer:
        for step in answer["Steps"]:
            yield from _of_step(step, cluster, skip)
    elif "jobRuns" in answer:
        for run in answer["jobRuns"]:
            yield from _of_eks(run, skip)
    elif "jobRun" in answer:
        run = answer["jobRun"]
        yield from _of_serverless(run, skip) if "applicationId" in run else _of_eks(run, skip)


def _of_step(step: Mapping[str, Any], cluster: str, skip: Skip) -> Iterator[Run]:
    arguments: Sequence[str] = step.get("Config", {}).get("Args", [])
    times = step.get("Status", {}).get("Timeline", {})
    if not any("spark-submit" in word or word == "spark-example" for word in arguments):
        skip(step["Id"], "not Spark: another kind of step")
    elif "StartDateTime" not in times or "EndDateTime" not in times:
        skip(step["Id"], f"unfinished; it is {step.get('Status', {}).get('State', 'somewhere').lower()}")
    else:
        settings = {"spark.master": "yarn", **settings_of(arguments)}
        yield _run(
            step["Id"],
            step.get("Name") or settings.get("spark.app.name") or step["Id"],
            settings,
            queue=cluster or settings.get("spark.yarn.queue", ""),
            submitted=times.get("CreationDateTime", times["StartDateTime"]),
            started=times["StartDateTime"],
            ended=times["EndDateTime"],
        )


def _of_eks(run: Mapping[str, Any], skip: Skip) -> Iterator[Run]:
    """It has no time of its start: `started` is when it was created, and the old cluster's queueing is in the run."""
    driver = run.get("jobDriver", {}).get("sparkSubmitJobDriver")
    if driver is None and "sparkSqlJobDriver" in run.get("jobDriver", {}):
        driver = run["jobDriver"]["sparkSqlJobDriver"]
    if "finishedAt" not in run or "createdAt" not in run:
        skip(run["id"], f"unfinished; it is {run.get('state', 'somewhere').lower()}")
        return
    parameters = (driver or {}).get("sparkSubmitParameters") or (driver or {}).get("sparkSqlParameters") or ""
    yield _run(
        run["id"],
        run.get("name") or run["id"],
        {"spark.master": "k8s", **settings_of(parameters)},
        queue=run.get("virtualClusterId", ""),
        submitted=run["createdAt"],
        started=run["createdAt"],
        ended=run["finishedAt"],
    )


def _of_serverless(run: Mapping[str, Any], skip: Skip) -> Iterator[Run]:
    """Its executor-seconds come from the vCPU-hours that it used, less the driver's."""
    submit = run.get("jobDriver", {}).get("sparkSubmit")
    if submit is None:
        skip(run["jobRunId"], "not Spark: a Hive query")
        return
    if "startedAt" not in run or "endedAt" not in run:
        skip(run["jobRunId"], f"unfinished; it is {run.get('state', 'somewhere').lower()}")
        return
    settings = settings_of(submit.get("sparkSubmitParameters", ""))
    started, ended = moment(run["startedAt"]), moment(run["endedAt"])
    driver, executor = spark_sizes.cpu(settings, "driver"), spark_sizes.cpu(settings, "executor")
    used = run.get("totalResourceUtilization", {}).get("vCPUHour")
    seconds = None
    if used is not None and driver and executor:
        whole = used * _SECONDS_OF_HOUR * 1000 - driver * (ended - started).total_seconds()
        seconds = max(whole, 0) / executor
    yield _run(
        run["jobRunId"],
        run.get("name") or run["jobRunId"],
        settings,
        queue=run["applicationId"],
        submitted=run["createdAt"],
        started=run["startedAt"],
        ended=run["endedAt"],
        executor_seconds=seconds,
    )


def _run(
    job: str,
    name: str,
    settings: Mapping[str, str],
    *,
    queue: str,
    submitted: object,
    started: object,
    ended: object,
    executor_seconds: float | None = None,
) -> Run:
    """A run with what its arguments say; sizes that they don't say are the cluster's defaults, which nobody knows."""
    begin = moment(started)
    minimum, maximum = spark_sizes.executors({**settings, "spark.master": ""})
    sized = {role: f"spark.{role}.memory" in settings for role in ("driver", "executor")}
    return Run(
        queue=queue,
        job=job,
        name=common_name(name),
        submitted=min(moment(submitted), begin),
        started=begin,
        ended=max(moment(ended), begin),
        driver_cpu=spark_sizes.cpu(settings, "driver"),
        driver_memory=spark_sizes.memory(settings, "driver") if sized["driver"] else None,
        executor_cpu=spark_sizes.cpu(settings, "executor"),
        executor_memory=spark_sizes.memory(settings, "executor") if sized["executor"] else None,
        task_slots=spark_sizes.whole(settings, "spark.executor.cores"),
        minimum_executors=minimum,
        maximum_executors=maximum,
        executor_seconds=executor_seconds,
        source=SOURCE,
    )
