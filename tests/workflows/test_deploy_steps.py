"""The shell steps of deployment and drift, with a Pulumi CLI that writes down what it is told, and a small GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fleet.ci.server import REPOSITORY, TOKEN, Server, serving
from tests.workflows.clones import clone, edit, git
from tests.workflows.reading import WORKFLOWS, jobs
from tests.workflows.shell_steps import Job

BY_NAME = {path.stem: path for path in WORKFLOWS}
PLATFORMS = json.dumps({"platform-dev": ["self-hosted", "vpc"]})
INPUTS = {"stack": "ads-dev", "destroy": "false", "allow-shrink": "false"}


@pytest.fixture
def workspace(origin: Path, tmp_path: Path) -> Path:
    clone(origin, tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


Run = Callable[..., Job]


@pytest.fixture
def run(workspace: Path, server: Server, tmp_path: Path) -> Run:
    """Runs a job's steps after `pulumi` and `fleet guard` are replaced by programs that note their arguments."""
    tools = tmp_path / "tools"
    tools.mkdir()
    program(tools / "pulumi", tmp_path, "pulumi")

    def run(workflow: str, job: str, context: Mapping[str, str] | None = None, **environment: str) -> Job:
        given = {f"inputs.{name}": value for name, value in INPUTS.items()} | {
            "github.token": TOKEN,
            "vars.FLEET_PLATFORMS": PLATFORMS,
            "vars.PULUMI_SECRETS_PROVIDER": "awskms://alias/spark",
            "inputs.stacks": "",
            **(context or {}),
        }
        here = {"GITHUB_API_URL": server.address, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_REF_NAME": "main"}
        found = Job(workspace, tmp_path / "files", given, here | environment, {}, (tools,))
        found.run(jobs(BY_NAME[workflow])[job])
        return found

    return run


def program(file: Path, folder: Path, name: str) -> None:
    """A program that notes its arguments, prints what stands in `said`, writes plans, ends with the code in `code`."""
    file.write_text(
        "#!/bin/bash\n"
        f'echo "{name} $*" >> "{folder}/told"\n'
        f'cat "{folder}/said" 2>/dev/null\n'
        'while [ $# -gt 0 ]; do if [ "$1" = --save-plan ]; then echo "{}" > "$2"; fi; shift; done\n'
        f'exit "$(cat "{folder}/code" 2>/dev/null || echo 0)"\n'
    )
    file.chmod(0o755)


def told(tmp_path: Path) -> list[str]:
    return (tmp_path / "told").read_text().splitlines()


def outputs(job: Job) -> dict[str, Any]:
    return {name: json.loads(job.outputs[name]) for name in ("platforms", "stacks")}


class TestAffected:
    def test_what_changed_since_the_last_deployment_is_deployed(
        self, run: Run, server: Server, workspace: Path
    ) -> None:
        deployed = git(workspace, "rev-parse", "HEAD")
        server.runs.append({"head_branch": "main", "conclusion": "success", "event": "push", "head_sha": deployed})
        edit(workspace, "stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
        (workspace / "stacks" / "Pulumi.search-dev.yaml").unlink()
        job = run("deploy", "affected")
        assert not job.failed, job.logs
        assert job.outputs["base"] == deployed
        (entry,) = outputs(job)["platforms"]
        assert entry == {
            "platform": "platform-dev",
            "runner": ["self-hosted", "vpc"],
            "updatePlatform": False,
            "tenants": ["ads-dev"],
            "removedTenants": ["search-dev"],
            "removePlatform": False,
        }
        assert "update   ads-dev  (its preview changes)" in job.summary
        assert "destroy  search-dev  (it has no file any more)" in job.summary

    def test_before_the_first_deployment_everything_is(self, run: Run) -> None:
        job = run("deploy", "affected")
        assert job.outputs["base"] == ""
        (entry,) = outputs(job)["platforms"]
        assert entry["updatePlatform"]
        assert entry["tenants"] == ["ads-dev", "search-dev"]

    def test_a_deployed_commit_that_is_no_more_counts_as_none(self, run: Run, server: Server) -> None:
        server.runs.append({"head_branch": "main", "conclusion": "success", "event": "push", "head_sha": "a" * 40})
        assert outputs(run("deploy", "affected"))["platforms"][0]["updatePlatform"]

    def test_github_that_does_not_answer_deploys_nothing(self, run: Run, server: Server) -> None:
        server.broken = True
        job = run("deploy", "affected")
        assert job.failed
        assert job.outputs == {}

    def test_stacks_that_somebody_names_are_deployed_and_no_others(self, run: Run) -> None:
        job = run("deploy", "affected", {"inputs.stacks": "search-dev  ads-dev"})
        assert outputs(job)["platforms"][0]["tenants"] == ["ads-dev", "search-dev"]
        assert not outputs(job)["platforms"][0]["updatePlatform"]

    def test_a_name_that_is_no_stack_is_refused_whatever_is_in_it(self, run: Run, tmp_path: Path) -> None:
        job = run("deploy", "affected", {"inputs.stacks": f'$(touch${{IFS}}{tmp_path}/run) "; exit 0'})
        assert job.failed
        assert job.outputs == {}
        assert not (tmp_path / "run").exists()

    def test_a_platform_that_is_not_named_is_not_deployed(self, run: Run) -> None:
        job = run("deploy", "affected", {"vars.FLEET_PLATFORMS": '{"platform-prod": "vpc"}'})
        assert outputs(job) == {"platforms": [], "stacks": []}


class TestStack:
    @pytest.fixture(autouse=True)
    def _guard(self, workspace: Path, tmp_path: Path) -> None:
        program(workspace / ".venv" / "bin" / "fleet", tmp_path, "fleet")

    def test_a_plan_is_made_by_the_policies_and_kept_with_the_stacks_file(
        self, run: Run, workspace: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "said").write_text("~ Group 20 => 24\n")
        job = run("deploy-stack", "plan")
        assert not job.failed, job.logs
        preview = "--non-interactive --diff --policy-pack policies --save-plan plan/plan.json"
        assert told(tmp_path) == [
            "fleet guard ads-dev",
            "pulumi stack select ads-dev",
            f"pulumi preview --stack ads-dev {preview}",
        ]
        kept = {file.name for file in (workspace / "plan").iterdir()}
        assert kept == {"plan.json", "plan.txt", "Pulumi.ads-dev.yaml"}
        assert "## ads-dev\n\n```\n~ Group 20 => 24\n```" in job.summary

    @pytest.mark.parametrize(("job", "step"), [("plan", "preview"), ("apply", "up")])
    def test_a_stacks_policy_configuration_holds_in_the_plan_and_in_the_update(
        self, run: Run, workspace: Path, tmp_path: Path, job: str, step: str
    ) -> None:
        config = workspace / "policies" / "config" / "ads-dev.json"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("{}")
        if job == "apply":
            (workspace / "plan").mkdir()
            (workspace / "plan" / "Pulumi.ads-dev.yaml").write_text("")
        assert not run("deploy-stack", job).failed
        (command,) = [line for line in told(tmp_path) if line.startswith(f"pulumi {step}")]
        assert "--policy-pack policies --policy-pack-config policies/config/ads-dev.json" in command

    def test_what_the_guard_refuses_is_not_planned(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "code").write_text("1")
        job = run("deploy-stack", "plan")
        assert job.failed
        assert told(tmp_path) == ["fleet guard ads-dev"]
        assert "It got nowhere" in job.summary

    def test_a_plan_that_fails_fails_the_job(self, run: Run, workspace: Path, tmp_path: Path) -> None:
        program(workspace / ".venv" / "bin" / "fleet", tmp_path / "elsewhere", "fleet")
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "code").write_text("255")
        job = run("deploy-stack", "plan")
        assert job.outcomes["Plan"] == "failure"
        assert job.outcomes["Keep the plan"] == "skipped"

    def test_the_update_does_what_was_planned(self, run: Run, workspace: Path, tmp_path: Path) -> None:
        (workspace / "plan").mkdir()
        (workspace / "plan" / "Pulumi.ads-dev.yaml").write_text("encryptedkey: new\n")
        job = run("deploy-stack", "apply", {"inputs.allow-shrink": "true"})
        assert not job.failed, job.logs
        up = "--non-interactive --yes --diff --policy-pack policies --plan plan/plan.json"
        assert told(tmp_path) == ["fleet guard ads-dev --allow-shrink", f"pulumi up --stack ads-dev {up}"]
        assert (workspace / "stacks" / "Pulumi.ads-dev.yaml").read_text() == "encryptedkey: new\n"

    def test_a_removed_stack_is_looked_at_then_destroyed(self, run: Run, tmp_path: Path) -> None:
        assert not run("deploy-stack", "plan", {"inputs.destroy": "true"}).failed
        assert not run("deploy-stack", "apply", {"inputs.destroy": "true"}).failed
        assert told(tmp_path) == [
            "fleet guard ads-dev --destroy",
            "pulumi destroy --stack ads-dev --non-interactive --preview-only --diff",
            "fleet guard ads-dev --destroy",
            "pulumi destroy --stack ads-dev --non-interactive --yes --remove",
        ]


class TestDrift:
    def test_the_stacks_of_the_platforms_that_are_deployed_are_looked_at(self, run: Run) -> None:
        found = outputs(run("drift", "stacks"))["stacks"]
        assert [(one["stack"], one["platform"]) for one in found] == [
            ("platform-dev", "platform-dev"),
            ("ads-dev", "platform-dev"),
            ("search-dev", "platform-dev"),
        ]

    @pytest.mark.parametrize(("code", "red"), [("0", False), ("255", True)])
    def test_what_was_found_is_kept_whether_or_not_it_drifts(
        self, run: Run, workspace: Path, tmp_path: Path, code: str, red: bool
    ) -> None:
        (tmp_path / "said").write_text("said\n")
        (tmp_path / "code").write_text(code)
        job = run("drift", "look", {"matrix.of.stack": "ads-dev"})
        assert job.failed is red
        assert (workspace / "drift" / "ads-dev" / "status").read_text() == f"{code}\n"
        assert (workspace / "drift" / "ads-dev" / "output.txt").read_text() == "said\n"
        assert job.outcomes["Keep what was found"] == "success"

    def test_the_report_opens_an_issue(self, run: Run, workspace: Path, server: Server) -> None:
        folder = workspace / "drift" / "ads-dev"
        folder.mkdir(parents=True)
        (folder / "status").write_text("255\n")
        (folder / "output.txt").write_text("error: no changes were expected but changes were proposed\n")
        stacks = "join(fromJSON(needs.stacks.outputs.stacks).*.stack, ' ')"
        of_job = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "9"}
        job = run("drift", "report", {stacks: "platform-dev ads-dev"}, **of_job)
        assert not job.failed, job.logs
        (issue,) = server.issues
        assert issue["title"] == "Drift: ads-dev is not as its file says"
