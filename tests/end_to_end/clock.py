"""How long a job takes from step to step, for whoever runs the tests to read."""

from __future__ import annotations

import time
from typing import Final

TIMES: Final[list[str]] = []
"""A line a job."""


class Clock:
    """Of one job, from its submission on."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._began = time.monotonic()
        self._marks: list[str] = []

    def mark(self, step: str) -> None:
        """A step is reached."""
        self._marks.append(f"{step} {time.monotonic() - self._began:.1f}")

    def stop(self) -> None:
        """The job has ended."""
        TIMES.append(f"{self._job}: {', '.join(self._marks)}")
