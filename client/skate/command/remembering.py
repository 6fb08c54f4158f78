"""Keeps an application for `skate rerun` after the command has ended: logging in to AWS takes longer than submitting.

Run as a program it reads what `later` gives it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from skate.artifacts import ArtifactStore
    from skate.card import QueueCard

SECONDS: Final = 20.0
"""For a record, at most: nobody waits for it."""


def can_remember(card: QueueCard) -> bool:
    """Whether there is a place for records, and what it takes to write there."""
    there = card.artifacts is not None and card.artifacts.upload_role_arn is not None
    return there and importlib.util.find_spec("boto3") is not None


async def remember(store: ArtifactStore, application: dict[str, Any]) -> None:
    """Keep an application, if that can be done in time; it is no harm if not."""
    from skate.errors import SkateError

    with suppress(SkateError, TimeoutError):
        async with asyncio.timeout(SECONDS):
            await store.remember(application)


def later(card: QueueCard, application: dict[str, Any]) -> None:
    """Keep an application by a process of its own, which goes on when this one has ended."""
    given = {"card": card.model_dump(mode="json", by_alias=True), "application": application}
    process = subprocess.Popen(
        [sys.executable, "-m", "skate.command.remembering"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.returncode = 0  # nobody waits for its end
    if process.stdin is not None:
        with suppress(OSError), process.stdin as its:
            its.write(json.dumps(given).encode())


def main() -> None:
    """Keep the application that is given."""
    from skate.artifacts import ArtifactStore
    from skate.card import QueueCard

    given = json.load(sys.stdin)
    asyncio.run(remember(ArtifactStore(QueueCard.model_validate(given["card"])), given["application"]))


if __name__ == "__main__":
    main()
