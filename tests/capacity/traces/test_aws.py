"""What AWS answers: each is held to the service's own model in botocore, so that no field here is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError  # type: ignore[import-untyped]

from capacity.errors import CapacityError
from capacity.traces import emr, glue
from capacity.traces.answers import answers
from capacity.traces.run import Run
from tests.capacity.traces.aws_answers import Skipped, minutes, printed, step

PARAMETERS = (
    "--class Etl --conf spark.executor.cores=4 --conf spark.executor.memory=8g --conf 'spark.driver.cores=2' "
    "--driver-memory 4g --conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.maxExecutors=20"
)


def of_emr(service: str, operation: str, answer: dict[str, Any], **parameters: str) -> tuple[list[Run], Skipped]:
    skipped = Skipped()
    made = printed(service, operation, answer, **parameters)
    return list(emr.runs_of_answer(made, skipped, "j-2AX")), skipped


def test_a_made_up_field_would_be_refused() -> None:
    with pytest.raises(ParamValidationError):
        printed("emr", "ListSteps", {"Steps": [{"Identifier": "x"}]}, ClusterId="j-2AX")


def test_steps_of_a_cluster_are_runs() -> None:
    submit = ["spark-submit", "--executor-memory", "8g", "--executor-cores=4", "--num-executors", "10", "s3://b/etl.py"]
    steps = [step("s-1", submit), step("s-2", ["hive-script"]), step("s-3", submit, ended=False)]
    (run,), skipped = of_emr("emr", "ListSteps", {"Steps": steps}, ClusterId="j-2AX")
    assert (run.queue, run.job, run.name) == ("j-2AX", "s-1", "etl *")
    assert (run.submitted, run.started, run.ended) == (minutes(0), minutes(2), minutes(32))
    assert (run.executor_cpu, run.executor_memory, run.task_slots) == (4000, (8192 + 819) * 2**20, 4)
    assert (run.minimum_executors, run.maximum_executors, run.driver_memory) == (10, 10, None)
    assert skipped == {"s-2": "not Spark: another kind of step", "s-3": "unfinished; it is running"}


def test_job_runs_of_emr_on_eks_are_runs() -> None:
    job = {
        "id": "00000001",
        "name": "etl",
        "virtualClusterId": "abc",
        "state": "COMPLETED",
        "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/etl.py", "sparkSubmitParameters": PARAMETERS}},
        "createdAt": minutes(0),
        "finishedAt": minutes(30),
    }
    running = {"id": "00000002", "virtualClusterId": "abc", "state": "RUNNING", "createdAt": minutes(0)}
    (run,), skipped = of_emr("emr-containers", "ListJobRuns", {"jobRuns": [job, running]}, virtualClusterId="abc")
    assert (run.queue, run.job, run.submitted, run.ended) == ("abc", "00000001", minutes(0), minutes(30))
    assert (run.driver_cpu, run.driver_memory) == (2000, (4096 + 409) * 2**20)
    assert (run.minimum_executors, run.maximum_executors) == (0, 20)
    assert skipped == {"00000002": "unfinished; it is running"}


def test_a_job_run_of_emr_serverless_says_what_it_used() -> None:
    job = {
        "applicationId": "app1",
        "jobRunId": "run1",
        "name": "etl",
        "arn": "arn:aws:emr-serverless:eu-central-1:111122223333:/applications/app1/jobruns/run1",
        "createdBy": "arn:aws:iam::111122223333:user/jo",
        "createdAt": minutes(0),
        "updatedAt": minutes(30),
        "executionRole": "arn:aws:iam::111122223333:role/emr",
        "state": "SUCCESS",
        "stateDetails": "done",
        "releaseLabel": "emr-7.5.0",
        "jobDriver": {"sparkSubmit": {"entryPoint": "s3://b/etl.py", "sparkSubmitParameters": PARAMETERS}},
        "totalResourceUtilization": {"vCPUHour": 41.0, "memoryGBHour": 90.0, "storageGBHour": 0.0},
        "startedAt": minutes(1),
        "endedAt": minutes(31),
    }
    parameters = {"applicationId": "app1", "jobRunId": "run1"}
    (run,), _ = of_emr("emr-serverless", "GetJobRun", {"jobRun": job}, **parameters)
    assert (run.queue, run.submitted, run.started) == ("app1", minutes(0), minutes(1))
    assert run.executor_seconds == (41 - 2 * 0.5) / 4 * 3600
    hive = {**job, "jobDriver": {"hive": {"query": "s3://b/q.sql"}}}
    assert of_emr("emr-serverless", "GetJobRun", {"jobRun": hive}, **parameters)[1] == {
        "run1": "not Spark: a Hive query"
    }


def of_glue(**more: Any) -> Run:  # noqa: ANN401
    run = {
        "Id": "jr_2",
        "Attempt": 0,
        "JobName": "etl",
        "StartedOn": minutes(0),
        "CompletedOn": minutes(31),
        "JobRunState": "SUCCEEDED",
        "ExecutionTime": 1800,
        "WorkerType": "G.2X",
        "NumberOfWorkers": 11,
        "Arguments": {},
        **more,
    }
    (found,) = glue.runs_of_answer(printed("glue", "GetJobRuns", {"JobRuns": [run]}, JobName="etl"), Skipped())
    return found


def test_a_worker_of_glue_is_an_executor_but_for_the_drivers() -> None:
    run = of_glue(PredecessorRuns=[{"JobName": "load", "RunId": "jr_1"}])
    assert (run.queue, run.job, run.after) == ("etl", "jr_2", "jr_1")
    assert (run.executor_cpu, run.executor_memory, run.task_slots) == (8000, 32 * 2**30, 8)
    assert (run.peak_executors, run.minimum_executors, run.maximum_executors) == (10, 10, 10)
    assert run.executor_seconds == 10 * 1800


def test_with_auto_scaling_what_was_billed_says_what_was_used() -> None:
    run = of_glue(Arguments={"--enable-auto-scaling": "true"}, DPUSeconds=18000.0)
    assert (run.peak_executors, run.minimum_executors, run.maximum_executors) == (None, 1, 10)
    assert run.executor_seconds == 18000 / 2 - 1800


def test_a_run_of_glue_with_workers_of_another_kind_has_times_alone() -> None:
    run = of_glue(WorkerType="Z.1X")
    assert (run.executor_cpu, run.executor_seconds, run.ended) == (None, None, minutes(31))


def test_workers_of_glue_are_those_that_its_documentation_names_and_no_other() -> None:
    assert all(one.memory / one.cpu in (2, 4, 8) for one in glue.WORKERS.values())


def test_several_answers_may_be_in_one_file_and_others_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "good").write_text('{"Steps": []}\n{"Steps": []}\n')
    (tmp_path / "bad").write_text('{"Clusters": []}')
    (tmp_path / "half").write_text('{"Steps": [')
    found = answers([tmp_path / name for name in ("bad", "good", "half", "gone")], emr.KEYS)
    assert [next(found), next(found)] == [{"Steps": []}] * 2
    with pytest.raises(CapacityError) as error:
        next(found)
    assert [finding.partition(" ")[0].rpartition("/")[2] for finding in error.value.findings] == ["bad", "half", "gone"]
