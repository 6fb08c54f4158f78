"""Lines for people, on standard error; standard output is for what was asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

from skate.command.signals import nobody_reads

if TYPE_CHECKING:
    from rich.console import Console

    from skate.errors import SkateError

WIDEST: Final = 10_000
"""Of lines in a pipe: whoever reads them there wants all of them."""


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at it."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def someone_is_there() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def console(stream: TextIO) -> Console:
    """Rich's console on a stream: coloured at a terminal unless NO_COLOR is set, in a pipe as wide as needed."""
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False, width=None if stream.isatty() else WIDEST)


def say(text: str, style: str = "") -> None:
    """A line or several for the person."""
    if is_terminal(sys.stderr):
        shown = console(sys.stderr)
        shown.print(_wrapped(text, shown.width), style=style or None, markup=False, soft_wrap=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _wrapped(text: str, width: int) -> str:
    """Text within a width, broken between words alone, so that what can be copied stays whole."""
    from textwrap import fill

    return "\n".join(
        fill(line, width, break_long_words=False, break_on_hyphens=False, subsequent_indent=_indent(line))
        for line in text.split("\n")
    )


def _indent(line: str) -> str:
    """What the further lines of an item of a list begin with."""
    return "  " if line.startswith("- ") else ""


def complain(what: str, remedy: str = "") -> None:
    """What is wrong, and what to do about it."""
    say(f"error: {what}", style="red")
    if remedy:
        say(remedy)


def complain_of(error: SkateError) -> None:
    """What an error says."""
    complain(error.what, error.remedy)


def put(text: str) -> None:
    """A line or several of what was asked for; ends the command if nobody reads it any more."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nobody_reads()
