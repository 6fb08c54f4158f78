"""`fleet job`: each form is what it says, and errors name what there is."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from fleet.formats.queue_job import JobFormat, connect_server, written
from fleet.offline.queue_job import JobError, QueueJob, Wanted, card_of, cards_of, job_for
from infra.settings.yaml_reader import read_yaml
from sizing import names
from tests.samples import AWS_TENANTS, ROOT, TENANTS, platform_registrations, sample_registrations, tenant

S3 = "s3a://example-ads-raw/jobs/etl.py"


def job_in(stack: str = "ads-dev", queue: str = "", **wanted: Any) -> QueueJob:  # noqa: ANN401
    return job_for(card_of(stack, sample_registrations(stack), queue or min(tenant(stack)["queues"])), Wanted(**wanted))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as its users run it."""
    command = [sys.executable, "-m", "fleet", "job", *arguments, "--root", str(ROOT)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stack", TENANTS)
def test_without_more_it_is_the_ready_job_that_the_stack_exports(stack: str) -> None:
    exported = sample_registrations(stack).stack.outputs["queues"]
    for queue in exported:
        assert read_yaml(written(job_in(stack, queue), JobFormat.APPLICATION)) == exported[queue]["sparkApplication"]


def test_the_command_prints_it_with_no_network_and_no_state() -> None:
    result = run("ads-dev", "ads-batch", "--executors", "20", "--cores", "7", "--name", "try-it")
    assert result.returncode == 0, result.stderr
    printed = read_yaml(result.stdout)
    assert printed == job_in(executors=20, cores=7, name="try-it").application
    assert printed["spec"]["executor"]["cores"] == 7


def test_a_program_is_what_its_file_says() -> None:
    spec = job_in(main=S3, arguments=["--date", "2026-11-29"]).application["spec"]
    assert (spec["type"], spec["mainApplicationFile"]) == ("Python", S3)
    assert spec["arguments"] == ["--date", "2026-11-29"]
    assert "mainClass" not in spec
    jar = job_in(main="https://example.com/a/My_Job-2.jar", main_class="com.example.Job")
    assert (jar.name, jar.application["spec"]["mainClass"]) == ("my-job-2", "com.example.Job")


def test_another_pool_is_named_where_admission_looks_for_it() -> None:
    card = json.loads(json.dumps(card_of("ads-dev", sample_registrations("ads-dev"), "batch")))
    card["pools"].append({**card["pools"][0], "name": "big", "identity": "ads-batch-big", "default": False})
    job = job_for(card, Wanted(pool="big"))
    executor = job.application["spec"]["executor"]
    assert executor["labels"] == {names.POOL_LABEL: "ads-batch-big"}
    assert executor["nodeSelector"] == {names.POOL_LABEL: "ads-batch-big"}
    assert {one["value"] for one in executor["tolerations"]} == {"ads-batch-big"}
    assert f"spark.kubernetes.executor.label.{names.POOL_LABEL}=ads-batch-big" in written(job, JobFormat.SPARK_SUBMIT)
    assert "--pool big" in written(job, JobFormat.SKATE)


def test_a_deadline_is_in_each_form_that_has_one() -> None:
    due = "2099-11-30T07:00:00+01:00"
    job = job_in(deadline=due)
    assert job.application["metadata"]["annotations"] == {names.DEADLINE_ANNOTATION: due}
    assert read_yaml(written(job, JobFormat.APPLICATION))["metadata"] == job.application["metadata"]
    conf = f"spark.kubernetes.driver.annotation.{names.DEADLINE_ANNOTATION}=2099-11-30T06:00:00Z"
    assert conf in shlex.split(written(job, JobFormat.SPARK_SUBMIT).replace("\\\n", ""), comments=True)
    assert f"--deadline {due}" in written(job, JobFormat.SKATE)
    assert due in written(job, JobFormat.AIRFLOW)
    with pytest.raises(JobError, match="leave it out"):
        written(job, JobFormat.NOTEBOOK)


@pytest.mark.parametrize("wrong", ["2099-11-30T07:00:00", "2h30m", "soon", "2099-02-29T07:00:00Z", ""])
def test_a_deadline_of_what_is_printed_is_a_time_with_its_zone(wrong: str) -> None:
    result = run("ads-dev", "batch", "--deadline", wrong)
    assert result.returncode != 0
    assert "2026-11-30T06:00:00Z" in " ".join(result.stderr.split())
    assert not result.stdout


@pytest.mark.parametrize("stack", TENANTS)
def test_spark_submit_gets_the_queues_settings_and_the_jobs_executors(stack: str) -> None:
    job = job_in(stack, executors=1)
    words = shlex.split(written(job, JobFormat.SPARK_SUBMIT).replace("\\\n", ""), comments=True)
    assert words[0] == "spark-submit"
    conf = dict(word.split("=", 1) for option, word in pairwise(words) if option == "--conf")
    exported = sample_registrations(stack).stack.outputs["queues"][job.card["queue"]]["sparkDefaults"]
    assert conf == {**exported, "spark.dynamicAllocation.maxExecutors": "1"}
    assert words[-2:] == ["local:///opt/spark/examples/jars/spark-examples.jar", "1000"]


def test_skate_gets_what_differs_from_the_queue_and_a_file_of_this_machine() -> None:
    job = job_in(main="my jobs/etl.py", arguments=["--to", "a b"], executors=3, cores=1)
    assert shlex.split(written(job, JobFormat.SKATE)) == [
        *("skate", "submit", "--queue", "ads-batch", "--name", "etl", "--executors", "3", "--executor-cores", "1"),
        *("my jobs/etl.py", "--", "--to", "a b"),
    ]


@pytest.mark.parametrize("stack", TENANTS)
def test_the_file_for_airflow_compiles_and_holds_the_application(stack: str) -> None:
    job = job_in(stack, name="it-s")
    tree = ast.parse(written(job, JobFormat.AIRFLOW))
    compile(tree, "dag.py", "exec")
    assert _assigned(tree, "APPLICATION") == job.application
    calls = {
        node.func.id: node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert {"DAG", "SparkKubernetesOperator", "SkateOperator"} <= calls.keys()


@pytest.mark.parametrize("stack", TENANTS)
def test_the_cells_for_a_notebook_compile_and_hold_the_server(stack: str) -> None:
    job = job_in(stack, executors=1)
    tree = ast.parse(written(job, JobFormat.NOTEBOOK))
    compile(tree, "notebook.py", "exec")
    server = _assigned(tree, "SERVER")
    assert server == connect_server(job)
    assert server["spec"]["dynamicAllocation"]["maxExecutors"] == 1


def _assigned(tree: ast.Module, name: str) -> Any:  # noqa: ANN401
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name
    )
    return ast.literal_eval(value)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"executors": 41}, ["--executors 41", "1 to 40", "ads-batch", "3 cores"]),
        ({"executors": 0}, ["--executors 0", "1 to 40"]),
        ({"executors": 21, "cores": 7}, ["1 to 20"]),
        ({"cores": 5}, ["--cores 5", "7 cores", "3 cores", "1 cores"]),
        ({"pool": "gpu"}, ["--pool gpu", "there are: main"]),
        ({"main": "job.sh"}, ["--main job.sh", ".py, .jar, .R"]),
        ({"main": "s3a://b/a.jar"}, ["--class NAME"]),
        ({"main": S3, "main_class": "x.Y"}, ["no --class"]),
        ({"main_class": "x.Y"}, ["with --main FILE"]),
        ({"arguments": ["1"]}, ["with --main FILE"]),
        ({"name": "Etl"}, ["--name Etl", "lower-case"]),
        ({"name": "a" * 55}, ["1 to 54"]),
    ],
)
def test_what_a_queue_does_not_have_is_refused_with_what_it_has(wanted: dict[str, Any], says: list[str]) -> None:
    with pytest.raises(JobError) as error:
        job_in(**wanted)
    assert [each for each in says if each not in str(error.value)] == []


@pytest.mark.parametrize("form", [JobFormat.APPLICATION, JobFormat.SPARK_SUBMIT, JobFormat.AIRFLOW])
def test_a_file_of_this_machine_is_refused_with_the_place_for_it(form: JobFormat) -> None:
    with pytest.raises(JobError) as error:
        written(job_in(main="src/etl.py"), form)
    assert "s3a://spark-dev-artifacts-111122223333-eu-central-1/ads/batch/uploads/etl.py" in str(error.value)
    assert "--format skate" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ads-dev", "bath"], 1, "ads-dev has no queue bath; there are: batch"),
        (["platform-dev", "batch"], 1, "job takes the stack of a tenant"),
        (["nobody", "batch"], 2, "no stack nobody"),
        (["ads-dev", "batch", "--format", "yarn"], 2, "spark-submit"),
    ],
)
def test_the_command_says_what_there_is(arguments: list[str], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.returncode == code
    assert says in " ".join(result.stderr.split())


def test_a_platform_has_no_cards_and_each_queue_of_a_tenant_one() -> None:
    assert cards_of(platform_registrations("platform-dev")) == {}
    for stack in AWS_TENANTS:
        assert list(cards_of(sample_registrations(stack))) == sorted(tenant(stack)["queues"])
