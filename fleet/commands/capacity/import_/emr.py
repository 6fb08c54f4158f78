"""`fleet capacity import emr`: a trace from what the AWS CLI says of EMR."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import After, Onto, Out, Queue, QueueOf, Skipped, finish, queues
from fleet.commands.capacity.needs import of_capacity

EPILOG: Final = (
    "Examples:\n\n"
    "`aws emr list-steps --cluster-id j-2AX > j-2AX.json`\n\n"
    "`fleet capacity import emr j-2AX.json --queue ads-batch --out t.parquet`\n\n"
    "`aws emr-containers list-job-runs --virtual-cluster-id abc > eks.json`\n\n"
    "`fleet capacity import emr eks.json --queue-of abc=ads-batch --out t`\n\n"
    "With `aws emr list-instances` and `list-instance-groups` (or `list-instance-fleets`) of the cluster in the same "
    "file, its nodes say how many executors a step had room for. "
    "A queue's place is the file's name for steps, the virtual cluster of EMR on EKS, the application of EMR "
    "Serverless. Exit code 0: there is a trace; 1: there can't be one."
)


@of_capacity
def emr(
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
    """From what the AWS CLI says of EMR: steps, EMR on EKS, EMR Serverless."""
    from capacity.traces.answers import answers
    from capacity.traces.emr import KEYS, runs_of_answers

    skipped = Skipped()
    runs = runs_of_answers(((file.stem, answer) for file in files for answer in answers([file], KEYS)), skipped)
    finish(runs, queues(queue, queue_of), out, skipped, onto, after)
