"""From the lines of one Spark event log to one run. Runs inside Spark's own image too: Python 3.10, standard library.

Nearly all of a log are ends of tasks: of these the front is read by an expression, and only what it doesn't fit is
parsed. What is kept grows with stages, Spark jobs and executors, not with tasks.

Source: apache/spark v3.0 to v4.0, core/src/main/scala/org/apache/spark/util/JsonProtocol.scala
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from capacity.traces import spark_sizes
from capacity.traces.event_logs import marks
from capacity.traces.event_logs.stages import Attempt, Jobs, stages_of
from capacity.traces.job_names import common_name
from capacity.traces.run import Run

_loads: Callable[[bytes], Any]
try:
    from orjson import loads as _loads
except ImportError:  # in Spark's image
    _loads = json.loads

SOURCE: Final = "events"
PARTIAL: Final = " (partial)"
_EVENT: Final = b'{"Event":"'
_TASK_END: Final = b'{"Event":"SparkListenerTaskEnd",'
_TASK: Final = re.compile(
    rb'\{"Event":"SparkListenerTaskEnd","Stage ID":(\d+),"Stage Attempt ID":(\d+),"Task Type":"\w+",'
    rb'"Task End Reason":\{"Reason":"Success"\},"Task Info":\{"Task ID":\d+,"Index":\d+,"Attempt":\d+,'
    rb'(?:"Partition ID":-?\d+,)?"Launch Time":(\d+),"Executor ID":"([^"\\]*)","Host":"[^"\\]*","Locality":"\w+",'
    rb'"Speculative":(?:true|false),"Getting Result Time":\d+,"Finish Time":(\d+),"Failed":false,"Killed":false[,}]'
)
_YARN: Final = re.compile(r"(application_\d+_\d+)_(\d+)")
"""What a log on YARN is called after: the application, and which attempt."""
_REDACTED: Final = "*********(redacted)"
_NONE: Final = "no event log: encrypted, or something else"
_DATABRICKS_NAME: Final = "spark.databricks.clusterUsageTags.clusterName"
_DATABRICKS_JOB: Final = re.compile(r"job-(\d+)-run-\d+(.*)")


class NoEventLog(Exception):
    """A log can't be used; the message says why, as half a sentence."""


class Unfinished(NoEventLog):
    """The application still runs, or nobody wrote down how it ended."""


@dataclass(frozen=True)
class Options:
    """What is taken of a log.

    Args:
        unfinished: also what has no end: it then ends with its last event.
    """

    unfinished: bool = False


