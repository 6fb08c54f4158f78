"""`skate login`, `queues`, `init` and `schema`: from nothing to a job file."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from skate.job_files import job_schema, read_job_file

from tests.client.api_stand_in import QUEUE, StandIn, certificate_authority, kubeconfig
from tests.client.command import skate

HISTORY = {"service": "history", "pod": "history-0", "port": 18080, "eventLogDays": 30}


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An aws command that knows one cluster; it writes down with what it was called."""
    answer = {
        "cluster": {
            "endpoint": "https://127.0.0.1:1",
            "certificateAuthority": {"data": certificate_authority(tmp_path)},
        }
    }
    token = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "status": {"token": "k8s-aws-v1.x"},
    }
    folder = tmp_path / "bin"
    folder.mkdir()
    calls = tmp_path / "calls"
    program = folder / "aws"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        f"open({str(calls)!r}, 'a').write(' '.join(sys.argv[1:]) + ' ' + os.environ.get('AWS_PROFILE', '') + '\\n')\n"
        "if 'get-token' in sys.argv:\n"
        f"    sys.exit(print({json.dumps(token)!r}))\n"
        "if 'spark-dev' not in sys.argv:\n"
        "    sys.exit('An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation')\n"
        f"print({json.dumps(answer)!r})\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    # As where boto3 isn't installed.
    monkeypatch.setitem(sys.modules, "boto3", None)
    return calls


def contexts(path: Path) -> dict[str, Any]:
    """The contexts of a kubeconfig by name."""
    return {each["name"]: each["context"] for each in yaml.safe_load(path.read_text())["contexts"]}


def test_a_login_that_works_is_said_with_its_queues(cluster: StandIn) -> None:
    shown = skate("login", "--queue", QUEUE)
    assert shown.code == 0, shown.err
    assert "You are ana" in shown.err
    assert "You may use: ads-batch." in shown.err


def test_a_remembered_queue_need_not_be_named_again(cluster: StandIn) -> None:
    skate("login", "--queue", QUEUE)
    cluster.add_job("report-0a1b2c3d", "FAILED")
    assert "report-0a1b2c3d" in skate("ls").out


def test_queues_of_a_group_are_known_without_being_named(cluster: StandIn) -> None:
    cluster.groups = ["elastic-spark:shared:airflow:ads-batch:submitter", "system:authenticated"]
    assert "You may use: ads-batch." in skate("login").err


def test_somebody_without_queues_is_told_who_can_give_them_some(cluster: StandIn) -> None:
    shown = skate("login")
    assert shown.code == 2
    assert "An owner of a tenant lists you" in shown.err


def test_a_queue_that_is_none_of_mine_is_not_remembered(cluster: StandIn, tmp_path: Path) -> None:
    skate("login", "--queue", QUEUE)
    shown = skate("login", "--queue", "ads-nothing")
    assert shown.code == 2
    assert "There is no queue ads-nothing that you may use.\nYou may use: ads-batch." in shown.err
    assert "ads-nothing" not in (tmp_path / "config" / "config.yaml").read_text()


def test_without_a_kubeconfig_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: StandIn
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    shown = skate("login")
    assert shown.code == 3
    assert "skate login --cluster NAME --region REGION" in shown.err


@pytest.mark.parametrize(("code", "exits", "says"), [(401, 3, "aws sso login"), (403, 3, "people"), (503, 4, "503")])
def test_what_the_api_server_says_against_it_has_a_remedy(cluster: StandIn, code: int, exits: int, says: str) -> None:
    cluster.code = code
    shown = skate("queues", QUEUE)
    assert (shown.code, says in shown.err) == (exits, True), shown.err


def test_a_cluster_that_does_not_answer_ends_with_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "kubeconfig", "http://127.0.0.1:1")))
    shown = skate("ls", "--queue", QUEUE)
    assert shown.code == 4
    assert "can't be reached" in shown.err


