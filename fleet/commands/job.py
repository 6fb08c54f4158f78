"""`fleet job`: a job for a queue, ready to start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.formats.queue_job import JobFormat, written
from fleet.offline.preview import registrations_of
from fleet.offline.queue_job import Wanted, card_of, job_for
from fleet.offline.stacks import chosen_stacks

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet job ads-dev batch | kubectl apply -f -` # a job that computes Pi\n\n"
    "`fleet job ads-dev batch --executors 20 --main etl.py -- --date 2026-11-29`\n\n"
    "`fleet job ads-dev batch --cores 3 --format spark-submit` # in a queue's pod\n\n"
    "`fleet job ads-dev batch --main etl.py --format skate` # from this machine\n\n"
    "`fleet job ads-dev batch --deadline 2026-11-30T06:00:00+01:00`\n\n"
    "`fleet job ads-dev batch --format airflow > dags/etl.py`"
)


@ends_in_words
def job(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack of the queue's tenant.")],
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name in it, or its namespace.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- ARGUMENT ...", help="Arguments of the program.")
    ] = None,
    format_: Annotated[JobFormat, typer.Option("--format", help="What to print.")] = JobFormat.APPLICATION,
    name: Annotated[str | None, typer.Option("--name", help="The job's name; by default the program's.")] = None,
    main: Annotated[
        str | None, typer.Option("--main", help="The program, a .py, .jar or .R; by default one that computes Pi.")
    ] = None,
    class_: Annotated[str | None, typer.Option("--class", help="The class of a jar.")] = None,
    executors: Annotated[
        int | None, typer.Option("--executors", help="Executors at most; by default as many as a job may have.")
    ] = None,
    cores: Annotated[
        int | None, typer.Option("--cores", help="Cores of an executor: one of the shapes that fill a node.")
    ] = None,
    pool: Annotated[str | None, typer.Option("--pool", help="Where executors run; by default the queue's own.")] = None,
    deadline: Annotated[
        str | None,
        typer.Option("--deadline", metavar="TIME", help="By when it must have ended, or its tenant is told."),
    ] = None,
    root: Root = Path(),
) -> None:
    """Print a ready job for a queue; asks neither AWS nor a cluster."""
    root = root.resolve()
    (stack,) = chosen_stacks(root, [stack])
    card = card_of(stack, registrations_of(root, stack), queue)
    wanted = Wanted(
        name=name,
        main=main,
        main_class=class_,
        arguments=tuple(arguments or ()),
        executors=executors,
        cores=cores,
        pool=pool,
        deadline=deadline,
    )
    typer.echo(written(job_for(card, wanted), format_), nl=False)
