"""Make a trace of recorded jobs, from what other systems wrote down."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "events": "From Spark's event logs, of any cluster, EMR and Databricks among them: the finest.",
        "csv": "From a table of your own.",
        "yunikorn": "From YuniKorn's application summaries: when jobs were submitted.",
        "yarn": "From YARN's ResourceManager: its log, or what its API answers.",
        "airflow": "Join what Airflow knows onto a trace: submission, order, deadlines.",
        "emr": "From what the AWS CLI says of EMR: steps, EMR on EKS, EMR Serverless.",
        "glue": "From what the AWS CLI says of AWS Glue's job runs.",
        "databricks": "From exports of Databricks' system tables.",
    }
)
"""Of each source the line that the help shows; its code is imported when it is called."""
EPILOG: Final = "Which source fills which columns, and how to get its data: docs/traces.md."
