"""`skate submit` and `skate run`: from a file or a program to a job that has ended."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from skate.deadlines import DEADLINE

from tests.client.api_stand_in import QUEUE, StandIn
from tests.client.cards import ARTIFACTS
from tests.client.command import skate, started, wait_for

JOB = """\
metadata: {name: nightly}
spec:
  type: Python
  mainApplicationFile: local:///opt/job.py
  arguments: [one]
"""


@pytest.fixture(autouse=True)
def queue(cluster: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The person's queue, and the folder where they are, with a job file."""
    monkeypatch.setenv("SKATE_QUEUE", QUEUE)
    monkeypatch.chdir(tmp_path)
    Path("job.yaml").write_text(JOB)


def only(cluster: StandIn) -> dict[str, Any]:
    """The one application that is there."""
    (job,) = cluster.jobs()
    return job


def goes_to_its_end(cluster: StandIn, state: str = "COMPLETED", message: str = "") -> threading.Thread:
    """Plays the Spark operator for the next job: it runs, writes two lines, and ends."""

    def play() -> None:
        wait_for(lambda: bool(cluster.jobs()))
        name = only(cluster)["metadata"]["name"]
        cluster.run(name, "hello", "world")
        cluster.end(name, state, message)

    thread = threading.Thread(target=play)
    thread.start()
    return thread


def test_a_job_file_becomes_a_job_with_what_the_queue_says(cluster: StandIn) -> None:
    shown = skate("submit", "--detach", "job.yaml")
    assert shown.code == 0
    job = only(cluster)
    assert shown.out.strip() == job["metadata"]["name"]
    assert job["metadata"]["name"].startswith("nightly-")
    assert job["spec"]["image"] == "docker.io/apache/spark:4.0.4"
    assert job["spec"]["arguments"] == ["one"]


def test_other_arguments_take_the_place_of_the_files(cluster: StandIn) -> None:
    skate("submit", "--detach", "job.yaml", "--", "--date", "today")
    assert only(cluster)["spec"]["arguments"] == ["--date", "today"]


@pytest.mark.parametrize("what", ["job.yaml", "local:///opt/job.py"])
def test_a_job_is_submitted_with_its_deadline(cluster: StandIn, what: str) -> None:
    shown = skate("submit", "--detach", "--deadline", "2099-11-30T07:00:00+01:00", what)
    assert shown.code == 0, shown.err
    assert only(cluster)["metadata"]["annotations"] == {DEADLINE: "2099-11-30T07:00:00+01:00"}
    assert "has passed" not in shown.err


def test_a_deadline_counts_from_now(cluster: StandIn) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert skate("submit", "--detach", "--deadline", "2h30m", "job.yaml").code == 0
    found = datetime.fromisoformat(only(cluster)["metadata"]["annotations"][DEADLINE])
    assert before <= found - timedelta(hours=2, minutes=30) <= datetime.now(UTC)


@pytest.mark.parametrize("command", [("submit",), ("run",), ("submit", "--dry-run"), ("rerun",)])
@pytest.mark.parametrize("wrong", ["2026-11-30T06:00:00", "soon"])
def test_a_wrong_deadline_is_one_error_before_anything_is_asked(
    cluster: StandIn, command: tuple[str, ...], wrong: str
) -> None:
    shown = skate(*command, "job.yaml", "--deadline", wrong)
    assert shown.code == 2
    assert wrong in shown.err
    assert "2026-11-30T06:00:00Z" in shown.err
    assert not cluster.seen


def test_a_job_file_says_its_deadline_itself(cluster: StandIn) -> None:
    annotated = JOB.replace("{name: nightly}", f"{{name: nightly, annotations: {{{DEADLINE}: %s}}}}")
    Path("job.yaml").write_text(annotated % "2099-11-30T07:00:00")
    shown = skate("submit", "--detach", "job.yaml")
    assert (shown.code, cluster.jobs()) == (2, [])
    assert "has no zone" in shown.err
    Path("job.yaml").write_text(annotated % "2099-11-30T07:00:00+01:00")
    assert skate("submit", "--detach", "job.yaml").code == 0
    found = datetime.fromisoformat(only(cluster)["metadata"]["annotations"][DEADLINE])
    assert found == datetime(2099, 11, 30, 6, tzinfo=UTC)


