"""Where event logs lie: folders of this machine, and prefixes of S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from capacity.errors import CapacityError
from capacity.traces.event_logs.finding import File

S3: Final = ("s3://", "s3a://", "s3n://")


def files_of(place: str) -> list[File]:
    """All files of a folder or prefix, at any depth, or the one that it names.

    Raises:
        CapacityError: it isn't there, or can't be read.
    """
    return _files_of_s3(place) if place.startswith(S3) else _files_here(Path(place))


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file's bytes as they are stored.

    Raises:
        OSError: it can't be read.
    """
    if path.startswith(S3):
        system, name = _s3(path)
        with system.open_input_stream(name, compression=None, buffer_size=2**22) as stream:
            yield cast("BinaryIO", stream)
    else:
        with Path(path).open("rb") as file:
            yield file


def _files_here(place: Path) -> list[File]:
    if place.is_file():
        return [_file(place)]
    if not place.is_dir():
        raise CapacityError([f"{place} is not there; name a folder with event logs, one log, or s3://BUCKET/PREFIX"])
    found = []
    for folder, _, names in os.walk(place, followlinks=True):
        found += [_file(path) for name in names if (path := Path(folder, name)).is_file()]
    return found


def _file(path: Path) -> File:
    facts = path.stat()
    return File(str(path), facts.st_size, str(facts.st_mtime_ns))


def _files_of_s3(place: str) -> list[File]:
    from pyarrow import fs

    system, name = _s3(place)
    try:
        (itself,) = system.get_file_info([name])
        if itself.type == fs.FileType.File:
            return [File(f"s3://{itself.path}", itself.size, str(itself.mtime_ns))]
        infos = system.get_file_info(fs.FileSelector(name, recursive=True))
    except OSError as error:
        raise CapacityError([f"{place} can't be listed: {error}"]) from error
    return [File(f"s3://{one.path}", one.size, str(one.mtime_ns)) for one in infos if one.type == fs.FileType.File]


_systems: Final[dict[str, Any]] = {}


def _s3(place: str) -> tuple[Any, str]:
    """A bucket's file system, with the credentials of the environment, and the path in it.

    The region is the bucket's own; `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` name another server than AWS's.
    """
    from pyarrow import fs

    name = place.partition("://")[2].rstrip("/")
    bucket = name.partition("/")[0]
    if bucket not in _systems:
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        try:
            if endpoint:
                region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
                _systems[bucket] = fs.S3FileSystem(endpoint_override=endpoint, region=region)
            else:
                _systems[bucket] = fs.S3FileSystem(region=fs.resolve_s3_region(bucket))
        except OSError as error:
            raise CapacityError([f"s3://{bucket} can't be reached: {error}"]) from error
    return _systems[bucket], name
