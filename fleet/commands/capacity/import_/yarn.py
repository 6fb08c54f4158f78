"""`fleet capacity import yarn`: a trace from YARN's ResourceManager."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Joined, Out, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import yarn rm.log --queue ads-batch --out t.parquet`\n\n"
    "`curl http://rm:8088/ws/v1/cluster/apps?states=FINISHED > apps.json`\n\n"
    "`fleet capacity import yarn apps.json --queue-of etl=ads-batch --out t`\n\n"
    "A queue's place is YARN's queue. Exit code 0: there is a trace; 1: there can't be one."
)


@takes_together
@of_capacity
def yarn(
    place: Annotated[
        str, typer.Argument(metavar="PATH", help="Logs of the ResourceManager, or answers of its API (.json).")
    ],
    out: Out,
    *,
    joined: Joined,
    executor_cpu: Annotated[
        int | None, typer.Option(min=1, metavar="MILLICORES", help="Of each executor there; YARN doesn't say.")
    ] = None,
    executor_memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Of each, overhead included, such as 9g; executor-seconds come from it."),
    ] = None,
) -> None:
    """From YARN's ResourceManager: its log, or what its API answers."""
    from capacity.traces.lines_of import lines_of
    from capacity.traces.spark_sizes import bytes_of
    from capacity.traces.yarn import Shape, runs_of_answer, runs_of_lines

    memory = bytes_of(executor_memory, 1)
    if executor_memory and not memory:
        raise typer.BadParameter(f"{executor_memory!r} is no size, such as 9g", param_hint="--executor-memory")
    shape, skipped = Shape(executor_cpu, memory), Skipped()
    lines = lines_of(place, skipped)
    runs = (
        runs_of_answer("\n".join(lines), shape, skipped)
        if place.endswith(".json")
        else runs_of_lines(lines, shape, skipped)
    )
    joined.write(runs, out, skipped)