def test_a_deadline_that_has_passed_is_told_and_taken(cluster: StandIn) -> None:
    shown = skate("submit", "--detach", "--deadline", "2026-01-01T00:00:00Z", "job.yaml")
    assert shown.code == 0
    assert "has passed already" in shown.err
    assert only(cluster)["metadata"]["annotations"] == {DEADLINE: "2026-01-01T00:00:00Z"}


def test_flags_that_a_job_file_says_itself_are_refused(cluster: StandIn) -> None:
    shown = skate("submit", "--detach", "--class", "a.B", "--executors", "3", "job.yaml")
    assert shown.code == 2
    assert "--executors, --class" in shown.err
    assert not cluster.jobs()


def test_a_program_is_submitted_in_the_manner_of_spark_submit(cluster: StandIn) -> None:
    flags = "--num-executors 5 --executor-cores 3 --driver-memory 2g --conf a=b=c --conf d=e --env X=1 --retries 2"
    lists = "--packages g:a:1,g:b:2 --jars s3a://b/x.jar --jars local:///y.jar,https://h/z.jar --name Daily_Report"
    program = "--class com.example.Main local:///opt/main.jar -- --verbose in out"
    shown = skate("submit", "--detach", *flags.split(), *lists.split(), *program.split())
    assert shown.code == 0, shown.err
    job = only(cluster)
    spec = job["spec"]
    assert job["metadata"]["name"].startswith("daily-report-")
    assert (spec["type"], spec["mainClass"], spec["arguments"]) == (
        "Scala",
        "com.example.Main",
        ["--verbose", "in", "out"],
    )
    assert spec["dynamicAllocation"]["maxExecutors"] == 5
    assert spec["executor"]["cores"] == 3
    assert spec["driver"]["memory"] == "2g"
    assert spec["sparkConf"] == {"a": "b=c", "d": "e"}
    assert spec["deps"]["packages"] == ["g:a:1", "g:b:2"]
    assert spec["deps"]["jars"] == ["s3a://b/x.jar", "local:///y.jar", "https://h/z.jar"]
    assert spec["driver"]["env"] == [{"name": "X", "value": "1"}]
    assert spec["restartPolicy"]["onFailureRetries"] == 2


def test_more_executors_than_the_queue_has_are_refused_with_its_number(cluster: StandIn) -> None:
    shown = skate("submit", "--detach", "--executors", "2000", "local:///opt/job.py")
    assert shown.code == 2
    assert "--executors 20 or fewer" in shown.err
    assert not cluster.jobs()


def test_an_unknown_field_is_refused_with_its_line_and_column(cluster: StandIn) -> None:
    Path("job.yaml").write_text(JOB + "  drivr: {cores: 1}\n")
    shown = skate("submit", "--detach", "job.yaml")
    assert shown.code == 2
    assert "job.yaml:6:3: there is no spec.drivr; do you mean driver?" in shown.err
    assert not cluster.jobs()


def test_an_option_that_is_none_is_told_apart_from_the_programs_arguments(cluster: StandIn) -> None:
    shown = skate("submit", "local:///opt/job.py", "--date", "today")
    assert shown.code == 2
    assert "--date" in shown.err
    assert "after `--`" in shown.err
    assert not cluster.jobs()


def test_what_admission_refuses_is_said_rule_by_rule(cluster: StandIn) -> None:
    cluster.refusal = "ValidatingAdmissionPolicy 'x' denied request: too big [rule-a]; too wide [rule-b]"
    shown = skate("submit", "--detach", "job.yaml")
    assert shown.code == 2
    assert "- too big [rule-a]\n- too wide [rule-b]" in shown.err


