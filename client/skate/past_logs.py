"""Logs of pods that are gone, by the role that the tenant's stack makes for its submitters to read them.

CloudWatch has them for days, and S3 for long: streams `<application>/<pod>/<container>` there, and objects
`<application>/<pod>/<container>-<time>-<id>.gz` of JSON lines here. Needs boto3 (`elastic-spark-client[aws]`).
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

from skate.aws import connected, told
from skate.card import Logs, QueueCard
from skate.errors import InputError, JobNotFoundError
from skate.states import DRIVER_CONTAINER, EXECUTOR_CONTAINER


async def past_log(
    card: QueueCard, application_id: str, *, executor: int | None = None, endpoint: str | None = None
) -> AsyncIterator[str]:
    """The lines that a job's driver, or an executor of it, has written.

    Args:
        card: the queue's.
        application_id: Spark's own identifier of the job.
        executor: its number; None for the driver.
        endpoint: of AWS's services, where it isn't AWS's own.

    Raises:
        JobNotFoundError: nothing is kept of it, or not any more.
        InputError: the queue keeps no logs, or boto3 isn't installed.
        LoginError, NotAllowedError, UnreachableError: as their names say.
    """
    place = card.logs
    if place is None or place.readers_role_arn is None:
        raise InputError(
            f"The queue {card.namespace} keeps no logs that you could read.",
            "Whoever runs the platform can switch that on: `logs` of the platform's stack.",
        )
    reading = f"reading logs of {card.namespace} whose pods are gone (role {place.readers_role_arn})"
    with told(card, reading):
        clients = await asyncio.to_thread(_connected, card, place.readers_role_arn, endpoint)
        kept = _Kept(clients, place, application_id, executor)
        lines = kept.lines()
        while (some := await asyncio.to_thread(_some, lines)) is not None:
            for line in some:
                yield line


async def last(lines: AsyncIterator[str], most: int) -> tuple[str, ...]:
    """The end of a log, of so many lines at most."""
    kept: deque[str] = deque(maxlen=most)
    async for line in lines:
        kept.append(line)
    return tuple(kept)


class _Kept:
    """What is kept of one container, or of those that had its name after one another."""

    def __init__(self, clients: dict[str, Any], place: Logs, application_id: str, executor: int | None) -> None:
        self._clients = clients
        self._place = place
        self._application = application_id
        self._executor = executor

    def lines(self) -> Iterator[list[str]]:
        """The lines, some at a time.

        Raises:
            JobNotFoundError: there are none.
        """
        found = False
        for source in (self._of_streams, self._of_objects):
            for some in source():
                found = True
                yield some
            if found:
                return
        who = "its driver" if self._executor is None else f"its executor {self._executor}"
        raise JobNotFoundError(
            f"Nothing is kept of what {who} wrote ({self._application}).",
            f"Logs are kept for {self._place.log_days} days, and are there a minute after they are written.",
        )

    def _is_it(self, pod: str, container: str) -> bool:
        if self._executor is None:
            return container == DRIVER_CONTAINER
        return container == EXECUTOR_CONTAINER and pod.endswith(f"-exec-{self._executor}")

    def _of_streams(self) -> Iterator[list[str]]:
        logs, group = self._clients["logs"], self._place.log_group
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, logStreamNamePrefix=f"{self._application}/"
        )
        try:
            names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except logs.exceptions.ResourceNotFoundException:  # a queue that has never run anything has no group
            return
        for name in names:
            _, _, rest = name.partition("/")
            if self._is_it(*rest.rpartition("/")[::2]):
                yield from self._of_stream(group, name)

    def _of_stream(self, group: str, name: str) -> Iterator[list[str]]:
        token: dict[str, str] = {}
        while True:
            page = self._clients["logs"].get_log_events(
                logGroupName=group, logStreamName=name, startFromHead=True, **token
            )
            if page["events"]:
                yield [line for event in page["events"] for line in event["message"].splitlines() or [""]]
            # The end is where the token stays the same, not where a page is empty.
            if page["nextForwardToken"] == token.get("nextToken"):
                return
            token = {"nextToken": page["nextForwardToken"]}

    def _of_objects(self) -> Iterator[list[str]]:
        s3, prefix = self._clients["s3"], f"{self._place.prefix}{self._application}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self._place.bucket, Prefix=prefix)
        for key in sorted(each["Key"] for page in pages for each in page.get("Contents", ())):
            pod, _, file = key.removeprefix(prefix).rpartition("/")
            # After the container's name: when it was written, and a random identifier.
            container = next(
                (each for each in (DRIVER_CONTAINER, EXECUTOR_CONTAINER) if file.startswith(f"{each}-")), ""
            )
            if self._is_it(pod, container):
                text = gzip.decompress(s3.get_object(Bucket=self._place.bucket, Key=key)["Body"].read())
                yield [line for record in text.splitlines() for line in _message(record)]


def _message(record: bytes) -> list[str]:
    message: str = json.loads(record).get("message", "")
    return message.splitlines() or [""]


def _some(lines: Iterator[list[str]]) -> list[str] | None:
    return next(lines, None)


def _connected(card: QueueCard, role: str, endpoint: str | None) -> dict[str, Any]:
    purpose = "There is no such pod now; what one wrote that is gone is read"
    return connected(card, role, ("logs", "s3"), region=_region(card), purpose=purpose, endpoint=endpoint)


def _region(card: QueueCard) -> str | None:
    if card.cluster:
        return card.cluster.region
    return card.artifacts.region if card.artifacts else None
