"""`make preview` as a newcomer meets it: a line a stack, what is wrong, and what to type next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from infra.settings.stack_file import stack_names
from policies.catalogue import RULES
from tests.samples import ROOT

SAMPLES = stack_names(ROOT)
WIDTH = 80


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with the sample stacks, to break something in."""
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    return tmp_path


def edit(project: Path, stack: str, old: str, new: str) -> None:
    path = project / "stacks" / f"Pulumi.{stack}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def shown(*arguments: str, root: Path = ROOT, width: int | None = WIDTH) -> tuple[int, list[str]]:
    environment = {"COLUMNS": str(width) if width else None}
    result = CliRunner().invoke(app, ["preview", *arguments, "--root", str(root)], env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.splitlines()


@pytest.fixture(scope="module")
def screen() -> list[str]:
    code, lines = shown()
    assert code == 0
    return lines


def row(lines: list[str], stack: str) -> str:
    (found,) = [line for line in lines if line.strip().startswith(f"{stack} ")]
    return " ".join(found.split())


def test_all_samples_fit_on_a_screen(screen: list[str]) -> None:
    assert len(screen) <= 80
    assert max(map(len, screen)) <= WIDTH


def test_each_stack_is_a_line_with_its_resources_queues_nodes_and_cost(screen: list[str]) -> None:
    assert row(screen, "ads-dev").startswith("ads-dev 60 1 2 to 20 951 to 9,511")
    for stack in SAMPLES:
        assert row(screen, stack)


def test_tenants_stand_below_their_platforms(screen: list[str]) -> None:
    names = [line.split()[0] for line in screen if line.split()[:1] and line.split()[0] in SAMPLES]
    at = {name: names.index(name) for name in SAMPLES}
    assert at["platform-dev"] < at["ads-dev"] < at["search-dev"] < at["platform-prod"] < at["ads-prod"]
    assert next(line for line in screen if "ads-dev " in line).startswith("   ads-dev")


def test_success_says_what_was_checked(screen: list[str]) -> None:
    assert f"{len(SAMPLES)} stacks keep all {len(RULES)} rules of the policy pack, and go together." in screen


def test_it_ends_with_what_to_type_next(screen: list[str]) -> None:
    assert any(line.endswith("preview ads-dev") for line in screen[-4:])
    assert screen[-1].endswith("preview --out preview")


def test_errors_come_last_the_cause_first_and_what_follows_in_a_line(project: Path) -> None:
    edit(project, "platform-dev", "nodesPerZone: {min: 0, max: 4}", "nodesPerZone: {min: 9, max: 4}")
    edit(project, "demo-kind", "atOnce: 2", "atOnce: 3000")
    code, lines = shown(root=project)
    assert code == 1
    assert max(map(len, lines)) <= WIDTH
    errors = [index for index, line in enumerate(lines) if line.startswith("error: ")]
    assert lines[errors[0]] == "error: stacks/Pulumi.platform-dev.yaml: 1 error"
    assert "  So there is no preview of ads-dev, research-dev and search-dev either." in lines
    assert errors[0] > max(index for index, line in enumerate(lines) if "ads-prod " in line)
    assert sum("elastic-spark:platform.pools.driver.nodesPerZone.min" in line for line in lines) == 1
    assert row(lines, "ads-dev") == "ads-dev no preview - - -"
    assert any(line.endswith("preview platform-dev") for line in lines[-4:])


def test_each_stack_has_its_own_error(project: Path) -> None:
    for stack in ("ads-dev", "search-dev"):
        edit(project, stack, "platform: platform-dev", "platform: platform-gone")
    code, lines = shown(root=project)
    assert code == 1
    assert [line for line in lines if line.startswith("error: ")] == [
        "error: stacks/Pulumi.ads-dev.yaml: 1 error",
        "error: stacks/Pulumi.search-dev.yaml: 1 error",
    ]


@pytest.mark.parametrize("stack", ["ads-dev", "platform-prod", "demo-kind"])
def test_one_stack_whole_keeps_to_the_width_too(stack: str) -> None:
    code, lines = shown(stack)
    assert code == 0
    assert max(map(len, lines)) <= WIDTH
    wide = shown(stack, width=200)[1]
    assert max(map(len, wide)) > WIDTH


def test_a_pipe_without_a_width_has_80_columns() -> None:
    assert max(map(len, shown("ads-dev", width=None)[1])) <= WIDTH


def test_all_stacks_whole_are_there_on_request() -> None:
    code, lines = shown("ads-dev", "demo-kind", "--whole")
    assert code == 0
    assert any("ads-batch-identity-role" in line for line in lines)
