"""Times the import of event logs on all cores, beside orjson over the same lines: `python -m tests.benchmarks.traces`.

The import is all of it: processes, decompression, extraction, the trace. orjson parses lines in memory,
split among as many processes as there are cores, and only that is timed. Logs are made here, with tasks as Spark 4.0
writes them; a folder of plain or compressed logs may be named instead.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cramjam
import orjson

from capacity.traces.building import build
from capacity.traces.event_logs.compression import lines, plain
from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import Log, logs_among
from capacity.traces.event_logs.importing import imported
from capacity.traces.event_logs.storage import files_of, opened
from capacity.traces.placing import Queues
from tests.capacity.traces.event_logs import written

LOGS: Final = 16
STAGES: Final = 40
TASKS: Final = 250
"""Of a stage: tasks are nearly all of a log, as in jobs of a size that matters."""
TURNS: Final = 5
SHARE: Final = 0.5
"""Of orjson's speed, at least."""
METRICS: Final = [
    "executorDeserializeTime",
    "executorDeserializeCpuTime",
    "executorRunTime",
    "executorCpuTime",
    "resultSize",
    "jvmGCTime",
    "resultSerializationTime",
    "memoryBytesSpilled",
    "diskBytesSpilled",
    "peakExecutionMemory",
    "shuffle.read.remoteBlocksFetched",
    "shuffle.read.localBlocksFetched",
    "shuffle.read.remoteBytesRead",
    "shuffle.read.remoteBytesReadToDisk",
    "shuffle.read.localBytesRead",
    "shuffle.read.fetchWaitTime",
    "shuffle.read.recordsRead",
    "shuffle.write.bytesWritten",
    "shuffle.write.recordsWritten",
    "shuffle.write.writeTime",
]


def task(stage: int, number: int) -> written.Event:
    """The end of a task with its accumulators and metrics, of about the size that it has in real logs."""
    event = written.task(stage, stage * 10, stage * 10 + number % 9 + 1, on=str(number % 8))
    event["Task Info"]["Accumulables"] = [
        {
            "ID": 31 + position,
            "Name": f"internal.metrics.{name}",
            "Update": number * 31 + position,
            "Value": number * 1009 + position,
            "Internal": True,
            "Count Failed Values": True,
        }
        for position, name in enumerate(METRICS)
    ]
    event["Task Metrics"] = {name: number + position for position, name in enumerate(METRICS)}
    return event


def make(folder: Path) -> None:
    """Logs of different applications in a folder, compressed as Spark does by default."""
    for log in range(LOGS):
        events = [written.profile(), written.environment(), written.start(identity=f"spark-{log}")]
        events += [written.executor(str(number), 1) for number in range(8)]
        for stage in range(STAGES):
            events += [written.job_start(stage, stage * 10, [stage]), written.submitted(stage, stage * 10, TASKS)]
            events += [task(stage, number) for number in range(TASKS)]
            events += [
                written.completed(stage, stage * 10, stage * 10 + 9, TASKS),
                written.job_end(stage, stage * 10 + 9),
            ]
        events.append(written.end(STAGES * 10))
        (folder / f"spark-{log}.zstd").write_bytes(bytes(cramjam.zstd.compress(written.text(*events), 1)))


def lines_of(logs: list[Log]) -> Iterator[bytes]:
    for log in logs:
        for file in log.files:
            with opened(file.path) as stored:
                for some in lines(plain(stored)):
                    yield from some


def parse(
    place: str,
    part: int,
    parts: int,
    turns: int,
    ready: multiprocessing.synchronize.Barrier,
    said: multiprocessing.queues.Queue[float],
) -> None:
    """Tells how long orjson took for its part of the lines, each time when all have begun at once."""
    mine = [
        line for number, line in enumerate(lines_of(logs_among(files_of(place)))) if number % parts == part and line
    ]
    loads = orjson.loads
    for _ in range(turns):
        ready.wait()
        start = time.perf_counter()
        for line in mine:
            loads(line)
        said.put(time.perf_counter() - start)
        ready.wait()


def main(arguments: list[str]) -> int:
    """Prints the figures; 1 where the import is too slow."""
    cores = os.cpu_count() or 1
    with TemporaryDirectory() as scratch:
        folder = Path(arguments[0]) if arguments else Path(scratch, "logs")
        if not arguments:
            folder.mkdir()
            make(folder)
        logs = logs_among(files_of(str(folder)))
        size = sum(len(line) + 1 for line in lines_of(logs))
        context = multiprocessing.get_context("spawn")
        ready, said = context.Barrier(cores + 1), context.Queue()
        parsers = [
            context.Process(target=parse, args=(str(folder), part, cores, TURNS, ready, said)) for part in range(cores)
        ]
        for parser in parsers:
            parser.start()
        ours, theirs = [], []
        for turn in range(TURNS):
            ready.wait()
            ready.wait()
            theirs.append(max(said.get() for _ in parsers))
            start = time.perf_counter()
            journal = Path(scratch, f"journal-{turn}")
            runs = imported(logs, journal, options=Options(unfinished=True), workers=cores, skip=lambda what, why: None)
            build(runs, Queues("ads-batch"), Path(scratch, "trace.parquet"))
            ours.append(time.perf_counter() - start)
        for parser in parsers:
            parser.join()
    megabytes = size / 1e6
    speed, reference = (megabytes / statistics.median(seconds) for seconds in (ours, theirs))
    share = speed / reference
    print(
        f"import of {megabytes:.0f} MB in {len(logs)} logs on {cores} cores: {speed:.0f} MB/s, "
        f"{share:.2f} x orjson over the same lines ({reference:.0f} MB/s), at least {SHARE}"
    )
    return int(share < SHARE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
