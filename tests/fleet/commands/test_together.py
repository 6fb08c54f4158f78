"""Options that commands take together, as the command line has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from fleet.commands.ending import ends_in_words
from fleet.commands.together import takes_together
from fleet.errors import FleetError


@dataclass(frozen=True, kw_only=True)
class Near:
    """Where something is."""

    near: Annotated[str, typer.Option(help="What it is near to.")]
    steps: Annotated[int, typer.Option(min=1, help="How far.")] = 3


@dataclass(frozen=True, kw_only=True)
class Marked(Near):
    """Where something is that has marks."""

    mark: Annotated[list[str] | None, typer.Option(help="One.")] = None


APP = typer.Typer(add_completion=False, rich_markup_mode=None)


@APP.command()
@takes_together
@ends_in_words
def look(
    file: Annotated[Path, typer.Argument()],
    first: Annotated[bool, typer.Option("--first", help="Before them.")] = False,
    *,
    at: Marked,
    last: Annotated[str, typer.Option(help="After them.")] = "z",
) -> None:
    """Look."""
    if at.steps > 10:
        raise FleetError("too far")
    typer.echo(f"{file} {first} {at} {last}")


def called(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(APP, arguments)
    return result.exit_code, result.output


def test_fields_are_options_and_come_as_one_argument() -> None:
    assert called("f", "--near", "x", "--mark", "a", "--mark", "b", "--last", "y") == (
        0,
        "f False Marked(near='x', steps=3, mark=['a', 'b']) y\n",
    )


def test_the_help_has_them_where_their_argument_is_with_their_defaults() -> None:
    code, help_ = called("--help")
    assert code == 0
    assert [word for word in help_.split() if word.startswith("--")] == [
        "--first",
        "--near",
        "--steps",
        "--mark",
        "--last",
        "--help",
    ]
    assert "[default: 3; x>=1]" in help_
    assert "at" not in help_.split()


def test_a_field_without_a_default_must_be_given_and_limits_hold() -> None:
    assert called("f")[0] == 2
    assert called("f", "--near", "x", "--steps", "0")[0] == 2


def test_the_command_ends_in_words_all_the_same() -> None:
    assert called("f", "--near", "x", "--steps", "11") == (1, "error: too far\n")
