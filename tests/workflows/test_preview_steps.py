"""The shell steps of preview.yml, run in a fresh clone in which a pull request is merged into its base."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.ci.comment import FILE
from tests.workflows.clones import STACKS, clone, edit, git
from tests.workflows.reading import ROOT, WORKFLOWS, jobs
from tests.workflows.shell_steps import Job

(PREVIEW,) = [path for path in WORKFLOWS if path.stem == "preview"]
RUN = "https://github.com/company/spark/actions/runs/77"
CONTEXT = {
    "github.server_url": "https://github.com",
    "github.repository": "company/spark",
    "github.run_id": "77",
}


@pytest.fixture
def change(origin: Path, tmp_path: Path) -> PullRequest:
    """A pull request that changes nothing yet."""
    return PullRequest(origin, tmp_path)


class PullRequest:
    """A change of one file, merged into main as GitHub merges it, in a clone as actions/checkout makes it."""

    def __init__(self, origin: Path, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self._files = folder / "files"
        clone(origin, self.workspace)
        git(self.workspace, "checkout", "--quiet", "-b", "change")

    def edit(self, path: str, old: str, new: str) -> None:
        edit(self.workspace, path, old, new)

    def main_moves_on(self) -> None:
        """Somebody else's change is merged into main after this one began."""
        git(self.workspace, "checkout", "--quiet", "main")
        self.edit("stacks/Pulumi.search-dev.yaml", "tags: {", "tags: {of: others, ")
        git(self.workspace, "commit", "--quiet", "--all", "--message", "of others")
        git(self.workspace, "update-ref", "refs/remotes/origin/main", "main")
        git(self.workspace, "checkout", "--quiet", "change")

    def run(self) -> Job:
        git(self.workspace, "add", "--all")
        git(self.workspace, "commit", "--quiet", "--message", "a change")
        head = git(self.workspace, "rev-parse", "HEAD")
        git(self.workspace, "checkout", "--quiet", "--detach", "origin/main")
        git(self.workspace, "merge", "--quiet", "--no-ff", "--message", "merge", "change")
        git(self.workspace, "branch", "--quiet", "--delete", "--force", "main", "change")
        event = {"number": 12, "pull_request": {"number": 12, "head": {"sha": head}, "base": {"ref": "main"}}}
        environment = {"GITHUB_BASE_REF": "main", "GITHUB_SHA": git(self.workspace, "rev-parse", "HEAD")}
        job = Job(self.workspace, self._files, CONTEXT, environment, event)
        job.run(jobs(PREVIEW)["preview"])
        return job

    def text(self, name: str) -> str:
        return (self.workspace / "preview" / name).read_text()


def test_a_change_is_summed_up_with_what_it_costs_and_kept_in_every_format(change: PullRequest) -> None:
    change.edit("stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    job = change.run()
    assert job.outcomes["Preview"] == job.outcomes["Summarize"] == "success", job.logs
    assert job.summary == change.text(FILE)
    assert "| ads-dev | " in job.summary
    assert "951 to 9,511 → 951 to 11,413" in job.summary
    assert f"is at <{RUN}#artifacts>." in job.summary
    assert change.text("preview.html").startswith("<!doctype html>")
    assert {stack["stack"] for stack in json.loads(change.text("preview.json"))["stacks"]} == set(STACKS)


def test_policies_are_checked_and_a_sound_change_is_green(change: PullRequest) -> None:
    if not (ROOT / "policies").is_dir():
        pytest.skip("the policy pack is not there")
    change.edit("stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    job = change.run()
    assert not job.failed, job.logs
    assert job.outcomes["Check policies"] == "success"


def test_what_others_merged_meanwhile_is_not_in_it(change: PullRequest) -> None:
    change.main_moves_on()
    change.edit("stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    job = change.run()
    assert job.outcomes["Preview"] == "success", job.logs
    assert "2 stacks do not change: platform-dev, search-dev." in job.summary


def test_an_error_in_a_stack_is_in_the_summary_and_makes_the_job_red(change: PullRequest) -> None:
    change.edit("stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: many")
    job = change.run()
    assert job.outcomes["Preview"] == "failure"
    assert job.failed
    assert "> [!CAUTION]" in job.summary
    assert "pools.main.maxNodes" in job.summary
    assert job.summary == change.text(FILE)


def test_a_program_that_does_not_run_at_all_leaves_a_summary_and_is_red(change: PullRequest) -> None:
    change.edit("fleet/cli.py", "import typer", "import nothing_of_that_name")
    job = change.run()
    assert job.outcomes["Preview"] == "failure"
    assert job.failed
    assert job.summary == "There is no preview: the log of this run says why.\n"
    assert "nothing_of_that_name" in job.logs["Preview"]


def test_what_replays_a_trace_is_installed_where_the_project_names_one(change: PullRequest) -> None:
    (change.workspace / "capacity.yaml").write_text("trace: none.parquet\n")
    job = change.run()
    assert "'.venv/.capacity' is up to date" in job.logs["install"]
    assert job.outcomes["Preview"] == "failure"
    assert "capacity.yaml: trace is none.parquet, which is no file here" in job.logs["Preview"]
    assert job.summary == "There is no preview: the log of this run says why.\n"


def test_what_replays_a_trace_is_not_installed_where_none_is_named(change: PullRequest) -> None:
    change.edit("stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    assert ".capacity" not in change.run().logs["install"]


def test_a_tenant_without_its_file_is_called_out(change: PullRequest) -> None:
    (change.workspace / "stacks" / "Pulumi.ads-dev.yaml").unlink()
    job = change.run()
    assert job.outcomes["Preview"] == "success", job.logs
    warning = job.summary[job.summary.index("> [!WARNING]") :]
    assert "The tenant ads" in warning.splitlines()[1]
