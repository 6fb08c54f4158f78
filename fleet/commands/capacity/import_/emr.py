"""`fleet capacity import emr`: a trace from what the AWS CLI says of EMR."""

from __future__ import annotations

from typing import Final

from fleet.commands.capacity.importing import Answers, Joined, Out, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

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


@takes_together
@of_capacity
def emr(
    files: Answers,
    out: Out,
    *,
    joined: Joined,
) -> None:
    """From what the AWS CLI says of EMR: steps, EMR on EKS, EMR Serverless."""
    from capacity.traces.answers import answers
    from capacity.traces.emr import KEYS, runs_of_answers

    skipped = Skipped()
    runs = runs_of_answers(((file.stem, answer) for file in files for answer in answers([file], KEYS)), skipped)
    joined.write(runs, out, skipped)
