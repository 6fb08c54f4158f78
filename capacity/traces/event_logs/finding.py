"""Event logs among the files of a folder, however Spark and others lay them out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from posixpath import basename, dirname
from typing import Final

ROLLING: Final = "eventlog_v2_"
_PART: Final = re.compile(r"events_(\d+)_(.+)")
_COMPACT: Final = ".compact"
_DATABRICKS: Final = re.compile(r"eventlog(?:-(\d{4}-\d{2}-\d{2}--\d{2}-\d{2}))?(?:\.gz)?")
_IN_PROGRESS: Final = ".inprogress"
_CODECS: Final = (".lz4", ".snappy", ".zstd", ".zst", ".lzf", ".gz", ".bz2", ".json", ".log")
_OTHERS: Final = re.compile(r"[._].*|appstatus_.*|.*[.](crc|parquet|jar|py|sh|metadata)")


@dataclass(frozen=True)
class File:
    """A file, its bytes, and when it was last written, in nanoseconds since 1970: so one sees that it has changed."""

    path: str
    size: int
    changed: str


@dataclass(frozen=True)
class Log:
    """The files of one application.

    Args:
        place: the file or folder, as it is shown to people.
        identity: what it is called after: the application's identifier, as a rule.
        files: in their order.
        partial: its first files are gone.
        open_ended: it says nothing of its end even when it has one, as on Databricks.
    """

    place: str
    identity: str
    files: tuple[File, ...]
    partial: bool = False
    open_ended: bool = False

    @property
    def size(self) -> int:
        """Bytes to be read."""
        return sum(file.size for file in self.files)

    @property
    def written(self) -> datetime:
        """When somebody last wrote to it."""
        return datetime.fromtimestamp(max(int(file.changed) for file in self.files) / 1e9, timezone.utc)

    @property
    def fingerprint(self) -> str:
        """The same as long as nothing was written to it."""
        return "|".join(f"{file.path}:{file.size}:{file.changed}" for file in self.files)


def logs_among(files: Iterable[File]) -> list[Log]:
    """The logs, in order of their places.

    Single files are a log each, and so are the folders `eventlog_v2_*` of rolling logs and those of Databricks, with
    `eventlog` and older parts beside it. What Spark compacted stands for the parts before it.

    Source: apache/spark v4.0, deploy/history/EventLogFileWriters.scala, EventLogFileReaders.scala
    """
    found: list[Log] = []
    folders: dict[str, list[File]] = {}
    databricks: dict[str, list[File]] = {}
    for file in files:
        folder, name = dirname(file.path), basename(file.path)
        if basename(folder).startswith(ROLLING):
            folders.setdefault(folder, []).append(file)
        elif _DATABRICKS.fullmatch(name):
            databricks.setdefault(folder, []).append(file)
        elif not _OTHERS.fullmatch(name):
            found.append(Log(place=file.path, identity=_identity(name), files=(file,)))
    found += [log for folder, parts in folders.items() if (log := _rolling(folder, parts))]
    found += [_of_databricks(folder, parts) for folder, parts in databricks.items()]
    return sorted(found, key=lambda log: log.place)


def _identity(name: str) -> str:
    name = name.removesuffix(_IN_PROGRESS)
    for codec in _CODECS:
        name = name.removesuffix(codec)
    return name


def _rolling(folder: str, files: Iterable[File]) -> Log | None:
    """The log of a folder; `None` where nothing has been written to it yet."""
    parts = [
        (int(match[1]), match[2].endswith(_COMPACT), file)
        for file in files
        if (match := _PART.fullmatch(basename(file.path)))
    ]
    if not parts:
        return None
    compacted = max((number for number, compact, _ in parts if compact), default=0)
    kept = [part for part in parts if part[0] > compacted or (part[0] == compacted and part[1])]
    kept.sort(key=lambda part: part[0])
    numbers = [number for number, _, _ in kept]
    return Log(
        place=folder,
        identity=basename(folder).removeprefix(ROLLING),
        files=tuple(file for _, _, file in kept),
        partial=(not compacted and numbers[0] > 1) or numbers != list(range(numbers[0], numbers[0] + len(numbers))),
    )


def _of_databricks(folder: str, files: Iterable[File]) -> Log:
    """Older parts are named for their time, the newest isn't. Folders: cluster, `eventlog`, host, context."""

    def age(file: File) -> str:
        match = _DATABRICKS.fullmatch(basename(file.path))
        return (match and match[1]) or "~"

    cluster = basename(dirname(folder)).partition("_")[0]
    identity = f"{cluster}-{basename(folder)}" if cluster else basename(folder)
    return Log(place=folder, identity=identity, files=tuple(sorted(files, key=age)), open_ended=True)
