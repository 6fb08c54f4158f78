"""`fleet capacity import yunikorn`: a trace from YuniKorn's application summaries."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Joined, Out, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import yunikorn scheduler.log --out t.parquet`\n\n"
    "`fleet capacity import yunikorn logs/ --onto events.parquet --out t.parquet`\n\n"
    "The second one adds when jobs were submitted to what event logs say of them. Exit code 0: there is a trace; "
    "1: there can't be one."
)


@takes_together
@of_capacity
def yunikorn(
    place: Annotated[str, typer.Argument(metavar="PATH", help="A log, a folder of logs, or s3://BUCKET/PREFIX.")],
    out: Out,
    *,
    joined: Joined,
) -> None:
    """From YuniKorn's application summaries: when jobs were submitted."""
    from capacity.traces.lines_of import lines_of
    from capacity.traces.yunikorn import runs_of_summaries

    skipped = Skipped()
    joined.write(runs_of_summaries(lines_of(place, skipped), skipped), out, skipped)
