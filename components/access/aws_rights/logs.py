"""Rights to look into log groups."""

from __future__ import annotations

from typing import Final

READ_GROUPS: Final = (
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogGroupFields",
    "logs:GetLogRecord",
    "logs:StartLiveTail",
    "logs:StartQuery",
)
READ_QUERIES: Final = ("logs:GetQueryResults", "logs:StopQuery")
"""A query is known by an identifier that nobody guesses, and can't be limited to a group."""
