"""`skate init`: a job file to start from."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from skate.command.session import ContextOption, QueueOption, chosen_queue, connected, ends_in_words, run
from skate.command.shown.terminal import say
from skate.errors import InputError, SkateError

if TYPE_CHECKING:
    from skate.card import QueueCard

EPILOG: Final = """
\b
Examples:
  skate init
  skate init nightly.yaml --queue ads-batch --language scala

The file says which schema it has by its first line, so that editors with a YAML language server complete it and mark
what is wrong. The schema is put beside it, in .skate/; commit both.
"""


PATIENCE_SECONDS: Final = 5.0
"""With a cluster that nobody named."""


@ends_in_words
def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The file to write.")] = Path("job.yaml"),
    queue: QueueOption = None,
    context: ContextOption = None,
    language: Annotated[str, typer.Option(help="Of the program: python, scala or r.")] = "python",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a job file to start from: a SparkApplication with what is yours to say, and the rest in comments.

    With a queue it knows its sizes.
    """
    from skate.starter import Language, starter, write_schema

    text = starter(file.name, _job_name(file), cast("Language", language.lower()), run(_card(context, queue)))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as written:
            written.write(text)
        schema = write_schema(file.parent)
    except FileExistsError as error:
        raise InputError(f"{file} is there already; it is left as it is.", "Name another, or say --force.") from error
    except OSError as error:
        raise InputError(
            f"{error.filename or file} can't be written: {error.strerror}.", "Name another file."
        ) from error
    say(f"{file} is written, and its schema for editors: {schema}.")
    say(f"Say in it what your program is, then: skate submit{f' --queue {queue}' if queue else ''} {file}")


async def _card(context: str | None, queue: str | None) -> QueueCard | None:
    """The card of the queue that was named, or of the only one; None where there is no login yet."""
    try:
        async with asyncio.timeout(None if queue else PATIENCE_SECONDS), connected(context) as client:
            return await client.card(await chosen_queue(client, queue))
    except TimeoutError:
        say("Without a queue's sizes: the cluster doesn't answer.")
    except SkateError as error:
        if queue:
            raise
        say(f"Without a queue's sizes: {error.what}")
    return None


def _job_name(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "job"
