"""What all commands have in common: help, version, completion, and the one way in which they end."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import fleet.commands
from fleet.cli import FAMILIES, SUMMARIES, app, command, function_name
from fleet.commands.ending import ends_in_words
from fleet.errors import FleetError, WrongUsage
from infra.settings.findings import Finding, SettingsError
from infra.settings.stack_file import stack_names
from tests.samples import ROOT

SHARED = {"__init__", "ending", "options", "progress", "called", "kept"}
"""Modules beside the commands, for several of them."""


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_help_says_of_each_command_what_the_command_says_of_itself(name: str) -> None:
    made = command(name)
    assert made.help
    assert made.help.split("\n")[0] == SUMMARIES[name]


@pytest.mark.parametrize("name", SUMMARIES)
def test_each_command_ends_in_words(name: str) -> None:
    function = function_name(name)
    ending = getattr(import_module(f"fleet.commands.{function}"), function)
    assert ending.__code__ is ends_in_words(lambda: None).__code__


def test_every_module_of_a_command_is_in_the_help() -> None:
    found = {path.stem for path in Path(fleet.commands.__path__[0]).glob("*.py")} - SHARED
    assert found == {function_name(name) for name in SUMMARIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_commands_shows_them(family: str) -> None:
    own = [name.split()[1] for name in SUMMARIES if name.startswith(f"{family} ")]
    assert own
    shown = CliRunner().invoke(app, [family, "--help"])
    assert shown.exit_code == 0
    assert [name for name in own if name not in shown.output] == []
    assert FAMILIES[family] in CliRunner().invoke(app, ["--help"]).output
    assert CliRunner().invoke(app, [family, "nothing"]).exit_code == 2


@pytest.mark.parametrize("arguments", [[], ["pools"]])
def test_a_command_without_its_subcommand_shows_the_help_once(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).output.count("Usage:") == 1


def test_the_help_of_all_commands_loads_none_of_them() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from fleet.cli import app;"
        "assert 'quotas' in CliRunner().invoke(app, ['--help']).output;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'pulumi', 'pydantic', 'boto3', 'infra'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("name", SUMMARIES)
def test_examples_are_each_on_one_line_of_80_columns(name: str) -> None:
    epilog = getattr(import_module(f"fleet.commands.{function_name(name)}"), "EPILOG", None)
    examples = [part.replace("`", "") for part in (epilog or "").split("\n\n") if part.startswith("`")]
    assert examples
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "80"}).output.splitlines()
    assert [example for example in examples if example not in {line.strip() for line in shown}] == []


@pytest.mark.parametrize("name", SUMMARIES)
def test_examples_name_stacks_and_queues_of_the_samples(name: str) -> None:
    epilog = getattr(import_module(f"fleet.commands.{function_name(name)}"), "EPILOG", "")
    named = {*re.findall(r"\b[a-z]+-(?:dev|prod|kind)\b", epilog)}
    assert named - {"spark-prod"} <= {*stack_names(ROOT)}  # the runner's name, which isn't a stack's
    assert {*re.findall(r"fleet job (\S+ \S+)", epilog)} <= {"ads-dev batch"}


def test_the_version_is_the_packages() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"fleet {version('elastic-spark')}\n"


def test_a_mistyped_command_is_told_with_the_one_that_is_like_it() -> None:
    result = CliRunner().invoke(app, ["preveiw"])
    assert result.exit_code == 2
    assert "Did you mean 'preview'?" in result.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("fleet acc", "access"),
        ("fleet render --o", "--out"),
        ("fleet pools p", "patch"),
        ("fleet pools patch --un", "--undo"),
    ],
)
def test_a_shell_completes_commands_and_their_options(typed: str, offered: str) -> None:
    environment = {"_FLEET_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    result = CliRunner().invoke(app, prog_name="fleet", env=environment)
    assert offered in result.output.split()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FleetError("there is no such revision"), 1, "error: there is no such revision\n"),
        (SettingsError("stacks/Pulumi.x.yaml", [Finding("a.b", "1", "2")]), 1, "error: stacks/Pulumi.x.yaml: 1 error"),
        (WrongUsage("no stack x; there are: y", "STACK"), 2, "Invalid value for STACK: no stack x"),
    ],
    ids=["what can't be done", "wrong settings", "wrong usage"],
)
def test_a_command_ends_with_what_an_error_says(error: Exception, code: int, said: str) -> None:
    @ends_in_words
    def failing() -> None:
        raise error

    only = typer.Typer()
    only.command()(failing)
    result = CliRunner().invoke(only)
    assert result.exit_code == code
    assert said in result.stderr.replace("│ ", "")
    assert not result.stdout
