"""What all commands have in common: help, version, completion, and the one way in which they end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from keyword import iskeyword
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import fleet.commands
from fleet.cli import COMMANDS, SUMMARIES, app, command
from fleet.commands.ending import ends_in_words
from fleet.errors import FleetError, WrongUsage
from infra.settings.findings import Finding, SettingsError
from infra.settings.stack_file import stack_names
from tests.samples import ROOT

SHARED = {
    *("__init__", "called", "ending", "importing", "kept", "named_trace", "needs", "options", "paying", "progress"),
    *("comparing", "prometheus", "recommended", "together"),
    "words",
}
"""Modules beside the commands, for several of them."""


def below(package: str, first: str, summaries: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Of each command and group its words, its package, its module there, and its line of help."""
    for name, summary in summaries.items():
        module = name.replace("-", "_") + "_" * iskeyword(name)
        yield f"{first}{name}", package, module, summary
        more = getattr(import_module(f"{package}.{module}"), "SUMMARIES", None)
        if more:
            yield from below(f"{package}.{module}", f"{first}{name} ", more)


ALL = {words: rest for words, *rest in below(COMMANDS, "", SUMMARIES)}
GROUPS = {"": SUMMARIES} | {
    words: import_module(f"{package}.{module}").SUMMARIES
    for words, (package, module, _) in ALL.items()
    if hasattr(import_module(f"{package}.{module}"), "SUMMARIES")
}
LEAVES = [words for words in ALL if words not in GROUPS]


def module_of(words: str) -> Any:  # noqa: ANN401
    package, module, _ = ALL[words]
    return import_module(f"{package}.{module}")


@pytest.mark.parametrize("words", ALL)
def test_the_help_says_of_each_command_what_the_command_says_of_itself(words: str) -> None:
    package, _, summary = ALL[words]
    made = command(words.rpartition(" ")[2], package)
    assert made.help
    assert made.help.split("\n")[0] == summary


@pytest.mark.parametrize("words", LEAVES)
def test_each_command_ends_in_words(words: str) -> None:
    ending = getattr(module_of(words), words.rpartition(" ")[2].replace("-", "_"))
    assert ending.__code__ is ends_in_words(lambda: None).__code__


def test_every_module_of_a_command_is_in_the_help() -> None:
    folder = Path(fleet.commands.__path__[0])
    modules = {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py") if path.stem not in SHARED}
    modules |= {path.parent.relative_to(folder) for path in folder.rglob("*/__init__.py")}
    listed = {f"{package}.{module}".removeprefix(f"{COMMANDS}.") for package, module, _ in ALL.values()}
    assert {".".join(module.parts) for module in modules} - {""} == listed


@pytest.mark.parametrize("group", [group for group in GROUPS if group])
def test_a_group_of_commands_shows_them(group: str) -> None:
    shown = CliRunner().invoke(app, [*group.split(), "--help"])
    assert shown.exit_code == 0
    assert [name for name in GROUPS[group] if name not in shown.output] == []
    assert CliRunner().invoke(app, [*group.split(), "nothing"]).exit_code == 2


@pytest.mark.parametrize("group", GROUPS)
def test_a_command_without_its_subcommand_shows_the_help_once(group: str) -> None:
    assert CliRunner().invoke(app, group.split()).output.count("Usage:") == 1


def test_the_help_of_all_commands_loads_none_of_them() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from fleet.cli import app;"
        "assert 'quotas' in CliRunner().invoke(app, ['--help']).output;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'pulumi', 'pydantic', 'boto3', 'infra'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("words", LEAVES)
def test_examples_are_each_on_one_line_of_80_columns(words: str) -> None:
    epilog = getattr(module_of(words), "EPILOG", None)
    examples = [part.replace("`", "") for part in (epilog or "").split("\n\n") if part.startswith("`")]
    assert any(f"fleet {words}" in example for example in examples)
    shown = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "80"}).output.splitlines()
    assert [example for example in examples if example not in {line.strip() for line in shown}] == []


@pytest.mark.parametrize("words", LEAVES)
def test_examples_name_stacks_and_queues_of_the_samples(words: str) -> None:
    epilog = getattr(module_of(words), "EPILOG", "")
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
