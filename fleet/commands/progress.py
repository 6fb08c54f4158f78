"""A progress bar for long work, where somebody watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Result = TypeVar("Result")


def with_progress(count: int, work: Callable[[Callable[[str], None]], Result]) -> Result:
    """What the work gives, while a terminal shows how far it is.

    Args:
        count: previews that it makes.
        work: gets a function to tell of each stack that is previewed.
    """
    errors = Console(emoji=False, stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Previewing", total=count)

        def done(stack: str) -> None:
            progress.update(task, advance=1, description=f"Previewed {stack}")

        return work(done)
