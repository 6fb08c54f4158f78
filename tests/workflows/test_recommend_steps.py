"""The shell steps of the weekly recommendation, with a `fleet` and an `aws` that write down what they are told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fleet.ci.server import REPOSITORY, TOKEN, Server, serving
from tests.workflows.clones import clone, git
from tests.workflows.reading import ROOT, WORKFLOWS, jobs
from tests.workflows.shell_steps import Job

(WORKFLOW,) = (path for path in WORKFLOWS if path.stem == "recommend")
VARIABLES = (
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "CAPACITY_LONGER",
    "CAPACITY_SOURCE",
    "CAPACITY_WAIT",
    "CAPACITY_WEEKS",
    "FLEET_PROMETHEUS_URL",
)
ROLE = {"AWS_REGION": "eu-central-1", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/spark-capacity"}
FLEET = """#!/bin/bash
echo "fleet $*" >> "{told}"
case "$2" in
  import) touch trace.parquet ;;
  backtest) [ ! -e "{folder}/unmeasured" ] ;;
  recommend)
    [ ! -e "{folder}/wrong" ] || exit 1
    echo "ads-batch: 900 USD a month instead of 1,200"
    if [ ! -e "{folder}/same" ]; then sed -i 's/maxNodes: 20/maxNodes: 24/' stacks/Pulumi.ads-dev.yaml; fi ;;
esac
"""
AWS = """#!/bin/bash
echo "aws $*" >> "{told}"
touch "${{@: -1}}"
"""


@pytest.fixture
def workspace(origin: Path, tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    clone(origin, workspace)
    (workspace / ".venv" / ".capacity").touch()
    return workspace


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


Run = Callable[..., Job]


@pytest.fixture
def run(workspace: Path, server: Server, tmp_path: Path) -> Run:
    """Runs a job's steps with these variables of the repository."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for file, text in ((workspace / ".venv" / "bin" / "fleet", FLEET), (tools / "aws", AWS)):
        file.write_text(text.format(told=tmp_path / "told", folder=tmp_path))
        file.chmod(0o755)

    def run(job: str, **variables: str) -> Job:
        given = {f"vars.{name}": variables.get(name, "") for name in VARIABLES} | {"github.token": TOKEN}
        here = {
            "GITHUB_API_URL": server.address,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REF_NAME": "main",
            "GITHUB_RUN_ID": "9",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": git(workspace, "rev-parse", "HEAD"),
        }
        found = Job(workspace, tmp_path / "files", given, here, {}, (tools,))
        found.run(jobs(WORKFLOW)[job])
        return found

    return run


def told(tmp_path: Path) -> list[str]:
    return (tmp_path / "told").read_text().splitlines()


