"""What Spark itself tells of an application, by the REST API of a driver's pages or of the queue's history server.

Source: https://spark.apache.org/docs/4.0.1/monitoring.html#rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from skate.errors import SkateError, UnreachableError
from skate.states import DRIVER_SUFFIX

API: Final = "/api/v1/applications"
PEAK: Final = "JVMHeapMemory"
TIMEOUT_SECONDS: Final = 30.0
DRIVER_POD: Final = "spark.kubernetes.driver.pod.name"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What an application took.

    Attributes:
        core_hours: of its executors, from when each came to when it went.
        executors: how many it had in all.
        peak_heap: the largest heap that one of its executors used, in bytes; None where Spark didn't write it down.
        failed_tasks: of all its executors.
    """

    core_hours: float
    executors: int
    peak_heap: int | None
    failed_tasks: int


@dataclass(frozen=True, kw_only=True)
class PastJob:
    """An application as its event log tells of it.

    Attributes:
        application_id: Spark's identifier.
        title: what the program calls itself.
        started, ended: when; `ended` is None for one that runs or was cut off.
        name: of its SparkApplication; empty if it was submitted otherwise.
    """

    application_id: str
    title: str
    started: datetime
    ended: datetime | None
    name: str = ""


class SparkPages:
    """The REST API behind a port of this machine.

    Args:
        port: the port.
        of: whose it is, for errors.
    """

    def __init__(self, port: int, of: str) -> None:
        self._of = of
        self._http = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_SECONDS, trust_env=False)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.aclose()

    async def applications(self, since: datetime | None = None) -> list[PastJob]:
        """All of them, newest first, without names."""
        params = {"minDate": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000GMT")} if since else {}
        found = await self._json(API, params)
        return sorted(map(_past_job, found), key=lambda job: job.started, reverse=True)

    async def name(self, application_id: str) -> str:
        """The SparkApplication of an application; empty if it was submitted otherwise."""
        environment = await self._json(f"{API}/{application_id}/environment")
        pod = str(dict(environment.get("sparkProperties") or ()).get(DRIVER_POD, ""))
        return pod.removesuffix(DRIVER_SUFFIX)

    async def usage(self, application_id: str, until: datetime | None) -> Usage:
        """What an application took so far, or until it ended."""
        return usage(await self._json(f"{API}/{application_id}/allexecutors"), until or datetime.now(UTC))

    async def _json(self, path: str, params: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        try:
            answer = await self._http.get(path, params=params)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise UnreachableError(f"{self._of} doesn't answer: {error}", "Try again in a minute.") from error


def usage(executors: list[Mapping[str, Any]], until: datetime) -> Usage:
    """What executors took, as the REST API lists them (`allexecutors`)."""
    own = [each for each in executors if each["id"] != "driver"]
    hours = [
        each["totalCores"]
        * max(timedelta(), (_time(each.get("removeTime")) or until) - _required(each["addTime"]))
        / timedelta(hours=1)
        for each in own
    ]
    peaks = [each["peakMemoryMetrics"][PEAK] for each in own if (each.get("peakMemoryMetrics") or {}).get(PEAK)]
    return Usage(
        core_hours=sum(hours),
        executors=len(own),
        peak_heap=max(peaks, default=None),
        failed_tasks=sum(each.get("failedTasks", 0) for each in own),
    )


def _past_job(application: Mapping[str, Any]) -> PastJob:
    last = max(application["attempts"], key=lambda attempt: attempt["startTime"])
    return PastJob(
        application_id=application["id"],
        title=application["name"],
        started=_required(last["startTime"]),
        ended=_time(last["endTime"]) if last.get("completed") else None,
    )


def _required(text: str) -> datetime:
    found = _time(text)
    if found is None:
        raise SkateError(f"Spark tells no time where there must be one: {text!r}")
    return found


def _time(text: str | None) -> datetime | None:
    """A time of the REST API, such as `2026-11-29T09:06:30.123GMT`."""
    if not text or text.startswith("1969"):
        return None
    return datetime.strptime(text.removesuffix("GMT"), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)
