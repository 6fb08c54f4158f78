"""One event log, from its files to its run."""

from __future__ import annotations

from capacity.traces.event_logs.compression import Damaged, lines, plain
from capacity.traces.event_logs.extraction import Extraction, NoEventLog, Options
from capacity.traces.event_logs.finding import File, Log
from capacity.traces.event_logs.storage import opened
from capacity.traces.run import Run


def run_of(log: Log, options: Options) -> Run:
    """The run that a log recorded; its `queue` is the source's own place (`Extraction.run`).

    Raises:
        NoEventLog: it can't be used; the message says why.
    """
    extraction = Extraction(log.identity)
    taken = Options(unfinished=options.unfinished or log.open_ended)
    *others, last = log.files
    for file in others:
        _feed(extraction, file, cut=False)
    _feed(extraction, last, cut=options.unfinished)
    return extraction.run(taken, partial=log.partial)


def _feed(extraction: Extraction, file: File, *, cut: bool) -> None:
    """Reads a file; with `cut` as far as its compression goes."""
    try:
        with opened(file.path) as stored:
            for some in lines(plain(stored)):
                extraction.feed(some)
    except Damaged as error:
        if not cut:
            raise NoEventLog(f"half written or damaged: {error}") from error
    except OSError as error:
        raise NoEventLog(f"{file.path} can't be read: {error.strerror or error}") from error
