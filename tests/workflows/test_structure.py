"""What holds for every workflow: pinned actions, least rights, bounded time, nothing of an event in a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workflows.reading import ACTIONS, ROOT, WORKFLOWS, jobs, read, steps

FILES = [pytest.param(path, id=path.stem if path.stem != "action" else path.parent.name) for path in WORKFLOWS]
ALL_FILES = [*FILES, *(pytest.param(path, id=path.parent.name) for path in ACTIONS)]
PIN = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
WRITES = {
    "comment": {"comment": {"pull-requests"}},
    "drift": {"look": {"id-token"}, "report": {"issues"}},
    "deploy": {"platform": {"id-token"}},
    "deploy-platform": {name: {"id-token"} for name in ("platform", "tenants", "removed-tenants", "removed-platform")},
    "deploy-stack": {name: {"id-token"} for name in ("plan", "apply")},
    "recommend": {"recommend": {"id-token"}, "propose": {"contents", "pull-requests"}},
}
"""Every right to write anything, by workflow and job."""


def test_there_are_workflows_for_pull_requests_deployment_drift_and_recommendations() -> None:
    names = {path.stem for path in WORKFLOWS}
    assert {"preview", "comment", "deploy", "drift", "recommend"} <= names
    assert all(read(path)["name"] == path.stem for path in WORKFLOWS)


@pytest.mark.parametrize("path", ALL_FILES)
def test_every_action_is_pinned_by_commit_with_its_version(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    if "jobs" in read(path):
        used += [job["uses"] for job in jobs(path).values() if "uses" in job]
    others = [name for name in used if not name.startswith("./")]
    assert all(PIN.fullmatch(name) for name in others)
    assert all((ROOT / name).exists() for name in used if name.startswith("./"))
    for line in path.read_text().splitlines():
        if re.search(r"uses: (?!\./)", line):
            assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_an_action_has_one_pin_everywhere() -> None:
    pins = {step["uses"] for path in (*WORKFLOWS, *ACTIONS) for step in steps(path) if "@" in step.get("uses", "")}
    names = [pin.partition("@")[0] for pin in pins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", FILES)
def test_no_right_is_given_to_all_jobs_and_only_named_jobs_may_write(path: Path) -> None:
    assert read(path)["permissions"] == {}
    for name, job in jobs(path).items():
        writes = {right for right, level in job["permissions"].items() if level == "write"}
        assert writes == WRITES.get(path.stem, {}).get(name, set())
        assert set(job["permissions"].values()) <= {"read", "write"}


@pytest.mark.parametrize("path", FILES)
def test_no_workflow_gives_a_pull_requests_code_the_rights_of_the_base(path: Path) -> None:
    assert "pull_request_target" not in read(path)["on"]


@pytest.mark.parametrize("path", FILES)
def test_every_job_that_runs_ends_in_time(path: Path) -> None:
    for job in jobs(path).values():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 180


@pytest.mark.parametrize("path", FILES)
def test_what_must_not_run_twice_at_once_has_a_group(path: Path) -> None:
    called = "workflow_call" in read(path)["on"]
    groups = [job["concurrency"] for job in jobs(path).values() if "concurrency" in job]
    if not called:
        groups.append(read(path)["concurrency"])
    assert all(group["group"] and "cancel-in-progress" in group for group in groups)
    if path.stem == "deploy-stack":
        assert [group["group"] for group in groups] == ["plan-${{ inputs.stack }}", "deploy-${{ inputs.stack }}"]
        assert not any(group["cancel-in-progress"] for group in groups)


@pytest.mark.parametrize("path", ALL_FILES)
def test_no_script_has_an_expression_in_it(path: Path) -> None:
    scripts = [step["run"] for step in steps(path) if "run" in step]
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("path", ALL_FILES)
def test_a_script_ends_at_its_first_failure_in_a_pipe_too(path: Path) -> None:
    """`shell: bash`, said explicitly, is `bash -eo pipefail`."""
    document = read(path)
    default = document.get("defaults", {}).get("run", {}).get("shell")
    assert all(step.get("shell", default) == "bash" for step in steps(path) if "run" in step)


@pytest.mark.parametrize("path", FILES)
def test_no_checkout_leaves_its_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_preview_has_nothing_to_steal() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "preview"]
    text = path.read_text()
    assert "secrets." not in text
    assert "github.token" not in text
    (job,) = jobs(path).values()
    assert job["permissions"] == {"contents": "read"}
    assert "environment" not in job
    assert job["runs-on"] == "ubuntu-latest"


def test_the_comment_runs_nothing_of_the_pull_request() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "comment"]
    (checkout, comment) = steps(path)
    assert "ref" not in checkout["with"]
    assert "repository" not in checkout["with"]
    assert comment["run"] == "python3 -m fleet.ci.comment"
    assert comment["env"] == {"GITHUB_TOKEN": "${{ github.token }}"}


def test_the_preview_keeps_the_artifact_that_the_comment_looks_for() -> None:
    from fleet.ci.comment import ARTIFACT, FILE

    (path,) = [path for path in WORKFLOWS if path.stem == "preview"]
    kept = {step["with"]["name"]: step["with"]["path"] for step in steps(path) if "upload" in step.get("uses", "")}
    assert kept[ARTIFACT] == f"preview/{FILE}"


def test_nothing_is_applied_without_an_environment_and_the_plan_that_was_approved() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "deploy-stack"]
    plan, apply = jobs(path)["plan"], jobs(path)["apply"]
    assert apply["needs"] == "plan"
    assert (plan["environment"], apply["environment"]) == ("${{ inputs.platform }}-plan", "${{ inputs.platform }}")
    text = {job: "\n".join(step.get("run", "") for step in jobs(path)[job]["steps"]) for job in ("plan", "apply")}
    assert "--save-plan plan/plan.json" in text["plan"]
    assert "--plan plan/plan.json" in text["apply"]
    assert all(text[job].count("--policy-pack policies") == 1 for job in text)
    assert all("fleet guard" in text[job] for job in text)
    assert not re.search(r"pulumi (up|destroy)(?! --stack \S+ --non-interactive --preview-only)", text["plan"])


def test_workflows_install_the_cli_of_the_sdk_that_is_pinned() -> None:
    (action,) = ACTIONS
    (version,) = [step["with"]["pulumi-version"] for step in steps(action) if "pulumi-version" in step.get("with", {})]
    assert f"\npulumi=={version}\n" in (ROOT / "requirements.txt").read_text()


def test_looking_for_drift_ends_no_plan_that_waits() -> None:
    """Of those that wait in a group, GitHub keeps the last alone."""
    groups = {
        path.stem: {job["concurrency"]["group"] for job in jobs(path).values() if "concurrency" in job}
        for path in WORKFLOWS
    }
    stems = [{group.partition("-$")[0] for group in groups[name]} for name in ("drift", "deploy-stack")]
    assert stems == [{"drift"}, {"plan", "deploy"}]


def test_what_may_write_a_recommendation_installs_nothing_and_has_no_role() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "recommend"]
    recommend, propose = jobs(path)["recommend"], jobs(path)["propose"]
    assert (propose["needs"], recommend["environment"]) == ("recommend", "capacity")
    assert "environment" not in propose
    assert [step["run"] for step in propose["steps"] if "run" in step] == ["python3 -m fleet.ci.recommendation"]
    assert "github.token" not in str(recommend)


def test_recommendations_come_once_a_week_and_not_before_a_variable_says_of_what() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "recommend"]
    (when,) = read(path)["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \d", when["cron"])
    assert "push" not in read(path)["on"]
    assert jobs(path)["recommend"]["if"] == "vars.CAPACITY_SOURCE != '' && github.ref == 'refs/heads/main'"


def test_only_main_is_deployed() -> None:
    (path,) = [path for path in WORKFLOWS if path.stem == "deploy"]
    assert read(path)["on"]["push"]["branches"] == ["main"]
    assert "github.ref == 'refs/heads/main'" in jobs(path)["affected"]["if"]
    assert all("needs" in job for name, job in jobs(path).items() if name != "affected")
