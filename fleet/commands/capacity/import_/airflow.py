"""`fleet capacity import airflow`: what Airflow knows of a trace's runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Out, Skipped, pairs, runs_are
from fleet.commands.capacity.needs import of_capacity
from fleet.files import prepare
from sizing.durations import parse_duration

EPILOG: Final = (
    "Examples:\n\n"
    "`A=https://airflow.example.com/api/v2`\n\n"
    "`curl $A/dags/~/dagRuns/~/taskInstances?limit=100 > tasks.json`\n\n"
    "`curl $A/dags/etl/tasks > etl.json`\n\n"
    "`fleet capacity import airflow tasks.json --onto t.parquet --out u.parquet`\n\n"
    "`... --tasks etl=etl.json --deadline etl=4h` # order and deadlines as well\n\n"
    "Exit code 0: there is a trace; 1: there can't be one."
)


@of_capacity
def airflow(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE ...", help="Answers of its API for task instances.", dir_okay=False, exists=True),
    ],
    onto: Annotated[
        Path,
        typer.Option("--onto", metavar="TRACE", help="The trace of these tasks' runs.", dir_okay=False, exists=True),
    ],
    out: Out,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--tasks", metavar="DAG=FILE", help="Its API's answer for a DAG's tasks, for their order; repeatable."
        ),
    ] = None,
    deadline: Annotated[
        list[str] | None,
        typer.Option("--deadline", metavar="DAG=TIME", help="Within 90m, 4h or 1d of when a DAG was due; repeatable."),
    ] = None,
) -> None:
    """Join what Airflow knows onto a trace: submission, order, deadlines."""
    from capacity.traces.airflow import KEYS, TASK_KEYS, joined, tasks_of, upstream_of
    from capacity.traces.answers import answers
    from capacity.traces.files import problems, read, write_table

    prepare(out.parent)
    skipped, deadlines = Skipped(), {}
    for dag, text in pairs(deadline, "--deadline", "DAG=TIME").items():
        try:
            deadlines[dag] = timedelta(seconds=parse_duration(text))
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--deadline") from None
    upstream = {
        dag: upstream_of(answer)
        for dag, path in pairs(tasks, "--tasks", "DAG=FILE").items()
        for answer in answers([Path(path)], TASK_KEYS)
    }
    found = joined(
        read(onto), tasks_of(answers(files, KEYS), skipped), upstream=upstream, deadlines=deadlines, skip=skipped
    )
    skipped.say()
    if wrong := problems(found.table):
        from capacity.errors import CapacityError

        raise CapacityError(wrong)
    write_table(found.table, out)
    typer.echo(f"{out}: {runs_are(found.table.num_rows)}, {found.matched} of them joined")
