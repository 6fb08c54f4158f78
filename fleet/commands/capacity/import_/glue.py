"""`fleet capacity import glue`: a trace from what the AWS CLI says of AWS Glue."""

from __future__ import annotations

from typing import Final

from fleet.commands.capacity.importing import Answers, Joined, Out, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`aws glue get-job-runs --job-name etl > etl.json`\n\n"
    "`fleet capacity import glue etl.json --queue ads-batch --out t.parquet`\n\n"
    "A queue's place is the job's name. Exit code 0: there is a trace; 1: there can't be one."
)


@takes_together
@of_capacity
def glue(
    files: Answers,
    out: Out,
    *,
    joined: Joined,
) -> None:
    """From what the AWS CLI says of AWS Glue's job runs."""
    from capacity.traces.answers import answers
    from capacity.traces.glue import KEYS, runs_of_answer

    skipped = Skipped()
    runs = (run for answer in answers(files, KEYS) for run in runs_of_answer(answer, skipped))
    joined.write(runs, out, skipped)
