"""Runs Spark jobs in the queues of an elastic-spark platform.

    import skate

    with skate.Client() as client:
        job = client.submit("job.yaml", queue="ads-batch")
        print(job.wait().phase)

`skate.AsyncClient` is the same for asyncio. All errors are `skate.errors.SkateError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.async_job import AsyncJob
    from skate.card import QueueCard
    from skate.errors import SkateError
    from skate.states import JobState
    from skate.sync import Client, Job
    from skate.why import Cause

__all__ = ["AsyncClient", "AsyncJob", "Cause", "Client", "Job", "JobState", "QueueCard", "SkateError"]

_HOMES: Final = {
    "AsyncClient": "skate.aio",
    "AsyncJob": "skate.async_job",
    "Cause": "skate.why",
    "Client": "skate.sync",
    "Job": "skate.sync",
    "JobState": "skate.states",
    "QueueCard": "skate.card",
    "SkateError": "skate.errors",
}


def __getattr__(name: str) -> object:
    """The public names, loaded when first asked for: a command that needs none of them starts without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
