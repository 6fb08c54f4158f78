"""Which queue a run of another system would run in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from capacity.errors import CapacityError
from capacity.traces.run import Run

_QUEUE: Final = re.compile(r"[a-z][a-z0-9]*-[a-z0-9]([a-z0-9-]*[a-z0-9])?")
"""A namespace of the platform: `<tenant>-<queue>`."""
_SHOWN: Final = 10


@dataclass(frozen=True)
class Queues:
    """Queues by the places of another system.

    Args:
        all: the queue of everything that `of` doesn't name.
        of: queue by place; a place may have `*` and `?` in it, and the first that fits counts.
    """

    all: str | None = None
    of: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = [*self.of.values(), *([self.all] if self.all else [])]
        if wrong := sorted({queue for queue in given if not _QUEUE.fullmatch(queue)}):
            raise CapacityError(
                f"{queue!r} is no queue: name its namespace, <tenant>-<queue>, such as ads-batch" for queue in wrong
            )

    def queue(self, place: str) -> str | None:
        """The queue of a place; a namespace of the platform's own form is one itself."""
        for pattern, queue in self.of.items():
            if fnmatchcase(place, pattern):
                return queue
        return self.all or (place if _QUEUE.fullmatch(place) else None)


def placed(runs: Iterable[Run], queues: Queues) -> Iterator[Run]:
    """Runs in queues instead of their source's own places.

    Raises:
        CapacityError: at the end, if some have none: all of these places at once.
    """
    without: Counter[str] = Counter()
    for run in runs:
        if queue := queues.queue(run.queue):
            yield replace(run, queue=queue)
        else:
            without[run.queue] += 1
    if without:
        raise CapacityError(missing(without, "run"))


def missing(without: Counter[str], unit: str) -> Iterator[str]:
    """What to say where places have no queue.

    Args:
        without: how many things there are of each such place.
        unit: what they are, in the singular.
    """
    for place, count in without.most_common(_SHOWN):
        many = f"{count} {unit}{'s' if count > 1 else ''}"
        if place:
            yield f"no queue is said for {place!r} ({many}): add --queue-of '{place}=TENANT-QUEUE', or --queue for all"
        else:
            yield f"{many} don't say where they ran: add --queue TENANT-QUEUE"
    if len(without) > _SHOWN:
        yield f"and for {len(without) - _SHOWN} other places"
