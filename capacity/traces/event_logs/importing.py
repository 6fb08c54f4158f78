"""Many event logs on all cores, so that what was read once is not read again after an interruption."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from capacity.errors import CapacityError
from capacity.traces.event_logs.extraction import NoEventLog, Options
from capacity.traces.event_logs.finding import Log
from capacity.traces.event_logs.reading import run_of
from capacity.traces.run import Run, Stage
from capacity.traces.skipped import Skip

_READING: Final = "3"
"""Changes with what is made of a log: what an older program read is then read anew."""
_AHEAD: Final = 4
"""Logs that wait for each worker: enough that none idles."""
_TIMES: Final = ("submitted", "deadline", "started", "ended")


@dataclass(frozen=True)
class Outcome:
    """What became of one log: its run, or why there is none."""

    log: Log
    run: Run | None
    why: str = ""


def imported(
    logs: Sequence[Log],
    journal: Path,
    *,
    options: Options,
    workers: int,
    skip: Skip,
    progress: Callable[[int], None] = lambda size: None,
) -> Iterator[Run]:
    """The runs of logs, in the order in which they were read.

    Args:
        logs: to read.
        journal: a file that keeps what each log gave; with it an interrupted import goes on where it was. It stays
            until somebody removes it.
        options: what is taken of a log.
        workers: processes that read; 1 for this one alone.
        skip: is told of each log that can't be used, and why.
        progress: is told of bytes of logs that are done.

    Raises:
        CapacityError: a process died, or the journal can't be written.
    """
    marks = {_mark(log, options): log for log in logs}
    known = {mark for mark, _ in _noted(journal) if mark in marks}
    progress(sum(marks[mark].size for mark in known))
    left = [log for mark, log in marks.items() if mark not in known]
    try:
        with journal.open("ab") as file:
            file.write(b"\n")  # the last line may be half written
            for outcome in _outcomes(left, options, workers):
                file.write(note_of(outcome, options) + b"\n")
                file.flush()
                progress(outcome.log.size)
    except BrokenProcessPool as error:
        raise CapacityError(
            ["a process that read logs was ended, perhaps for want of memory; the same command goes on where it was"]
        ) from error
    except OSError as error:
        raise CapacityError([f"{journal} can't be written: {error.strerror or error}"]) from error
    yield from _used((note for mark, note in _noted(journal) if marks.pop(mark, None)), skip)


def extracted(lines: Iterable[bytes | str], skip: Skip) -> Iterator[Run]:
    """The runs that a Spark job read (`spark_job`).

    Args:
        lines: that it wrote.
        skip: is told of each log that can't be used, and why.
    """
    yield from _used((note for line in lines for _, note in _note(line)), skip)


def note_of(outcome: Outcome, options: Options) -> bytes:
    """A line of JSON that says what a log gave."""
    log = outcome.log
    note = {"mark": _mark(log, options), "place": log.place, "run": outcome.run, "why": outcome.why}
    return orjson.dumps(note)


def _used(notes: Iterable[dict[str, Any]], skip: Skip) -> Iterator[Run]:
    seen: set[str] = set()
    for note in notes:
        if note["run"] is None:
            skip(note["place"], note["why"])
        elif note["run"]["job"] in seen:
            skip(note["place"], f"another log of {note['run']['job']}, which has been read")
        else:
            seen.add(note["run"]["job"])
            yield run_from(note["run"])


def run_from(values: Mapping[str, Any]) -> Run:
    """A run from what JSON made of its fields."""
    times = {name: datetime.fromisoformat(values[name]) for name in _TIMES if values[name]}
    stages = tuple(Stage(**{**stage, "after": tuple(stage["after"])}) for stage in values["stages"])
    return Run(**{**values, **times, "stages": stages})


def read_one(log: Log, options: Options) -> Outcome:
    """What one log gives; never fails for what is in it."""
    try:
        return Outcome(log, run_of(log, options))
    except NoEventLog as error:
        return Outcome(log, None, str(error))


def _mark(log: Log, options: Options) -> str:
    return hashlib.sha256(f"{_READING}|{options}|{log.fingerprint}".encode()).hexdigest()


def _noted(journal: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the journal has; its last line may be half written."""
    if not journal.is_file():
        return
    with journal.open("rb") as file:
        for line in file:
            yield from _note(line)


def _note(line: bytes | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A line's note with its mark; nothing where it is half written."""
    try:
        note = orjson.loads(line)
        yield note["mark"], note
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return


def _outcomes(left: Iterable[Log], options: Options, workers: int) -> Iterator[Outcome]:
    """As they come, the largest logs first, so that no worker is alone with one at the end."""
    order = sorted(left, key=lambda log: -log.size)
    if workers == 1 or len(order) < 2:
        for log in order:
            yield read_one(log, options)
        return
    with ProcessPoolExecutor(min(workers, len(order)), multiprocessing.get_context("spawn")) as pool:
        running: set[Future[Outcome]] = set()
        waiting = iter(order)
        try:
            while True:
                for log in islice(waiting, workers * _AHEAD - len(running)):
                    running.add(pool.submit(read_one, log, options))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
