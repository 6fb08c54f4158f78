"""The command `skate` on a real API server with the platform's admission, as people with the tenant's groups."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from skate.deadlines import DEADLINE
from typer.testing import CliRunner

from fleet.cli import app as fleet
from tests.client.command import Ended, skate, started, wait_for
from tests.cluster.api import Object
from tests.cluster.attacks_rbac import VIEWER
from tests.cluster.cluster import Cluster, User
from tests.cluster.pod_shapes import ENGINEER, NAMESPACE

APPLICATIONS: Final = f"/apis/sparkoperator.k8s.io/v1beta2/namespaces/{NAMESPACE}/sparkapplications"
VIEWED: Final = "search-adhoc"
ROOT: Final = Path(__file__).parents[2]
STRANGER: Final = User("stranger")
JOB: Final = """\
metadata: {name: nightly}
spec:
  type: Python
  mainApplicationFile: local:///opt/spark/examples/src/main/python/pi.py
  arguments: ["10"]
"""


@pytest.fixture(autouse=True)
def queue(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person in their folder, with a job file; their jobs are gone afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SKATE_QUEUE", NAMESPACE)
    be(cluster, ENGINEER, monkeypatch)
    Path("job.yaml").write_text(JOB)
    yield
    for job in jobs(cluster):
        cluster.remove(job)


def be(cluster: Cluster, who: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log in as somebody."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.plane.kubeconfig_of(who.name, who.groups)))


def jobs(cluster: Cluster) -> list[Object]:
    """The applications that are in the queue."""
    found: list[Object] = cluster.admin.request("GET", APPLICATIONS)["items"]
    return [{"apiVersion": "sparkoperator.k8s.io/v1beta2", "kind": "SparkApplication", **each} for each in found]


def only(cluster: Cluster) -> Object:
    """The one application that is in the queue."""
    (job,) = jobs(cluster)
    return job


def set_state(cluster: Cluster, name: str, state: str, **status: Any) -> None:  # noqa: ANN401
    """Say where an application is, as the Spark operator does."""
    whole = {"applicationState": {"state": state}, "lastSubmissionAttemptTime": None, "terminationTime": None, **status}
    cluster.admin.request(
        "PATCH",
        f"{APPLICATIONS}/{name}/status",
        {"status": whole},
        content_type="application/merge-patch+json",
    )


def test_a_person_logs_in_and_finds_their_queue(cluster: Cluster) -> None:
    shown = skate("login", "--queue", NAMESPACE)
    assert shown.code == 0, shown.err
    assert f"You are {ENGINEER.name}" in shown.err
    assert NAMESPACE in shown.err
    assert NAMESPACE in skate("queues").out


@pytest.mark.parametrize("language", ["python", "scala", "r"])
def test_what_init_writes_is_accepted_as_it_is(cluster: Cluster, language: str) -> None:
    skate("init", "new.yaml", "--language", language)
    text = Path("new.yaml").read_text()
    # As everybody would who has put the program somewhere.
    program = next(line.split()[1] for line in text.splitlines() if "mainApplicationFile" in line)
    Path("new.yaml").write_text(text.replace(program, f"local:///opt/{program}"))
    shown = skate("submit", "--dry-run", "new.yaml")
    assert shown.code == 0, shown.err
    assert "Admission accepts it." in shown.err
    assert "USD an hour" in shown.err
    assert not jobs(cluster)


def test_each_shape_that_a_new_job_file_offers_is_accepted(cluster: Cluster) -> None:
    skate("init", "new.yaml")
    offered = [line for line in Path("new.yaml").read_text().splitlines() if line.startswith("  # executor:")]
    assert len(offered) > 1
    for line in offered:
        Path("job.yaml").write_text(JOB + line.replace("# ", "", 1) + "\n")
        shown = skate("submit", "--dry-run", "job.yaml")
        assert shown.code == 0, shown.err


def test_a_job_has_the_deadline_that_it_was_submitted_with_and_its_next_run_another(cluster: Cluster) -> None:
    assert skate("submit", "--detach", "--deadline", "2099-11-30T07:00:00+01:00", "job.yaml").code == 0
    first = only(cluster)
    assert first["metadata"]["annotations"][DEADLINE] == "2099-11-30T07:00:00+01:00"
    assert first["spec"]["driver"]["annotations"][DEADLINE] == "2099-11-30T06:00:00Z"
    name = first["metadata"]["name"]
    for due in (None, "2099-12-01T06:00:00Z"):
        again = skate("rerun", name, "--detach", *(["--deadline", due] if due else []))
        assert again.code == 0, again.err
        (made,) = [job for job in jobs(cluster) if job["metadata"]["name"] == again.out.strip()]
        assert made["metadata"]["annotations"].get(DEADLINE) == due
        assert made["spec"]["driver"]["annotations"].get(DEADLINE) == due


def test_a_job_in_the_manner_of_spark_submit_is_accepted(cluster: Cluster) -> None:
    card = skate("queues", NAMESPACE, "--json").json[0]["card"]
    artifacts = f"s3a://{card['artifacts']['bucket']}/{card['artifacts']['uploads']}0"
    flags = "--num-executors 3 --driver-memory 1g --conf spark.sql.shuffle.partitions=20 --env STAGE=test --retries 1"
    # What --requirements makes of a file.
    files = f"--py-files {artifacts}/lib.zip --archives {artifacts}/r.tar.gz#requirements --env PYTHONPATH=requirements"
    arguments = [*flags.split(), *files.split(), f"{artifacts}/job.py", "--", "--date", "today"]
    shown = skate("submit", "--detach", *arguments)
    assert shown.code == 0, shown.err
    stored = only(cluster)["spec"]
    assert stored["arguments"] == ["--date", "today"]
    assert stored["dynamicAllocation"]["maxExecutors"] == 3
    # Which admission has put there.
    assert "spark.eventLog.dir" in stored["sparkConf"]


def test_what_admission_refuses_is_said_with_its_rule_and_nothing_is_submitted(cluster: Cluster) -> None:
    shown = skate("submit", "--detach", "--image", "docker.io/library/python:3", "local:///opt/job.py")
    assert shown.code == 2
    assert f"{NAMESPACE} refused the job" in shown.err
    assert "docker.io/library/python:3" in shown.err
    assert not jobs(cluster)
    assert skate("submit", "--dry-run", "--image", "docker.io/library/python:3", "local:///opt/job.py").code == 2


def test_a_job_file_for_another_queue_names_it(cluster: Cluster) -> None:
    Path("job.yaml").write_text(JOB.replace("{name: nightly}", "{name: nightly, namespace: search-adhoc}"))
    shown = skate("submit", "--detach", "--queue", NAMESPACE, "job.yaml")
    assert shown.code == 2
    assert "--queue search-adhoc" in shown.err


def test_an_id_is_one_job_however_many_submit_it_at_once(cluster: Cluster) -> None:
    arguments = ("submit", "--detach", "--json", "--id", "nightly-2026-11-29", "job.yaml")
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        processes = [stack.enter_context(started(*arguments)) for _ in range(3)]
        ended = list(threads.map(lambda process: process.communicate(timeout=120), processes))
    assert [process.returncode for process in processes] == [0, 0, 0], ended
    name = only(cluster)["metadata"]["name"]
    records = [yaml.safe_load(out) for out, _ in ended]
    assert {record["job"] for record in records} == {name}
    assert sorted(record["found"] for record in records) == [False, True, True]


def test_a_killed_client_leaves_one_job_that_the_next_finds(cluster: Cluster) -> None:
    with started("run", "--id", "nightly-2026-11-29", "job.yaml"):
        wait_for(lambda: bool(jobs(cluster)))
    name = only(cluster)["metadata"]["name"]
    set_state(cluster, name, "COMPLETED", terminationTime="2026-11-29T10:00:00Z")
    again = skate("run", "--id", "nightly-2026-11-29", "job.yaml")
    assert again.code == 0, again.err
    assert "was submitted before" in again.err
    assert only(cluster)["metadata"]["name"] == name


@pytest.mark.parametrize(("state", "code"), [("COMPLETED", 0), ("FAILED", 1)])
def test_a_job_is_followed_to_its_end(cluster: Cluster, state: str, code: int) -> None:
    with started("submit", "job.yaml") as process:
        wait_for(lambda: bool(jobs(cluster)))
        name = only(cluster)["metadata"]["name"]
        set_state(cluster, name, "RUNNING", driverInfo={"podName": f"{name}-driver"})
        time.sleep(3)
        set_state(cluster, name, state, terminationTime="2026-11-29T10:00:00Z")
        _, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    assert f"{name}: running" in err
    assert "Traceback" not in err


def test_jobs_are_listed_looked_at_run_again_and_stopped(cluster: Cluster) -> None:
    name = skate("submit", "--detach", "job.yaml").out.strip()
    assert [job["name"] for job in skate("ls", "--json").json] == [name]
    status = skate("status", name, "--json").json
    assert (status["phase"], status["submitter"]) == ("submitted", ENGINEER.name)
    again = skate("rerun", name, "--detach")
    assert again.code == 0, again.err
    assert len(jobs(cluster)) == 2
    assert skate("kill", "--yes", name, again.out.strip()).code == 0
    assert not jobs(cluster)


def test_a_viewer_may_look_and_is_told_who_lets_them_submit(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    be(cluster, VIEWER, monkeypatch)
    monkeypatch.setenv("SKATE_QUEUE", VIEWED)
    assert skate("ls").code == 0
    refused = skate("submit", "--detach", "job.yaml")
    assert refused.code == 3
    assert "An owner of the tenant can let you" in refused.err


def test_a_stranger_is_told_that_there_is_no_such_queue_for_them(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(cluster, STRANGER, monkeypatch)
    refused: list[Ended] = [skate("submit", "--detach", "job.yaml"), skate("queues", NAMESPACE)]
    for each in refused:
        assert each.code == 2
        assert f"There is no queue {NAMESPACE} that you may use." in each.err


@pytest.mark.parametrize(
    "options", [[], ["--cores", "7", "--executors", "5"], ["--main", "local:///opt/etl.py", "--", "--date", "today"]]
)
def test_the_call_that_fleet_job_prints_is_accepted(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as at_the_root:
        at_the_root.chdir(ROOT)
        printed = CliRunner().invoke(fleet, ["job", "ads-dev", "batch", "--format", "skate", *options])
    program, command, *arguments = shlex.split(printed.stdout)
    assert (program, command) == ("skate", "submit")
    shown = skate("submit", "--dry-run", *arguments)
    assert shown.code == 0, shown.err
