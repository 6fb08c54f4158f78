"""What goes wrong in one stack is that stack's failure, and the others are shown."""

from __future__ import annotations

import ast
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from fleet.offline import preview as offline
from fleet.offline.preview import preview, previews
from fleet.offline.programs import Exports, run_program
from fleet.offline.registration import Registrations
from infra.settings import validation
from tests.samples import ROOT

STACKS = ["demo-kind", "platform-kind"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    return tmp_path


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (lambda: os._exit(9), "its process ended without an answer, with exit code 9"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process was ended by signal 9: out of memory"),
    ],
    ids=["ends itself", "killed"],
)
def test_a_program_that_ends_its_process_is_its_stacks_failure(end: Any, said: str) -> None:  # noqa: ANN401
    def program(stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Registrations:
        if stack == "demo-kind":
            end()
        return run_program(stack, config, exports)

    found = previews(ROOT, STACKS, 2, program=program)
    assert found["platform-kind"].registrations
    failure = found["demo-kind"].failure
    assert failure
    assert failure.message.startswith(f"demo-kind: {said}")


def test_a_rule_that_fails_is_its_stacks_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings(stack: str, config: Mapping[str, str]) -> Any:  # noqa: ANN401
        if stack == "demo-kind":
            raise LookupError("nobody thought of this")
        return real(stack, config)

    real = validation.stack_settings
    monkeypatch.setattr(offline, "stack_settings", settings)
    found = {stack.stack: stack for stack in preview(ROOT, STACKS, 2).stacks}
    assert found["platform-kind"].registrations
    failure = found["demo-kind"].failure
    assert failure
    assert failure.message.startswith("stacks/Pulumi.demo-kind.yaml: a rule failed\n")
    assert "nobody thought of this" in failure.message


def test_tenants_of_a_platform_whose_program_failed_say_so_in_a_line() -> None:
    def program(stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Registrations:
        if stack == "platform-kind":
            raise LookupError("nobody thought\nof this")
        return run_program(stack, config, exports)

    found = previews(ROOT, ["demo-kind"], 2, program=program)
    platform, tenant = found["platform-kind"].failure, found["demo-kind"].failure
    assert platform
    assert tenant
    assert "Traceback" in platform.message
    assert tenant.message == (
        "demo-kind: its platform, platform-kind, can't be previewed: platform-kind: the program failed: "
        "LookupError: nobody thought of this"
    )


def test_nodes_on_which_nothing_is_left_are_a_finding_of_their_stack(project: Path) -> None:
    file = project / "stacks" / "Pulumi.platform-dev.yaml"
    text = file.read_text()
    types = "instanceTypes: [m7i.2xlarge, m6i.2xlarge]"
    assert types in text
    file.write_text(text.replace(types, "instanceTypes: [t3.medium]\n        podsPerNode: 250"))
    result = CliRunner().invoke(app, ["check", "--root", str(project)])
    assert result.exit_code == 1
    assert not isinstance(result.exception, ValueError)
    assert "what EKS recommends for t3.medium" in result.stdout
    assert "4 stacks keep all" in result.stdout


def test_an_arn_of_a_secret_is_printed_as_it_is(project: Path) -> None:
    file = project / "stacks" / "Pulumi.search-dev.yaml"
    text = file.read_text()
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:search/adhoc/warehouse-a1B2c3"
    assert arn in text
    wrong = arn.replace("eu-central-1", "us-east-1")
    file.write_text(text.replace(arn, wrong))
    for command in ("check", "preview"):
        assert wrong in CliRunner().invoke(app, [command, "search-dev", "--root", str(project)]).stdout


def test_no_command_takes_text_between_colons_for_a_picture() -> None:
    """Rich makes one of `:secret:`, which ARNs have."""
    made = [
        (path.name, call)
        for path in (ROOT / "fleet").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Console"
    ]
    assert made
    assert [
        name
        for name, call in made
        if not any(word.arg == "emoji" and ast.unparse(word.value) == "False" for word in call.keywords)
    ] == []