def test_a_job_with_an_id_is_never_submitted_twice(cluster: StandIn) -> None:
    first = skate("submit", "--detach", "--id", "nightly-2026-11-29", "--json", "job.yaml")
    second = skate("submit", "--detach", "--id", "nightly-2026-11-29", "--json", "job.yaml")
    assert (first.code, second.code) == (0, 0)
    assert (first.json["found"], second.json["found"]) == (False, True)
    assert first.json["job"] == second.json["job"] == only(cluster)["metadata"]["name"]


def test_a_job_whose_answer_is_lost_is_submitted_once(cluster: StandIn) -> None:
    cluster.lose = 1
    shown = skate("submit", "--detach", "job.yaml")
    assert shown.code == 0
    assert shown.out.strip() == only(cluster)["metadata"]["name"]


def test_a_dry_run_shows_the_job_what_admission_says_and_the_cost(cluster: StandIn) -> None:
    shown = skate("submit", "--dry-run", "--executors", "4", "local:///opt/job.py")
    assert shown.code == 0
    assert yaml.safe_load(shown.out)["spec"]["dynamicAllocation"]["maxExecutors"] == 4
    assert "Admission accepts it." in shown.err
    # The driver costs 0.05 an hour, an executor half a node's 0.4.
    assert "0.05 USD an hour with its driver alone, and up to 0.85 USD" in shown.err
    assert not cluster.jobs()


def test_a_dry_run_of_what_would_be_refused_ends_with_2(cluster: StandIn) -> None:
    cluster.refusal = "ValidatingAdmissionPolicy 'x' denied request: too big [rule-a]"
    shown = skate("submit", "--dry-run", "--json", "job.yaml")
    assert shown.code == 2
    assert shown.json["admission"] == {"accepted": False, "faults": ["too big [rule-a]"], "application": None}


def test_a_dry_run_sends_no_file_and_says_where_it_would_be(cluster: StandIn) -> None:
    cluster.add_card(artifacts=ARTIFACTS)
    Path("job.py").write_text("print(1)")
    shown = skate("submit", "--dry-run", "job.py")
    assert shown.code == 0, shown.err
    main = yaml.safe_load(shown.out)["spec"]["mainApplicationFile"]
    assert main.startswith("s3a://spark-dev-artifacts/ads/batch/uploads/")
    assert main.endswith("/job.py")


def test_a_file_of_this_machine_that_is_not_there_is_said_so(cluster: StandIn) -> None:
    cluster.add_card(artifacts=ARTIFACTS | {"uploadRoleArn": "arn:aws:iam::1:role/r"})
    shown = skate("submit", "--detach", "nowhere.py")
    assert shown.code == 2
    assert "There is no nowhere.py" in shown.err
    assert not cluster.jobs()


def test_a_queue_that_takes_no_files_says_what_else_to_do(cluster: StandIn) -> None:
    Path("job.py").write_text("print(1)")
    shown = skate("submit", "--detach", "job.py")
    assert shown.code == 2
    assert "takes no files" in shown.err
    assert not cluster.jobs()


def test_a_job_that_is_waited_for_shows_its_log_and_ends_with_0(cluster: StandIn) -> None:
    thread = goes_to_its_end(cluster)
    shown = skate("submit", "job.yaml")
    thread.join()
    assert shown.code == 0
    assert shown.out == "hello\nworld\n"
    assert "succeeded" in shown.err


def test_a_job_that_fails_ends_with_1_and_says_why(cluster: StandIn) -> None:
    thread = goes_to_its_end(cluster, "FAILED", "driver container failed with ExitCode: 3, Reason: Error")
    shown = skate("run", "job.yaml")
    thread.join()
    assert shown.code == 1
    assert "failed" in shown.err
    assert "ExitCode: 3" in shown.err