@pytest.mark.usefixtures("aws")
def test_a_context_more_leaves_all_others_as_they_are(cluster: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    before = yaml.safe_load(path.read_text())
    skate("login", "--cluster", "spark-dev", "--context", "new", "--region", "eu-central-1")
    after = yaml.safe_load(path.read_text())
    assert after["current-context"] == before["current-context"]
    for part in ("clusters", "contexts", "users"):
        assert [each for each in after[part] if each["name"] != "new"] == before[part]
    assert contexts(path)["new"] == {"cluster": "new", "user": "new"}


def test_the_new_context_makes_tokens_by_the_aws_command(cluster: StandIn, tmp_path: Path, aws: Path) -> None:
    role = "arn:aws:iam::111122223333:role/ana"
    arguments = ["--cluster", "spark-dev", "--context", "new", "--region", "eu-central-1", "--profile", "work"]
    skate("login", *arguments, "--role", role)
    (user,) = [each for each in yaml.safe_load((tmp_path / "kubeconfig").read_text())["users"] if each["name"] == "new"]
    plugin = user["user"]["exec"]
    called = "--region eu-central-1 eks get-token --cluster-name spark-dev --output json --role-arn"
    assert (plugin["command"], plugin["args"]) == ("aws", [*called.split(), role])
    assert plugin["env"] == [{"name": "AWS_PROFILE", "value": "work"}]
    asked = "eks describe-cluster --name spark-dev --output json --region eu-central-1 work"
    assert asked in aws.read_text()


@pytest.mark.usefixtures("aws")
def test_a_context_of_that_name_that_is_another_clusters_is_left_alone(cluster: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    before = path.read_text()
    shown = skate("login", "--cluster", "spark-dev", "--region", "eu-central-1")
    assert shown.code == 2
    assert "--context NAME" in shown.err
    assert path.read_text() == before


@pytest.mark.usefixtures("aws")
def test_the_same_login_again_takes_the_place_of_the_first(cluster: StandIn, tmp_path: Path) -> None:
    for role in ("arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"):
        skate("login", "--cluster", "spark-dev", "--context", "new", "--role", role)
    users = yaml.safe_load((tmp_path / "kubeconfig").read_text())["users"]
    assert [each["user"]["exec"]["args"][-1] for each in users if each["name"] == "new"] == ["arn:aws:iam::1:role/b"]


@pytest.mark.usefixtures("aws")
def test_a_dry_run_writes_nothing(cluster: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    before = path.read_text()
    shown = skate("login", "--cluster", "spark-dev", "--context", "new", "--queue", QUEUE, "--dry-run")
    assert shown.code == 0
    assert "get-token" in shown.out
    assert path.read_text() == before
    assert not (tmp_path / "config").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
@pytest.mark.usefixtures("aws")
def test_a_new_kubeconfig_is_for_its_owner_alone(
    cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    skate("login", "--cluster", "spark-dev")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert yaml.safe_load(path.read_text())["current-context"] == "spark-dev"


@pytest.mark.usefixtures("aws")
def test_a_cluster_that_eks_does_not_know_is_said_to_be_none(cluster: StandIn) -> None:
    shown = skate("login", "--cluster", "other", "--region", "eu-central-1")
    assert shown.code == 2
    assert "There is no cluster other in eu-central-1." in shown.err


def test_where_eks_may_not_be_asked_address_and_authority_are_enough(cluster: StandIn, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    place = ["--endpoint", "https://spark.example.com", "--ca", str(authority)]
    shown = skate("login", "--cluster", "other", *place, "--dry-run")
    assert shown.code == 0, shown.err
    assert "server: https://spark.example.com" in shown.out


def test_queues_are_shown_with_how_full_they_are_and_who_waits(cluster: StandIn) -> None:
    skate("login", "--queue", QUEUE)
    cluster.add_job("running-11111111")
    cluster.run("running-11111111")
    cluster.add_pod("exec-1", "running-11111111", "executor", number=1)
    cluster.add_job("waiting-22222222")
    cluster.add_pod("waiting-22222222-driver", "waiting-22222222", "driver", phase="Pending", node="")
    shown = skate("queues")
    assert shown.code == 0
    assert shown.out.splitlines()[1].split()[:4] == ["ads-batch", "1", "6", "1"]
    assert "waiting-22222222" in shown.out
    (queue,) = skate("queues", "--json").json
    assert (queue["queue"], queue["executors"]) == ("ads-batch", 1)
    assert [job["job"] for job in queue["waiting"]] == ["waiting-22222222"]


def test_a_queue_is_shown_with_all_that_it_offers(cluster: StandIn) -> None:
    cluster.add_card(data=[{"bucket": "lake", "prefix": "ads/", "access": "read"}], history=HISTORY)
    shown = skate("queues", QUEUE)
    assert "s3://lake/ads/ (read)" in shown.out
    assert "3 cores, 27629m" in shown.out
    assert "0.40 USD" in shown.out


@pytest.mark.parametrize("language", ["python", "scala", "r"])
def test_a_new_job_file_is_one_that_skate_reads(
    cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert skate("init", "nightly.yaml", "--queue", QUEUE, "--language", language).code == 0
    assert read_job_file(Path("nightly.yaml"))["metadata"]["name"] == "nightly"


def test_an_editor_finds_the_schema_by_the_files_first_line(
    cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    skate("init", "jobs/nightly.yaml", "--queue", QUEUE)
    first = Path("jobs/nightly.yaml").read_text().splitlines()[0]
    _, _, named = first.partition("# yaml-language-server: $schema=")
    assert json.loads((Path("jobs") / named).read_text()) == job_schema()


def test_what_is_in_comments_is_right_too(cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    skate("init", "--queue", QUEUE)
    lines = Path("job.yaml").read_text().splitlines()
    body = lines[lines.index("spec:") + 1 :]
    named = [found[1] for line in body if (found := re.match(r"  (?:# )?([a-z]\w*):", line))]
    assert {"deps", "dynamicAllocation", "executor", "driver", "sparkConf", "restartPolicy"} <= set(named)
    assert set(named) <= set(job_schema()["properties"]["spec"]["properties"])


def test_a_file_that_is_there_is_never_written_over(
    cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("job.yaml").write_text("mine")
    shown = skate("init", "--queue", QUEUE)
    assert shown.code == 2
    assert Path("job.yaml").read_text() == "mine"
    assert skate("init", "--queue", QUEUE, "--force").code == 0
    assert Path("job.yaml").read_text() != "mine"


def test_without_a_login_a_job_file_lacks_only_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path))
    monkeypatch.delenv("SKATE_QUEUE", raising=False)
    shown = skate("init")
    assert shown.code == 0
    assert "Without a queue's sizes" in shown.err
    assert read_job_file(Path("job.yaml"))["spec"]["type"] == "Python"


def test_the_schema_is_printed() -> None:
    assert skate("schema").json == job_schema()
