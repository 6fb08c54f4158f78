"""Lines of files and prefixes, however they are compressed."""

from __future__ import annotations

from collections.abc import Iterator

from capacity.traces.event_logs.compression import Damaged, lines, plain
from capacity.traces.event_logs.storage import files_of, opened
from capacity.traces.skipped import Skip


def lines_of(place: str, skip: Skip) -> Iterator[str]:
    """All lines of all files of a place, as text.

    Args:
        place: a file, a folder, or `s3://BUCKET/PREFIX`.
        skip: is told of files that end too early, or can't be read.

    Raises:
        CapacityError: it isn't there.
    """
    for file in sorted(files_of(place), key=lambda file: file.path):
        try:
            with opened(file.path) as stored:
                for some in lines(plain(stored)):
                    for line in some:
                        yield line.decode("utf-8", "replace")
        except Damaged as error:
            skip(file.path, str(error))
        except OSError as error:
            skip(file.path, f"can't be read: {error.strerror or error}")
