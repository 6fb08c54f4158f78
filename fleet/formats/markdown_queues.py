"""What queues' jobs reach, in a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleet.formats.markdown_parts import ELSEWHERE, plain, table_row
from fleet.formats.reach import HEADING, ReachLine, reach_lines
from fleet.offline.pools import QueueRow
from sizing.markdown import code_span

MAXIMUM_REACHED: Final = 30
"""Things that the jobs of a stack's queues reach: more would leave other stacks no room in the comment."""


def reached_lines(rows: Sequence[QueueRow]) -> Iterator[str]:
    """A table of what jobs reach, as much as a comment has room for; what is left out is counted."""
    found = [(row.queue, line) for row in rows for line in reach_lines(row.reached)]
    if found:
        yield f"What jobs reach {HEADING}:"
        yield ""
        yield "| queue | what | name | how | where |"
        yield "|---|---|---|---|---|"
        for queue, line in found[:MAXIMUM_REACHED]:
            yield table_row([plain(queue), *_cells(line)])
        if len(found) > MAXIMUM_REACHED:
            yield table_row([f"{len(found) - MAXIMUM_REACHED} more: {ELSEWHERE}", "", "", "", ""])
        yield ""


def _cells(line: ReachLine) -> list[str]:
    """As code, so that no address becomes a link."""
    code = [code_span(text).replace("|", r"\|") if text else "" for text in (line.name, line.where)]
    return [line.kind, code[0], plain(line.how), code[1]]
