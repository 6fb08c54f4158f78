"""Make a bill: what queues' work costs today, where it runs now."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "emr": "From what the AWS CLI says of EMR's clusters and their instances.",
        "databricks": "From exports of Databricks' system tables: DBUs, and EC2's instances.",
    }
)
"""Of each source the line that the help shows; its code is imported when it is called."""
EPILOG: Final = "What a bill is, and how to write one of your own, such as AWS's by tag: docs/paid-today.md."
