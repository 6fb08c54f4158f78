"""What queues' jobs reach and how they share their queue, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console

from fleet.formats.phrases import order_of_jobs
from fleet.formats.reach import HEADING, ReachLine, reach_lines
from fleet.offline.pools import QueueRow

SHOWN: Final = 8
"""Things of one kind that a queue reaches; more are counted, unless all resources are asked for."""
_INDENT: Final = 12
_WIDEST_NAME: Final = 36


def print_reach(console: Console, rows: Sequence[QueueRow], *, whole: bool) -> None:
    """Print what the jobs of queues reach, a paragraph a queue.

    Args:
        console: where to.
        rows: the queues.
        whole: name everything, however much it is.
    """
    console.print(f"Jobs, and what they reach {HEADING}", style="italic", highlight=False)
    for row in rows:
        console.print(f"\n {row.queue}: {order_of_jobs(row)}", highlight=False, markup=False, soft_wrap=True)
        for line in _lines(reach_lines(row.reached), whole=whole, width=console.width):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print()


def _lines(found: Sequence[ReachLine], *, whole: bool, width: int) -> Iterator[str]:
    for kind, group in groupby(found, key=lambda line: line.kind):
        lines = list(group)
        shown = lines if whole else lines[:SHOWN]
        longest = min(max(len(line.name) for line in shown), _WIDEST_NAME)
        for number, line in enumerate(shown):
            start = f"  {kind if number == 0 else '':<{_INDENT - 2}}"
            head = f"{start}{line.name:<{longest}}  {line.how}".rstrip()
            if not line.where:
                yield head
            elif len(head) + 2 + len(line.where) <= width:
                yield f"{head}  {line.where}"
            else:
                # An address of its own line can be copied, however narrow the terminal.
                yield head
                yield f"{'':{_INDENT + 2}}{line.where}"
        if len(shown) < len(lines):
            yield f"{'':{_INDENT}}and {len(lines) - len(shown)} more, which --resources names"
