"""What commands that replay or import traces have in common: the extra's libraries, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec

from capacity.errors import CapacityError
from fleet.commands.ending import ends_in_words
from fleet.errors import FleetError

P = ParamSpec("P")
LIBRARIES: Final = frozenset({"cramjam", "numba", "numpy", "orjson", "plotly", "pyarrow"})
"""Of the extra `capacity`. Commands import what needs them when they are called."""


def of_capacity(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends in words, also where a library isn't installed or a trace is wrong."""

    def told(*args: P.args, **options: P.kwargs) -> None:
        with capacity_in_words():
            command(*args, **options)

    return wraps(command)(ends_in_words(wraps(command)(told)))


@contextmanager
def of_file(path: Path) -> Iterator[None]:
    """Work with one file, which each thing that is wrong is said of.

    Raises:
        CapacityError: something is wrong.
    """
    try:
        yield
    except CapacityError as error:
        raise CapacityError(f"{path}: {finding}" for finding in error.findings) from None


@contextmanager
def capacity_in_words(without: str = "") -> Iterator[None]:
    """Work with traces within a command that ends in words.

    Args:
        without: the option by which the command does without a trace; empty where it can't.

    Raises:
        FleetError: a library isn't installed, or a trace is wrong.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LIBRARIES:
            raise
        other = f"; {without} does without" if without else ""
        raise FleetError(
            f"this needs {error.name}, which isn't installed: `make capacity`, or "
            f"`pip install 'elastic-spark[capacity]'`{other}"
        ) from None
    except CapacityError as error:
        first, *others = error.findings
        raise FleetError("\n".join([first, *(f"       {other}" for other in others)])) from None