class Extraction:
    """Reads one application's events in their order.

    Args:
        identity: of the application, where the log doesn't say: its beginning may be gone.
    """

    def __init__(self, identity: str) -> None:
        yarn = _YARN.fullmatch(identity)
        self._identity, self._attempt = yarn.groups() if yarn else (identity, "")
        self._name: str | None = None
        self._user: str | None = None
        self._started: int | None = None
        self._ended: int | None = None
        self._first: int | None = None
        self._last = 0
        self._settings: dict[str, str] = {}
        self._profile: dict[str, float] = {}
        self._attempts: dict[tuple[bytes, bytes], Attempt] = {}
        self._jobs = Jobs()
        self._executors: dict[bytes, _Executor] = {}
        self._wanted_tasks = 0
        self._broken = False
        self._events = 0
        self._handlers: Mapping[bytes, Callable[[dict[str, Any]], None]] = {
            b"SparkListenerTaskEnd": self._task_end,
            b"SparkListenerStageSubmitted": self._stage_submitted,
            b"SparkListenerStageCompleted": self._stage_completed,
            b"SparkListenerJobStart": self._job_start,
            b"SparkListenerJobEnd": self._job_end,
            b"SparkListenerExecutorAdded": self._executor_added,
            b"SparkListenerExecutorRemoved": self._executor_removed,
            b"SparkListenerEnvironmentUpdate": self._environment_update,
            b"SparkListenerResourceProfileAdded": self._resource_profile_added,
            b"SparkListenerApplicationStart": self._application_start,
            b"SparkListenerApplicationEnd": self._application_end,
        }

    def feed(self, lines: Iterable[bytes]) -> None:
        """Reads more lines, without their ends.

        Raises:
            NoEventLog: a line before the last one is no event.
        """
        task, attempts, executors = _TASK.match, self._attempts, self._executors
        for line in lines:
            if self._broken:
                raise NoEventLog(f"damaged: line {self._events + 1} is no event" if self._events else _NONE)
            self._events += 1
            if found := task(line):
                stage, attempt, launched, executor, finished = found.groups()
                start, end = int(launched), int(finished)
                try:
                    attempts[stage, attempt].succeeded(start, end)
                except KeyError:
                    self._attempt_of(stage, attempt).succeeded(start, end)
                if executor not in executors:
                    self._unseen(executor)
                if end > self._last:
                    self._last = end
            else:
                self._other(line)

    def _other(self, line: bytes) -> None:
        if line.startswith(_EVENT):
            handler = self._handlers.get(line[len(_EVENT) : line.find(b'"', len(_EVENT))])
            if handler is None and line.endswith(b"}"):
                return
        elif not line.strip():
            return
        event = _parsed(line)
        if event is None:
            self._broken = True
            self._events -= 1
            return
        handler = self._handlers.get(str(event.get("Event")).encode())
        if handler is not None:
            try:
                handler(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise NoEventLog(f"line {self._events} has another form than Spark writes ({error!r})") from error

    def run(self, options: Options, *, partial: bool) -> Run:
        """The run whose events were read; its `queue` is the source's own place: a namespace or YARN's queue, or empty.

        Args:
            options: what is taken.
            partial: the log's beginning is known to be gone.

        Raises:
            NoEventLog: there is none, or it has no end.
        """
        if not self._events:
            raise NoEventLog(_NONE if self._broken else "empty")
        if self._started is None and not (partial or self._attempts):
            raise NoEventLog("no event log: no application starts in it")
        if self._ended is None and not options.unfinished:
            cut = ": its last line is half written" if self._broken else ""
            raise Unfinished(f"unfinished{cut}; the application runs, or its driver was killed")
        started = self._started if self._started is not None else self._first
        if started is None:
            raise NoEventLog("nothing that has a time is in it")
        partial |= self._started is None
        ended = max(self._ended if self._ended is not None else self._last, started)
        slots = self._slots()
        for executor in self._executors.values():
            executor.limit(started, ended)
        busy = sum(attempt.milliseconds for attempt in self._attempts.values())
        minimum, maximum = spark_sizes.executors(self._settings) if self._settings else (None, None)
        local = self._settings.get("spark.master", "").startswith("local[") or not self._settings
        return Run(
            queue=self._place(),
            job=self._identity if self._attempt in ("", "1") else f"{self._identity}_{self._attempt}",
            name=self._common_name(),
            user=self._user,
            deadline=marks.deadline(self._settings),
            backfill=marks.backfill(self._settings),
            gang=marks.gang(self._settings),
            started=_time(started),
            ended=_time(ended),
            driver_cpu=None if local else spark_sizes.cpu({"spark.driver.cores": "1", **self._settings}, "driver"),
            driver_memory=None if local else spark_sizes.memory(self._settings, "driver"),
            executor_cpu=None if local else self._executor_cpu(),
            executor_memory=None if local else self._executor_memory(),
            task_slots=slots,
            requested_executors=self._requested(slots, minimum, maximum),
            peak_executors=_peak(self._executors.values()),
            minimum_executors=minimum,
            maximum_executors=maximum,
            executor_seconds=sum(one.removed - one.added for one in self._executors.values() if one.removed) / 1000,
            busy_seconds=busy / 1000 / slots if slots else None,
            stages=stages_of(self._attempts.values(), self._jobs, started, ended),
            source=SOURCE + (PARTIAL if partial else ""),
        )

    def _place(self) -> str:
        settings = self._settings
        if settings.get("spark.master", "").startswith("k8s"):
            return settings.get("spark.kubernetes.namespace", "default")
        if settings.get("spark.master", "").startswith("yarn"):
            return settings.get("spark.yarn.queue", "default")
        return settings.get(_DATABRICKS_NAME, "")

    def _common_name(self) -> str:
        if cluster := self._settings.get(_DATABRICKS_NAME):
            job = _DATABRICKS_JOB.fullmatch(cluster)
            return f"job-{job[1]}{job[2]}" if job else cluster
        return common_name(self._name or self._settings.get("spark.app.name") or self._identity)

    def _slots(self) -> int | None:
        cores = self._cores()
        cpus = self._profile.get("cpus") or _number(self._settings.get("spark.task.cpus")) or 1
        return max(1, int(cores / cpus)) if cores else None

    def _cores(self) -> float | None:
        """Of an executor, as most of them have."""
        seen = [one.cores for one in self._executors.values() if one.cores]
        if seen:
            return max(set(seen), key=seen.count)
        return self._profile.get("cores") or _number(self._settings.get("spark.executor.cores"))

    def _executor_cpu(self) -> int | None:
        asked = spark_sizes.millicores(self._settings.get("spark.kubernetes.executor.request.cores"))
        cores = self._profile.get("cores") or self._cores()
        return asked or (int(cores * 1000) if cores else None)

    def _executor_memory(self) -> int:
        """As the default profile says, which is the settings' where there is one."""
        if "memory" not in self._profile:
            return spark_sizes.memory(self._settings, "executor")
        unit = spark_sizes.MIB
        heap = int(self._profile["memory"]) * unit
        given = self._profile.get("memoryOverhead")
        overhead = spark_sizes.overhead(self._settings, "executor", heap) if given is None else int(given) * unit
        return heap + overhead + int(self._profile.get("pyspark.memory", 0) + self._profile.get("offHeap", 0)) * unit

    def _requested(self, slots: int | None, minimum: int | None, maximum: int | None) -> int | None:
        """The most executors that waiting and running tasks could use at once, within the settings' bounds.

        Source: apache/spark v4.0, ExecutorAllocationManager.scala (maxNumExecutorsNeededPerResourceProfile)
        """
        if minimum is not None and minimum == maximum:
            return minimum
        if not slots:
            return None
        ratio = _number(self._settings.get("spark.dynamicAllocation.executorAllocationRatio")) or 1
        needed = -int(-self._wanted_tasks * ratio // slots)
        initial = spark_sizes.whole(self._settings, "spark.dynamicAllocation.initialExecutors")
        needed = max(needed, minimum or 0, initial or 0)
        return needed if maximum is None else min(needed, maximum)

    def _attempt_of(self, stage: bytes, attempt: bytes) -> Attempt:
        return self._attempts.setdefault((stage, attempt), Attempt(int(stage), int(attempt)))

    def _unseen(self, executor: bytes) -> None:
        """An executor whose beginning the log doesn't have."""
        self._executors[executor] = _Executor(self._first if self._first is not None else self._last, None, 0)

    def _at(self, time: int) -> None:
        if self._first is None or time < self._first:
            self._first = time
        self._last = max(self._last, time)

    def _task_end(self, event: dict[str, Any]) -> None:
        info = event["Task Info"]
        start, end = int(info["Launch Time"]), int(info["Finish Time"])
        attempt = self._attempt_of(b"%d" % event["Stage ID"], b"%d" % event["Stage Attempt ID"])
        if event["Task End Reason"]["Reason"] == "Success":
            attempt.succeeded(start, end)
        else:
            attempt.failed(start, end)
        executor = str(info["Executor ID"]).encode()
        if executor not in self._executors:
            self._unseen(executor)
        self._at(start)
        self._at(end)

    def _stage_submitted(self, event: dict[str, Any]) -> None:
        attempt = self._stage(event["Stage Info"])
        self._jobs.began(attempt)
        wanted = sum(max(one.tasks - one.successes, 0) for one in self._jobs.active)
        self._wanted_tasks = max(self._wanted_tasks, wanted)

    def _stage_completed(self, event: dict[str, Any]) -> None:
        self._jobs.completed(self._stage(event["Stage Info"]))

    def _stage(self, info: dict[str, Any]) -> Attempt:
        attempt = self._attempt_of(b"%d" % info["Stage ID"], b"%d" % info["Stage Attempt ID"])
        attempt.tasks = int(info["Number of Tasks"])
        attempt.parents = tuple(info.get("Parent IDs", ()))
        for key in ("Submission Time", "Completion Time"):
            if (time := info.get(key)) is not None:
                self._at(time)
        attempt.submitted = info.get("Submission Time", attempt.submitted)
        attempt.completed = info.get("Completion Time", attempt.completed)
        return attempt

    def _job_start(self, event: dict[str, Any]) -> None:
        self._at(event["Submission Time"])
        self._jobs.start(event["Job ID"], event["Submission Time"], event["Stage IDs"])

    def _job_end(self, event: dict[str, Any]) -> None:
        self._at(event["Completion Time"])
        self._jobs.end(event["Job ID"], event["Completion Time"])

    def _executor_added(self, event: dict[str, Any]) -> None:
        self._at(event["Timestamp"])
        cores = int(event["Executor Info"]["Total Cores"])
        self._executors[str(event["Executor ID"]).encode()] = _Executor(event["Timestamp"], None, cores)

    def _executor_removed(self, event: dict[str, Any]) -> None:
        self._at(event["Timestamp"])
        executor = str(event["Executor ID"]).encode()
        if executor not in self._executors:
            self._unseen(executor)
        self._executors[executor].removed = event["Timestamp"]

    def _environment_update(self, event: dict[str, Any]) -> None:
        properties = event["Spark Properties"]
        pairs = properties.items() if isinstance(properties, dict) else properties
        self._settings.update({key: value for key, value in pairs if value != _REDACTED})

    def _resource_profile_added(self, event: dict[str, Any]) -> None:
        """Of the default profile; jobs that schedule by stage have others beside it."""
        if event["Resource Profile Id"] == 0:
            for requests in ("Executor Resource Requests", "Task Resource Requests"):
                self._profile.update({name: one["Amount"] for name, one in event[requests].items()})

    def _application_start(self, event: dict[str, Any]) -> None:
        self._started = event["Timestamp"]
        self._at(event["Timestamp"])
        self._name, self._user = event["App Name"], event.get("User")
        self._identity = event.get("App ID") or self._identity
        self._attempt = event.get("App Attempt ID") or ""

    def _application_end(self, event: dict[str, Any]) -> None:
        self._ended = event["Timestamp"]
        self._at(event["Timestamp"])


@dataclass
class _Executor:
    """Milliseconds at which it came and went, and its cores, 0 where they aren't known."""

    added: int
    removed: int | None
    cores: int

    def limit(self, started: int, ended: int) -> None:
        """Keep its life within the run's."""
        self.added = min(max(self.added, started), ended)
        self.removed = min(max(ended if self.removed is None else self.removed, self.added), ended)


def _peak(executors: Iterable[_Executor]) -> int:
    changes = []
    for one in executors:
        changes.append((one.added, 1))
        changes.append((one.removed or one.added, -1))
    alive = most = 0
    for _, change in sorted(changes):
        alive += change
        most = max(most, alive)
    return most


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = _loads(line)
    except (ValueError, RecursionError):
        try:
            event = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    return event if isinstance(event, dict) and "Event" in event else None


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
