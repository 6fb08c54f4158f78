"""Where texts are printed for people."""

from __future__ import annotations

import re
import textwrap
from typing import IO, Final

from rich.console import Console

_HANGING: Final = re.compile(r"\s*(?:\S+\s{2,})?")
"""What later lines of a wrapped one leave free: its indentation, and a word that is set off, such as `found`."""


def terminal(
    *, stderr: bool = False, file: IO[str] | None = None, width: int | None = None, soft_wrap: bool = False
) -> Console:
    """A console that prints texts as they are: the `:secret:` of an ARN is no name of a picture.

    Args:
        stderr: whether it is standard error; else standard output.
        file: where to, if neither.
        width: characters in a line; the terminal's if not given.
        soft_wrap: whether the terminal wraps long lines.
    """
    return Console(stderr=stderr, file=file, width=width, soft_wrap=soft_wrap, emoji=False)


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print lines that break between words where the console ends; a word that is longer can still be copied."""
    console.print(wrapped(text, console.width), style=style, highlight=False, markup=False, soft_wrap=True)


def wrapped(text: str, width: int) -> str:
    """A text with its lines broken between words, later ones below where the first began.

    Args:
        text: of any lines.
        width: characters in a line, but for words that are longer.
    """
    return "\n".join(_wrapped(line, width) for line in text.splitlines())


def _wrapped(line: str, width: int) -> str:
    hanging = _HANGING.match(line)
    indent = " " * (len(hanging[0]) if hanging and len(hanging[0]) < width // 2 else 0)
    return textwrap.fill(line, width, subsequent_indent=indent or "  ", break_long_words=False, break_on_hyphens=False)
