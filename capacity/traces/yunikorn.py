"""Runs from YuniKorn's application summaries, a line of its log for each application that ended.

Source: apache/yunikorn-core v1.9, pkg/scheduler/objects/application_summary.go and
pkg/common/resources/tracked_resources.go (usage: amount times seconds, by instance type)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from capacity.traces.job_names import common_name
from capacity.traces.run import Run
from capacity.traces.skipped import Skip

SOURCE: Final = "yunikorn"
_MARK: Final = "YK_APP_SUMMARY:"
_SUMMARY: Final = re.compile(
    r"YK_APP_SUMMARY: \{ApplicationID: (?P<id>[^,]+), SubmissionTime: (?P<submitted>-?\d+), "
    r"StartTime: (?P<started>-?\d+), FinishTime: (?P<ended>-?\d+), User: (?P<user>[^,]*), Queue: (?P<queue>[^,]*), "
    r"State: (?P<state>[^,]*), RmID: [^,]*, ResourceUsage: TrackedResource\{(?P<usage>[^}]*)\}"
)
_PODS: Final = re.compile(r"(?:^|,)[^,=]*:pods=(\d+)")


def runs_of_summaries(lines: Iterable[str], skip: Skip) -> Iterator[Run]:
    """The runs of a log's lines; what isn't a summary is passed over.

    Executor-seconds are the pods' less one pod, the driver, for as long as it ran.

    Args:
        lines: of the scheduler's log, or of what the platform ships of it.
        skip: is told of applications that never ran, and of lines that are cut.
    """
    for line in lines:
        if _MARK not in line:
            continue
        found = _SUMMARY.search(line)
        if found is None:
            skip(line.partition(_MARK)[2].strip()[:80], "cut, or of another form than YuniKorn 1.9 writes")
            continue
        submitted, started, ended = (int(found[name]) for name in ("submitted", "started", "ended"))
        if started <= 0 or ended <= 0:
            skip(found["id"], f"never ran: {found['state']}")
            continue
        pods = sum(int(seconds) for seconds in _PODS.findall(found["usage"]))
        yield Run(
            queue=found["queue"].rpartition(".")[2],
            job=found["id"],
            name=common_name(found["id"]),
            user=found["user"] or None,
            submitted=_time(min(submitted, started)),
            started=_time(started),
            ended=_time(max(ended, started)),
            executor_seconds=max(pods - (ended - started) / 1000, 0.0) if pods else None,
            source=SOURCE,
        )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
