"""`skate schema`: the JSON Schema of job files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from skate.command.session import ends_in_words
from skate.command.shown.terminal import put, say
from skate.errors import InputError

EPILOG: Final = """
\b
Examples:
  skate schema --output .skate/job.schema.json
  skate schema | jq '.properties.spec.properties | keys'

Job files that `skate init` wrote name it by their first line, as .skate/job.schema.json beside them.
"""


@ends_in_words
def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Print the JSON Schema of job files, for editors."""
    from skate.starter import schema_text

    if output is None:
        put(schema_text().rstrip())
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(schema_text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{output} can't be written: {error.strerror}.", "Name another file.") from error
    say(f"{output} is written.")
