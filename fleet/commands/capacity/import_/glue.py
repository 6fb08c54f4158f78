"""`fleet capacity import glue`: a trace from what the AWS CLI says of AWS Glue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import After, Onto, Out, Queue, QueueOf, Skipped, finish, queues
from fleet.commands.capacity.needs import of_capacity

EPILOG: Final = (
    "Examples:\n\n"
    "`aws glue get-job-runs --job-name etl > etl.json`\n\n"
    "`fleet capacity import glue etl.json --queue ads-batch --out t.parquet`\n\n"
    "A queue's place is the job's name. Exit code 0: there is a trace; 1: there can't be one."
)


@of_capacity
def glue(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE ...", help="Answers of the AWS CLI in JSON.", dir_okay=False, exists=True),
    ],
    out: Out,
    queue: Queue = None,
    queue_of: QueueOf = None,
    onto: Onto = None,
    after: After = True,
) -> None:
    """From what the AWS CLI says of AWS Glue's job runs."""
    from capacity.traces.answers import answers
    from capacity.traces.glue import KEYS, runs_of_answer

    skipped = Skipped()
    runs = (run for answer in answers(files, KEYS) for run in runs_of_answer(answer, skipped))
    finish(runs, queues(queue, queue_of), out, skipped, onto, after)
