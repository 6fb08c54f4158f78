"""Previews of tenants: answered by their platform's, and judged together with all that share it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.formats.report import preview_form, to_json
from fleet.offline.changes.comparison import compared
from infra.settings.stack_file import stack_names
from tests.samples import ROOT

KEY = "elastic-spark:tenant"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with the sample stacks, to break something in."""
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    return tmp_path


@pytest.fixture(scope="module")
def before() -> Mapping[str, Any]:
    """The preview of all samples as JSON, by stack."""
    return by_stack(to_json(preview_form(compared(ROOT, [], 2, None))))


def by_stack(document: str) -> dict[str, Any]:
    return {stack["stack"]: stack for stack in json.loads(document)["stacks"]}


def edit(project: Path, stack: str, old: str, new: str, to: str | None = None) -> None:
    """Replace a text in a stack's file, or write the result to another stack's."""
    text = (project / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    assert old in text
    (project / "stacks" / f"Pulumi.{to or stack}.yaml").write_text(text.replace(old, new))


def only(project: Path, *stacks: str) -> None:
    """Leave these stacks only."""
    for stack in set(stack_names(project)) - set(stacks):
        (project / "stacks" / f"Pulumi.{stack}.yaml").unlink()


def fleet(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["preview", *arguments, "--jobs", "2", "--root", str(project)])


def document(result: Result) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


@pytest.mark.parametrize(
    ("stack", "old", "new"),
    [
        ("ads-dev", "maxNodes: 20", "maxNodes: 21"),
        ("research-dev", "      explore:\n", "      other:\n"),
    ],
)
def test_a_change_to_one_tenants_file_changes_no_other_stacks_registrations(
    project: Path, before: Mapping[str, Any], stack: str, old: str, new: str
) -> None:
    edit(project, stack, old, new)
    after = by_stack(to_json(preview_form(compared(project, [], 2, None))))
    assert all(found["ok"] for found in after.values())
    assert [name for name in before if before[name] != after[name]] == [stack]


def test_a_new_tenant_changes_no_other_stacks_registrations(project: Path, before: Mapping[str, Any]) -> None:
    only(project, "platform-kind", "demo-kind")
    edit(project, "demo-kind", "name: demo", "name: more", to="more-kind")
    edit(project, "more-kind", "atOnce: 2", "atOnce: 1")
    after = by_stack(to_json(preview_form(compared(project, [], 2, None))))
    assert after["more-kind"]["ok"]
    assert {name: after[name] for name in ("platform-kind", "demo-kind")} == {
        name: before[name] for name in ("platform-kind", "demo-kind")
    }


def test_a_tenant_alone_is_previewed_on_its_platform_which_is_not_shown(
    project: Path, before: Mapping[str, Any]
) -> None:
    result = fleet(project, "ads-dev", "--format", "json")
    assert result.exit_code == 0, result.output
    assert by_stack(result.stdout) == {"ads-dev": before["ads-dev"]}


def test_the_table_of_queues_says_what_a_queue_may_have(project: Path) -> None:
    result = fleet(project, "ads-dev")
    table = result.stdout[result.stdout.index("Queues") : result.stdout.index("Jobs, and what")]
    (line,) = [line.split() for line in table.splitlines() if line.strip().startswith("ads-batch ")]
    assert " ".join(line).startswith("ads-batch 15.1")
    assert " ".join(line).endswith("6 2 to 20")
    assert "platform-dev" not in [line.split(" ")[0] for line in result.stdout.splitlines()]


def test_a_tenant_without_a_platform_fails_alone_and_names_what_there_is(project: Path) -> None:
    edit(project, "ads-dev", "platform: platform-dev", "platform: platform-test")
    result = fleet(project, "ads-dev", "research-dev", "platform-kind", "--format", "json")
    assert result.exit_code == 1
    found = by_stack(result.stdout)
    assert {name: stack["ok"] for name, stack in found.items()} == {
        "ads-dev": False,
        "research-dev": True,
        "platform-kind": True,
    }
    (error,) = found["ads-dev"]["errors"]
    assert error["path"] == f"{KEY}.platform"
    assert "platform-test" in error["found"]
    assert "platform-kind" in error["allowed"]
    assert "ads" not in error["allowed"]


def test_tenants_of_a_wrong_platform_say_so_and_the_others_are_previewed(project: Path) -> None:
    edit(project, "platform-dev", "nodesPerZone: {min: 0, max: 4}", "nodesPerZone: {min: 9, max: 4}")
    result = fleet(project, "ads-dev", "search-dev", "demo-kind", "--format", "json")
    assert result.exit_code == 1
    found = by_stack(result.stdout)
    assert found["demo-kind"]["ok"]
    for stack in ("ads-dev", "search-dev"):
        (error,) = found[stack]["errors"]
        assert error["message"].startswith(
            f"{stack}: its platform, platform-dev, can't be previewed: stacks/Pulumi.platform-dev.yaml: 1 error\n"
            "  elastic-spark:platform.pools.driver.nodesPerZone.min\n"
        )
        assert found[stack]["resources"] == []


def test_a_tenant_that_does_not_fit_its_platform_names_the_setting(project: Path) -> None:
    edit(project, "ads-dev", "maxNodes: 20", "maxNodes: 61")
    result = fleet(project, "ads-dev", "research-dev")
    assert result.exit_code == 1
    assert "stacks/Pulumi.ads-dev.yaml: 1 error" in result.stdout
    assert f"{KEY}.queues.batch.pools.main.maxNodes" in result.stdout
    assert "research-dev  " in result.stdout
    assert "Traceback" not in result.output


@pytest.fixture
def crowded(project: Path) -> Path:
    """Two tenants with more drivers than their platform has room for."""
    only(project, "platform-kind", "demo-kind", "platform-dev", "ads-dev")
    edit(project, "demo-kind", "name: demo", "name: more", to="more-kind")
    edit(project, "more-kind", "atOnce: 2", "atOnce: 3")
    return project


def test_what_is_wrong_between_stacks_is_shown_and_fails_the_preview(crowded: Path) -> None:
    result = fleet(crowded, "--format", "json")
    assert result.exit_code == 1
    assert all(stack["ok"] for stack in document(result)["stacks"])
    (error,) = document(result)["errors"]
    assert error["stacks"] == ["platform-kind", "demo-kind", "more-kind"]
    assert error["found"] == "driver allowances and history servers that take 2 driver nodes"
    text = fleet(crowded, "demo-kind")
    assert text.exit_code == 1
    assert "error: platform-kind, demo-kind and more-kind\n" in text.stdout
    assert "found    driver allowances and history servers that take 2 driver nodes" in text.stdout
    assert "allowed  at most 1, the driver pool's maximum" in text.stdout


def test_a_stack_that_a_finding_names_is_not_called_fine(crowded: Path) -> None:
    checked = CliRunner().invoke(app, ["check", "demo-kind", "ads-dev", "--root", str(crowded)])
    assert checked.exit_code == 1
    assert "found    driver allowances and history servers that take 2 driver nodes" in checked.stdout
    assert "ads-dev keeps all" in checked.stdout


def test_what_is_wrong_between_others_is_not_this_stacks(crowded: Path) -> None:
    result = fleet(crowded, "ads-dev", "--format", "json")
    assert result.exit_code == 0
    assert document(result)["errors"] == []


@pytest.mark.parametrize(
    ("right", "wrong", "counted"),
    [("name: more", "name: MORE", True), ("atOnce: 3", "atOnce: three", False)],
    ids=["name", "drivers"],
)
def test_a_wrong_tenant_is_counted_between_stacks_where_what_is_wrong_doesnt_count(
    crowded: Path, right: str, wrong: str, counted: bool
) -> None:
    edit(crowded, "more-kind", right, wrong)
    result = fleet(crowded, "demo-kind", "more-kind", "--format", "json")
    assert result.exit_code == 1
    assert {name: stack["ok"] for name, stack in by_stack(result.stdout).items()} == {
        "demo-kind": True,
        "more-kind": False,
    }
    assert [error["found"] for error in document(result)["errors"]] == counted * [
        "driver allowances and history servers that take 2 driver nodes"
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("named", ["platform-gone", "search-dev"])
def test_a_platform_that_is_none_is_told_with_those_that_there_are(project: Path, named: str, jobs: str) -> None:
    edit(project, "ads-dev", "platform: platform-dev", f"platform: {named}")
    for stacks in (["ads-dev"], ["ads-dev", "search-dev"]):
        result = CliRunner().invoke(
            app, ["preview", *stacks, "--jobs", jobs, "--root", str(project), "--format", "json"]
        )
        assert result.exit_code == 1
        (error,) = document(result)["stacks"][0]["errors"]
        assert error["path"] == f"{KEY}.platform"
        assert error["found"] == named
        assert error["allowed"] == "the stack of a platform; there are: platform-dev, platform-kind, platform-prod"


def test_a_tenant_tells_its_own_mistakes_though_its_platform_has_some_too(project: Path) -> None:
    edit(project, "platform-dev", "nodesPerZone: {min: 0, max: 4}", "nodesPerZone: {min: 9, max: 4}")
    edit(project, "ads-dev", "platform: platform-dev", "platform: platform-dev\n    plattform: x")
    found = by_stack(fleet(project, "ads-dev", "--format", "json").stdout)
    assert [error["path"] for error in found["ads-dev"]["errors"]] == ["elastic-spark:tenant.plattform"]


def test_how_jobs_share_a_queue_is_said_in_every_format(project: Path) -> None:
    said = "fair, 24 executors a job, backfill"
    assert said in " ".join(fleet(project, "research-dev").stdout.split())
    assert said in fleet(project, "research-dev", "--format", "markdown").stdout
    assert said in fleet(project, "research-dev", "--format", "html").stdout
    (queue,) = by_stack(fleet(project, "research-dev", "--format", "json").stdout)["research-dev"]["queues"]
    assert (queue["order"], queue["maxExecutorsPerJob"], queue["backfill"]) == ("fair", 24, True)
