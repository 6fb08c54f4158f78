"""`skate run`: `skate submit` for a job that lives as long as the command."""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from skate.command.session import ends_in_words
from skate.command.submit import KIND, start, submit

__all__ = ["EPILOG", "KIND", "run"]

EPILOG: Final = """
\b
Examples:
  skate run job.yaml
  skate run --queue ads-batch --executors 20 job.py -- --date today

As `skate submit`, with one difference: if the command is ended, by a CI system
that cancels it or by Ctrl-C in a pipe, the job is stopped. At a terminal Ctrl-C
asks.
"""


@ends_in_words
@wraps(submit)
def run(**options: Any) -> None:  # noqa: ANN401 - those of submit
    start(options, stops=True)


run.__doc__ = "Submit a job file or a program, follow the job, and stop it if this command is ended."
