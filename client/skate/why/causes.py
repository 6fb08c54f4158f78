"""Why a job is where it is: one cause, one remedy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WIDTH: Final = 80
MOST_LINES: Final = 8
"""Of what shows a cause."""
LONGEST_LINE: Final = 300


class Kind(StrEnum):
    """What made a job end, or wait."""

    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    RUNNING = "running"
    REFUSED = "refused"
    SUBMISSION = "submission failed"
    PROGRAM_MISSING = "program not found"
    DEPENDENCY = "dependency not found"
    IMAGE = "image not pulled"
    SECRET = "secret not read"  # noqa: S105
    SETTINGS = "setting not possible"
    EXECUTOR_MEMORY = "executor killed for memory"
    EXECUTOR_HEAP = "executor out of heap"
    DRIVER_MEMORY = "driver killed for memory"
    DRIVER_HEAP = "driver out of heap"
    PYTHON_WORKER = "Python worker killed"
    RESULT_SIZE = "result too large"
    DISK = "disk full"
    STORAGE_DENIED = "storage denied"
    STORAGE_MISSING = "storage not found"
    CONNECTION = "no connection"
    USER_CODE = "exception in the program"
    EXIT_CODE = "program ended itself"
    NODE_LOST = "node lost"
    EVICTED = "evicted"
    EXECUTOR_LOST = "executors lost"
    EXECUTORS_FAILING = "executors fail again and again"
    TIMEOUT = "took too long"
    TURN = "waits for its turn"
    QUEUE_FULL = "queue full"
    CAPACITY = "no capacity"
    NO_ROOM = "waits for a node"
    EXECUTORS_WAIT = "executors wait"
    STARTING = "starting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a job is where it is.

    Attributes:
        kind: of what sort it is.
        what: what happened, a sentence with the values found.
        remedy: what to do, a sentence that begins with it.
        evidence: the lines that show it.
    """

    kind: Kind
    what: str
    remedy: str
    evidence: tuple[str, ...] = ()

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """For a person to read: what to do, why, and what shows it."""
        yield from _wrapped(self.remedy, width)
        yield ""
        yield from _wrapped(f"Why ({self.kind}): {self.what}", width)
        if self.evidence:
            yield ""
            for line in self.evidence:
                yield from _wrapped(line, width, "  ")


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A kind in the guide.

    Attributes:
        means: what it says of the job.
        do: what to do.
    """

    means: str
    do: str


def shown(*lines: str) -> tuple[str, ...]:
    """The lines that show a cause: few, none twice, none endless."""
    kept = dict.fromkeys(line.rstrip()[:LONGEST_LINE] for line in lines if line.strip())
    return tuple(kept)[:MOST_LINES]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    further = f"{indent}  " if indent else ""
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)


MEANINGS: Final[Mapping[Kind, Meaning]] = {
    Kind.EXECUTOR_MEMORY: Meaning(
        means="The kernel killed an executor (137): heap, Python and Spark's own memory passed what its pod may have. "
        "What failed after it, such as a fetch of its shuffle files, follows from that.",
        do="More `executor.memoryOverhead` for Python or native code, more `executor.memory` or fewer "
        "`executor.cores` for the JVM; or smaller partitions.",
    ),
    Kind.EXECUTOR_HEAP: Meaning(
        means="Java in an executor had no heap left: `OutOfMemoryError`.",
        do="More `executor.memory`, fewer `executor.cores` (tasks share the heap), or more and smaller partitions.",
    ),
    Kind.DRIVER_MEMORY: Meaning(
        means="The kernel killed the driver (137): its pod has too little memory for heap and Python together.",
        do="More `driver.memoryOverhead` for Python's part (pandas, `toPandas`), more `driver.memory` for Java's.",
    ),
    Kind.DRIVER_HEAP: Meaning(
        means="Java in the driver had no heap left: `collect`, `toPandas`, a large broadcast, or many files or tasks.",
        do="Write the result instead of collecting it, or give more `driver.memory`.",
    ),
    Kind.PYTHON_WORKER: Meaning(
        means="A Python process of an executor ended while it worked: killed for memory, or a crash in native code.",
        do="More `executor.memoryOverhead` (Python's memory is there, not in `executor.memory`), or smaller batches.",
    ),
    Kind.RESULT_SIZE: Meaning(
        means="Tasks wanted to send the driver more than `spark.driver.maxResultSize`.",
        do="Write the result or aggregate it first; only then raise the setting, and the driver's memory with it.",
    ),
    Kind.DISK: Meaning(
        means="The disk for shuffle and spill was full, or a pod used more of it than it may.",
        do="Smaller partitions in more executors, a pool with larger disks, or less to cache on disk.",
    ),
    Kind.IMAGE: Meaning(
        means="The node could not pull the image of driver or executors.",
        do="Correct `image`; the platform's owners can say which registries and names nodes may pull.",
    ),
    Kind.STORAGE_DENIED: Meaning(
        means="S3 answered 403: the queue's role has no right to that bucket or prefix (or its key).",
        do="An owner of the tenant adds the location to the queue's `data`; another account's bucket must let the "
        "role in, too.",
    ),
    Kind.STORAGE_MISSING: Meaning(
        means="There is no such bucket, object or folder.",
        do="Correct the location.",
    ),
    Kind.REFUSED: Meaning(
        means="Admission, or the API server itself, refused the job or its pods. Each rule is named.",
        do="Change what the message names, and submit it again.",
    ),
    Kind.NODE_LOST: Meaning(
        means="A node went away under driver or executors: Spot took it back, or it was drained or broke.",
        do="Run it again. If it must not happen: a pool of on-demand nodes; drivers have them anyway.",
    ),
    Kind.EVICTED: Meaning(
        means="Kubernetes evicted the driver or executors: preempted, or their node was short of something.",
        do="What the message names; else run it again.",
    ),
    Kind.QUEUE_FULL: Meaning(
        means="The queue, or the tenant, has all it may have; the job waits for others to end.",
        do="Wait, ask for less, or ask the tenant's owners for a higher `maxNodes`.",
    ),
    Kind.TURN: Meaning(
        means="As many jobs run as the queue lets run at once; others are before this one.",
        do="Wait; `skate queues` shows who is before it.",
    ),
    Kind.CAPACITY: Meaning(
        means="The cloud has no such nodes to give in the zone just now; other attempts follow by themselves.",
        do="Wait, or choose another pool; the tenant's owners can add instance types or zones.",
    ),
    Kind.NO_ROOM: Meaning(
        means="No node fits yet; one may be on its way.",
        do="Wait a few minutes; if it stays so, what the message names.",
    ),
    Kind.EXECUTORS_WAIT: Meaning(
        means="The driver runs and has no executors yet, or not all.",
        do="Wait; the message says what for.",
    ),
    Kind.DEPENDENCY: Meaning(
        means="A package, a jar, a file or a module that the job names isn't there.",
        do="Correct its name or version, or give it to the job: `--py-files`, `--requirements`, `--jars`, "
        "`--packages`.",
    ),
    Kind.PROGRAM_MISSING: Meaning(
        means="The program itself, or its main class, isn't where the job says.",
        do="Correct `mainApplicationFile` or `mainClass`.",
    ),
    Kind.USER_CODE: Meaning(
        means="The program threw an exception; its own file and line are named.",
        do="Mend the program, or the data that it met.",
    ),
    Kind.EXIT_CODE: Meaning(
        means="The program ended itself with a code other than 0, without an exception.",
        do="Look at the log's end: `skate logs`.",
    ),
    Kind.CONNECTION: Meaning(
        means="A host or a port couldn't be reached: no such name, a closed port, or no answer. What a queue may not "
        "reach gives no answer.",
        do="Correct host and port; an owner of the tenant can let the queue reach it: `reach`.",
    ),
    Kind.SECRET: Meaning(
        means="A secret of the queue couldn't be read before Spark started.",
        do="The tenant's owners: the secret must be there, and the queue's role and the key's policy must allow it.",
    ),
    Kind.SETTINGS: Meaning(
        means="Spark doesn't start with such settings.",
        do="Change the setting that the message names.",
    ),
    Kind.SUBMISSION: Meaning(
        means="The operator's spark-submit failed, for a reason other than those above.",
        do="What the message says; the platform's owners see the whole in the operator's log.",
    ),
    Kind.EXECUTORS_FAILING: Meaning(
        means="Executors ended one after the other, so often that Spark gave up, and nothing that is left says why.",
        do="Look at an executor's log, if one is left: `skate logs --executor N`.",
    ),
    Kind.EXECUTOR_LOST: Meaning(
        means="Executors went away, and with them what they held; nothing that is left says why.",
        do="Run it again; if it comes back, more memory for the executors is the first thing to try.",
    ),
    Kind.TIMEOUT: Meaning(
        means="Something gave no answer in time: an executor's heartbeat, a broadcast, a fetch.",
        do="Most often too little memory (long garbage collections) or too large a broadcast; the message names it.",
    ),
    Kind.STOPPED: Meaning(means="Somebody removed the job before it ended.", do="`skate rerun` starts it again."),
    Kind.SUCCEEDED: Meaning(means="It did what it should.", do="Nothing."),
    Kind.RUNNING: Meaning(means="It runs, and nothing speaks against that.", do="Nothing; `skate logs` shows more."),
    Kind.STARTING: Meaning(means="It is about to start.", do="Wait a minute."),
    Kind.UNKNOWN: Meaning(
        means="Nothing that is left tells. The last lines that look like errors are shown.",
        do="Look at the whole log: `skate logs`.",
    ),
}
