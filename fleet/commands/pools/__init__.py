"""What is done to the nodes of a platform that runs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {"patch": "Replace old nodes, or nodes of an old AMI, without taking anybody's pod."}
)
"""Of each command the line that the help shows; its code is imported when it is called."""
