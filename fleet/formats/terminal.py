"""Where texts are printed for people."""

from __future__ import annotations

from typing import IO

from rich.console import Console


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
