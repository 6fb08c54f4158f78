"""Runs from what the AWS CLI says of EMR's three kinds: steps of clusters, EMR on EKS, EMR Serverless.

Which kind an answer is, its own keys say. Sizes come from the arguments of each spark-submit; what the cluster's
defaults add isn't in them. Where a cluster's instances and their groups or fleets are among the answers, its nodes say
for how many executors there was room. Source: the service models of botocore (`emr`, `emr-containers`,
`emr-serverless`), to which tests hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from capacity.traces import emr_clusters, spark_sizes
from capacity.traces.emr_clusters import Cluster, clusters_of
from capacity.traces.emr_nodes import NODES, Executors, executors_of
from capacity.traces.job_names import common_name
from capacity.traces.lives import overlapping
from capacity.traces.run import Run
from capacity.traces.skipped import Skip
from capacity.traces.spark_submit import settings_of
from capacity.traces.times import moment

SOURCE: Final = "emr"
KEYS: Final = ("Steps", "jobRuns", "jobRun", *emr_clusters.KEYS)
_SECONDS_OF_HOUR: Final = 3600


def runs_of_answers(answers: Iterable[tuple[str, Mapping[str, Any]]], skip: Skip) -> Iterator[Run]:
    """The runs of many answers, with what the clusters' nodes say of steps.

    Nodes say nothing of steps that ran at the same time as another one of their cluster.

    Args:
        answers: of each its place, which is the cluster's for steps, and what the AWS CLI printed: what
            `runs_of_answer` takes, and what `capacity.traces.emr_clusters` does.
        skip: is told of what hasn't ended, isn't Spark, or of another answer.
    """
    read = list(answers)
    now = datetime.max.replace(tzinfo=UTC)
    clusters = clusters_of(((place, now, answer) for place, answer in read), skip)
    busy: dict[str, dict[str, tuple[datetime, datetime]]] = {}
    for place, answer in read:
        for step in answer.get("Steps", ()):
            times = step.get("Status", {}).get("Timeline", {})
            if "StartDateTime" in times:
                until = moment(times["EndDateTime"]) if "EndDateTime" in times else now
                busy.setdefault(place, {})[step["Id"]] = moment(times["StartDateTime"]), until
    alone = {place: _alone(steps) for place, steps in busy.items()}
    for place, answer in read:
        yield from runs_of_answer(answer, skip, place, clusters[place], alone.get(place, frozenset()))


def _alone(steps: Mapping[str, tuple[datetime, datetime]]) -> frozenset[str]:
    """The steps at whose time no other one ran."""
    names = list(steps)
    met = overlapping(range(len(names)), list(steps.values()))
    return frozenset(name for position, name in enumerate(names) if position not in met)


def runs_of_answer(
    answer: Mapping[str, Any],
    skip: Skip,
    place: str = "",
    cluster: Cluster | None = None,
    alone: frozenset[str] = frozenset(),
) -> Iterator[Run]:
    """The runs of one answer: `ListSteps`, `ListJobRuns` of EMR on EKS, `GetJobRun` of EMR Serverless.

    Args:
        answer: as the AWS CLI prints it.
        skip: is told of what hasn't ended, isn't Spark, or of another answer.
        place: of steps, which don't say what cluster they are of.
        cluster: theirs, with its nodes.
        alone: identifiers of steps that had it for themselves.
    """
    if "Steps" in answer:
        for step in answer["Steps"]:
            yield from _of_step(step, place, skip, cluster if step["Id"] in alone else None)
    elif "jobRuns" in answer:
        for run in answer["jobRuns"]:
            yield from _of_eks(run, skip)
    elif "jobRun" in answer:
        run = answer["jobRun"]
        yield from _of_serverless(run, skip) if "applicationId" in run else _of_eks(run, skip)


def _of_step(step: Mapping[str, Any], place: str, skip: Skip, cluster: Cluster | None) -> Iterator[Run]:
    arguments: Sequence[str] = step.get("Config", {}).get("Args", [])
    times = step.get("Status", {}).get("Timeline", {})
    if not any("spark-submit" in word or word == "spark-example" for word in arguments):
        skip(step["Id"], "not Spark: another kind of step")
    elif "StartDateTime" not in times or "EndDateTime" not in times:
        skip(step["Id"], f"unfinished; it is {step.get('Status', {}).get('State', 'somewhere').lower()}")
    else:
        settings = {"spark.master": "yarn", **settings_of(arguments)}
        times = {name: moment(time) for name, time in times.items()}
        nodes = executors_of(cluster, times["StartDateTime"], times["EndDateTime"], settings) if cluster else None
        yield _run(
            step["Id"],
            step.get("Name") or settings.get("spark.app.name") or step["Id"],
            settings,
            queue=place or settings.get("spark.yarn.queue", ""),
            submitted=times.get("CreationDateTime", times["StartDateTime"]),
            started=times["StartDateTime"],
            ended=times["EndDateTime"],
            nodes=nodes,
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
    nodes: Executors | None = None,
) -> Run:
    """A run with what its arguments say; sizes that neither they nor nodes say are defaults, which nobody knows."""
    begin = moment(started)
    minimum, maximum = spark_sizes.executors({**settings, "spark.master": ""})
    sized = {role: f"spark.{role}.memory" in settings for role in ("driver", "executor")}
    memory = spark_sizes.memory(settings, "executor") if sized["executor"] else (nodes.memory if nodes else None)
    return Run(
        queue=queue,
        job=job,
        name=common_name(name),
        submitted=min(moment(submitted), begin),
        started=begin,
        ended=max(moment(ended), begin),
        driver_cpu=spark_sizes.cpu(settings, "driver"),
        driver_memory=spark_sizes.memory(settings, "driver") if sized["driver"] else None,
        executor_cpu=spark_sizes.cpu(settings, "executor") or (nodes.cpu if nodes else None),
        executor_memory=memory,
        task_slots=spark_sizes.whole(settings, "spark.executor.cores") or (nodes.task_slots if nodes else None),
        peak_executors=nodes.peak if nodes else None,
        minimum_executors=minimum,
        maximum_executors=maximum,
        executor_seconds=nodes.seconds if nodes else executor_seconds,
        source=SOURCE + NODES if nodes else SOURCE,
    )