def kept(workspace: Path) -> list[str]:
    folder = workspace / "recommendation"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_last_weeks_event_logs_are_imported_with_a_role_and_what_changes_is_kept(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    job = run("recommend", CAPACITY_SOURCE="s3://spark-events/", **ROLE)
    assert not job.failed, job.logs
    assert job.outcomes["Get credentials"] == "success"
    assert told(tmp_path) == [
        "fleet capacity import events s3://spark-events/ --since 8w --out trace.parquet",
        "fleet capacity show trace.parquet",
        "fleet capacity recommend trace.parquet --write",
    ]
    assert kept(workspace) == ["stacks/Pulumi.ads-dev.yaml", "text.txt"]
    assert "maxNodes: 24" in (workspace / "recommendation" / "stacks" / "Pulumi.ads-dev.yaml").read_text()
    assert "ads-batch: 900 USD a month instead of 1,200" in job.summary


def test_weeks_and_the_target_are_what_variables_say(run: Run, tmp_path: Path) -> None:
    variables = {"CAPACITY_WEEKS": "12", "CAPACITY_WAIT": "2m", "CAPACITY_LONGER": "0.1"}
    assert not run("recommend", CAPACITY_SOURCE="s3://spark-events/ads", **variables, **ROLE).failed
    assert "fleet capacity import events s3://spark-events/ads --since 12w --out trace.parquet" in told(tmp_path)
    assert told(tmp_path)[-1] == "fleet capacity recommend trace.parquet --write --wait 2m --longer 0.1"


def test_a_trace_in_s3_is_copied(run: Run, tmp_path: Path) -> None:
    assert not run("recommend", CAPACITY_SOURCE="s3://bucket/traces/ads.parquet", **ROLE).failed
    assert told(tmp_path)[0] == "aws s3 cp --only-show-errors s3://bucket/traces/ads.parquet trace.parquet"


def test_a_trace_of_the_repository_needs_no_role_and_comes_with_its_back_test(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "traces").mkdir()
    (workspace / "traces" / "ads.parquet").write_text("rows")
    (workspace / "traces" / "ads.backtest.json").write_text("{}")
    job = run("recommend", CAPACITY_SOURCE="traces/ads.parquet")
    assert not job.failed, job.logs
    assert job.outcomes["Get credentials"] == "skipped"
    assert told(tmp_path)[0] == "fleet capacity show trace.parquet"
    assert ((workspace / "trace.parquet").read_text(), (workspace / "trace.backtest.json").read_text()) == (
        "rows",
        "{}",
    )


@pytest.mark.parametrize("missing", sorted(ROLE))
def test_without_a_role_what_is_in_aws_is_not_asked_for(run: Run, tmp_path: Path, missing: str) -> None:
    job = run("recommend", CAPACITY_SOURCE="s3://spark-events/", **{**ROLE, missing: ""})
    assert job.failed
    assert f"::error::the environment capacity has no variable {missing}" in job.logs["source"]
    assert not (tmp_path / "told").exists()


def test_where_a_prometheus_is_named_the_trace_is_held_against_it_first(run: Run, tmp_path: Path) -> None:
    url = "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1"
    job = run("recommend", CAPACITY_SOURCE="s3://spark-events/", FLEET_PROMETHEUS_URL=url, **ROLE)
    assert not job.failed, job.logs
    assert told(tmp_path)[2:] == [
        "fleet capacity backtest trace.parquet",
        "fleet capacity recommend trace.parquet --write",
    ]


def test_measurements_that_can_not_be_had_are_a_warning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "unmeasured").touch()
    (workspace_trace := tmp_path / "workspace" / "ads.parquet").touch()
    job = run("recommend", CAPACITY_SOURCE=workspace_trace.name, FLEET_PROMETHEUS_URL="https://prometheus.example.com")
    assert not job.failed, job.logs
    assert "::warning::the trace was not held against measurements" in job.logs["Hold it against measurements"]
    assert "fleet capacity recommend trace.parquet --write" in told(tmp_path)


def test_a_recommendation_that_fails_fails_the_job_and_keeps_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong").touch()
    job = run("recommend", CAPACITY_SOURCE="s3://spark-events/", **ROLE)
    assert job.outcomes["Recommend"] == "failure"
    assert job.outcomes["Keep what is recommended"] == "skipped"


@pytest.mark.parametrize("same", [False, True])
def test_a_pull_request_has_the_files_that_change_and_where_none_do_there_is_none(
    run: Run, server: Server, tmp_path: Path, same: bool
) -> None:
    if same:
        (tmp_path / "same").touch()
    assert not run("recommend", CAPACITY_SOURCE="s3://spark-events/", **ROLE).failed
    job = run("propose")
    assert not job.failed, job.logs
    if same:
        assert server.written == []
        return
    (pull,) = server.pulls
    assert pull["base"] == "main"
    commit = server.commits[server.branches["capacity/recommendation"]]
    (file,) = server.trees[commit["tree"]]["tree"]
    assert file["path"] == "stacks/Pulumi.ads-dev.yaml"
    assert "maxNodes: 24" in file["content"]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (("import", "events"), ("--since", "--out")),
        (("backtest",), ()),
        (("recommend",), ("--write", "--wait", "--longer")),
        (("show",), ()),
    ],
)
def test_the_commands_of_the_steps_have_these_options(command: tuple[str, ...], options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fleet", "capacity", *command, "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(option in done.stdout for option in options)
