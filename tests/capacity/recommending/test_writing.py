"""Recommended sizes in a stack file."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from capacity.declared import Queue, Schedule, platforms
from capacity.recommending.writing import with_sizes
from infra.settings.stack_file import stack_path
from sizing.schedules import Hours

ROOT = Path(__file__).resolve().parents[3]
QUEUES = [queue for platform in platforms(ROOT) for queue in platform.queues.values()]
NIGHT = Schedule(hours=Hours(days=("mon", "fri"), start=1375, end=60), zone=ZoneInfo("Europe/Berlin"), minimum=6)


def text_of(queue: Queue) -> str:
    """The sample's file that declares a queue."""
    return stack_path(ROOT, queue.stack).read_text(encoding="utf-8")


def changed(queue: Queue) -> Queue:
    """The queue with other sizes of everything."""
    pools = {
        name: replace(
            pool,
            minimum=0 if pool.spot else pool.minimum + 3,
            maximum=pool.maximum + 6,
            unneeded=300,
            schedules=() if pool.spot else (replace(NIGHT, minimum=2 * (pool.minimum + 3)),),
        )
        for name, pool in queue.pools.items()
    }
    return replace(queue, jobs=queue.jobs + 1, pools=pools)


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.namespace)
def test_a_file_with_the_sizes_it_has_is_as_it_was(queue: Queue) -> None:
    same = [pool for pool in queue.pools.values() if not pool.schedules]
    if len(same) == len(queue.pools):
        assert with_sizes(text_of(queue), queue) == text_of(queue)


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.namespace)
def test_what_is_written_is_read_as_it_was_meant(queue: Queue, tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for path in (ROOT / "stacks").glob("Pulumi.*.yaml"):
        (tmp_path / "stacks" / path.name).write_bytes(path.read_bytes())
    wanted = changed(queue)
    stack_path(tmp_path, queue.stack).write_text(with_sizes(text_of(queue), wanted), encoding="utf-8")
    read = next(p.queues[queue.namespace] for p in platforms(tmp_path) if queue.namespace in p.queues)
    assert read == wanted


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.namespace)
def test_comments_and_other_lines_stay(queue: Queue) -> None:
    before = text_of(queue).splitlines()
    after = with_sizes(text_of(queue), changed(queue)).splitlines()
    gone = [line[2:] for line in difflib.ndiff(before, after) if line.startswith("- ")]
    assert all(
        any(word in line for word in ("atOnce", "zones", "maxNodes", "days", "start", "end:", "timeZone", "nightly"))
        for line in gone
    )
    assert [line for line in after if "#" in line] == [line for line in before if "#" in line]


def test_schedules_that_are_not_wanted_go() -> None:
    (queue,) = [queue for queue in QUEUES if queue.namespace == "search-scheduled"]
    without = replace(queue, pools={name: replace(pool, schedules=()) for name, pool in queue.pools.items()})
    assert "schedules" in text_of(queue)
    assert "schedules" not in with_sizes(text_of(queue), without)