def test_a_job_that_somebody_removes_ends_with_1(cluster: StandIn) -> None:
    def remove() -> None:
        wait_for(lambda: bool(cluster.jobs()))
        wait_for(lambda: sum("sparkapplications/" in path for method, path in cluster.seen if method == "GET") > 0)
        cluster.objects = {key: value for key, value in cluster.objects.items() if key[0] != "sparkapplications"}

    thread = threading.Thread(target=remove)
    thread.start()
    shown = skate("submit", "job.yaml")
    thread.join()
    assert shown.code == 1
    assert "was stopped" in shown.err


def test_a_queued_job_says_its_place_and_the_reason(cluster: StandIn) -> None:
    def play() -> None:
        wait_for(lambda: bool(cluster.jobs()))
        name = only(cluster)["metadata"]["name"]
        cluster.add_pod(f"{name}-driver", name, "driver", phase="Pending", node="")
        waiting = {"type": "PodScheduled", "status": "False", "message": "the queue is full"}
        cluster.objects["pods", QUEUE, f"{name}-driver"]["status"]["conditions"] = [waiting]
        wait_for(lambda: sum("spark-role%3Ddriver" in path for _, path in cluster.seen) > 0)
        cluster.run(name)
        cluster.end(name)

    thread = threading.Thread(target=play)
    thread.start()
    shown = skate("submit", "job.yaml")
    thread.join()
    assert "queued, number 1 in ads-batch: the queue is full" in shown.err


def test_an_interrupt_in_a_pipe_leaves_the_job_and_says_how_to_go_on(cluster: StandIn) -> None:
    with started("submit", "job.yaml") as process:
        wait_for(lambda: any("/pods?" in path for _, path in cluster.seen))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    name = only(cluster)["metadata"]["name"]
    assert process.returncode == 130
    assert f"skate wait {name} --queue ads-batch" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("ended_by", "interrupts", "code"),
    [
        (signal.SIGINT, signal.SIG_DFL, 130),
        (signal.SIGTERM, signal.SIG_DFL, 143),
        pytest.param(signal.SIGTERM, signal.SIG_IGN, 143, id="in the background of a script"),
    ],
)
def test_run_stops_its_job_when_it_is_ended(
    cluster: StandIn, ended_by: signal.Signals, interrupts: signal.Handlers, code: int
) -> None:
    with started("run", "job.yaml", interrupts=interrupts) as process:
        wait_for(lambda: any("/pods?" in path for _, path in cluster.seen))
        process.send_signal(ended_by)
        _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "is stopped" in err
    assert "Traceback" not in err
    assert not cluster.jobs()


def test_a_job_file_without_a_program_says_so(cluster: StandIn) -> None:
    Path("job.yaml").write_text("spec: {executor: {instances: 1}}\n")
    shown = skate("submit", "--detach", "job.yaml")
    assert shown.code == 2
    assert "names no program" in shown.err
    assert not cluster.jobs()


def test_a_job_file_need_not_say_what_its_program_is_written_in(cluster: StandIn) -> None:
    Path("job.yaml").write_text("spec: {mainApplicationFile: 'local:///opt/job.py'}\n")
    assert skate("submit", "--detach", "job.yaml").code == 0
    assert cluster.jobs()[0]["spec"]["type"] == "Python"


def test_no_executors_are_too_few(cluster: StandIn) -> None:
    shown = skate("submit", "--detach", "--executors", "0", "local:///opt/job.py")
    assert shown.code == 2
    assert "at least one executor, not 0" in shown.err
    assert not cluster.jobs()


def test_without_boto3_files_are_said_to_need_it(cluster: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.add_card(artifacts=ARTIFACTS | {"uploadRoleArn": "arn:aws:iam::1:role/r"})
    Path("job.py").write_text("print(1)")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    shown = skate("submit", "--detach", "job.py")
    assert shown.code == 2
    assert "elastic-spark-client[aws]" in shown.err
    assert not cluster.jobs()


def test_a_dry_run_of_an_id_that_is_there_says_that_nothing_would_come(cluster: StandIn) -> None:
    skate("submit", "--detach", "--id", "nightly", "job.yaml")
    assert "nothing would be submitted" in skate("submit", "--dry-run", "--id", "nightly", "job.yaml").err
