"""Runs from YARN's ResourceManager: its summaries of applications, or what its API answers.

Source: apache/hadoop 3.4, RMAppManager.java (ApplicationSummary, SummaryBuilder), StringUtils.escapeString, and
ResourceManagerRest.md (Cluster Applications API). `startTime` is when the application was accepted; `launchTime`, since
Hadoop 3.1, when its first container was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from capacity.errors import CapacityError
from capacity.traces.job_names import common_name
from capacity.traces.run import Run
from capacity.traces.skipped import Skip
from capacity.traces.spark_sizes import MIB
from capacity.traces.times import moment

SOURCE: Final = "yarn"
_MARK: Final = "appId=application_"
_FIELD: Final = re.compile(r"(\w+)=((?:[^,\\]|\\.)*)(?:,|$)")
_ESCAPED: Final = re.compile(r"\\(.)")
_SPARK: Final = ("", "SPARK")
_OF_API: Final = {
    "id": "appId",
    "startedTime": "startTime",
    "finishedTime": "finishTime",
    "launchTime": "launchTime",
    **{name: name for name in ("name", "user", "queue", "state", "applicationType", "memorySeconds", "vcoreSeconds")},
}


@dataclass(frozen=True)
class Shape:
    """What an executor took on the old cluster, which YARN doesn't say.

    Args:
        cpu: millicores.
        memory: bytes, overhead included.
    """

    cpu: int | None = None
    memory: int | None = None


def runs_of_lines(lines: Iterable[str], shape: Shape, skip: Skip) -> Iterator[Run]:
    """The runs of a ResourceManager's log; lines that are no summary are passed over."""
    for line in lines:
        begin = line.find(_MARK)
        if begin >= 0:
            fields = {name: _ESCAPED.sub(r"\1", value) for name, value in _FIELD.findall(line[begin:])}
            yield from _run(fields, shape, skip)


def runs_of_answer(text: str, shape: Shape, skip: Skip) -> Iterator[Run]:
    """The runs of an answer of `/ws/v1/cluster/apps`.

    Raises:
        CapacityError: it is something else.
    """
    try:
        apps = (json.loads(text)["apps"] or {}).get("app", [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CapacityError(["this is no answer of /ws/v1/cluster/apps: it has no `apps` with `app` in it"]) from None
    for app in apps:
        yield from _run({_OF_API[name]: value for name, value in app.items() if name in _OF_API}, shape, skip)


def _run(fields: Mapping[str, Any], shape: Shape, skip: Skip) -> Iterator[Run]:
    identity = str(fields.get("appId"))
    if (kind := str(fields.get("applicationType") or "").upper()) not in _SPARK:
        skip(identity, f"not Spark: {kind}")
        return
    try:
        accepted, finished = int(fields["startTime"]), int(fields["finishTime"])
        launched = int(fields.get("launchTime") or 0)
        submitted = int(fields.get("submitTime") or 0) or accepted
        memory_seconds = float(fields.get("memorySeconds") or 0)
    except (KeyError, ValueError) as error:
        skip(identity, f"cut, or of another form than YARN writes ({error})")
        return
    if finished <= 0:
        skip(identity, f"unfinished; it is {str(fields.get('state', 'somewhere')).lower()}")
        return
    started = launched if launched > 0 else accepted
    whole = memory_seconds * MIB / shape.memory if shape.memory and memory_seconds else None
    yield Run(
        queue=str(fields.get("queue") or "default"),
        job=identity,
        name=common_name(str(fields.get("name") or identity)),
        user=fields.get("user") or None,
        submitted=moment(min(submitted, started)),
        started=moment(started),
        ended=moment(max(finished, started)),
        executor_cpu=shape.cpu,
        executor_memory=shape.memory,
        executor_seconds=None if whole is None else max(whole - (finished - started) / 1000, 0.0),
        source=SOURCE,
    )
