"""Rows of a platform's picture: its pools and queues, with their nodes in columns by zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from fleet.formats.connections import JOBS, Connection, Kind
from fleet.formats.drawing import Box, Drawing, broken, fitted, text_width
from fleet.formats.sides import Mark, Sides, matched
from fleet.formats.topology import Nodes, ShownPool, ShownQueue, Zone
from sizing.quantities import GIB

LEFT: Final = 32
"""Where boxes of people, pools and queues start."""
LEFT_WIDTH: Final = 226
ZONES: Final = 290
ZONES_WIDTH: Final = 466
RIGHT: Final = 802
"""Where boxes of what is outside the zones start."""
RIGHT_WIDTH: Final = 240
OUTSIDE: Final = 3
"""Places and locations that a queue's box outside names; with more, the last line counts the others."""
SET_IN: Final = 12
LONGEST: Final = 4
"""Lines that one of them may take: the longest bucket's name takes three."""
GAP: Final = 12
"""Between rows."""
INSET: Final = 8
"""Between a zone's edge and its nodes."""
SMALL_ROW: Final = 26
"""Height of a queue that takes one line."""
LANES: Final = {"control": 14, "driver": 274, "scaling": 770, "outside": 786}
"""Where lines run down from row to row: from YuniKorn to queues, from drivers to executors, from the autoscaler to
groups, and from pods to what is outside."""


@dataclass
class Rows:
    """Draws rows, one below the other.

    Attributes:
        sheet: what is drawn on.
        zones: the columns.
        connections: of the platform; a line is drawn where there is one.
        y: where the next row starts.
        ends: where arrows leave each lane, by its name.
    """

    sheet: Drawing
    zones: Sequence[Zone]
    connections: Sequence[Connection]
    y: float
    ends: dict[str, float] = field(default_factory=dict)

    @property
    def column(self) -> float:
        """Width of a zone."""
        return ZONES_WIDTH / len(self.zones)

    def place(self, zone: str) -> float:
        """Where a zone starts."""
        return ZONES + self.column * [each.name for each in self.zones].index(zone)

    def leave(self, lane: str, x: float, y: float) -> None:
        """An arrow from a lane, at a height, to the edge of a box."""
        self.sheet.arrow((LANES[lane], y), (x, y), style=lane)
        self.ends[lane] = y

    def shared(self, sides: Sides[ShownPool]) -> float:
        """A pool of the platform; gives the height of its middle."""
        pool, style = sides.shown, sides.shown.row.purpose
        box = self._marked(style, 62, sides.mark, ", ".join(pool.row.instance_types))
        nodes = between(sides.then.nodes if sides.then else None, pool.nodes)
        how = "fixed" if pool.nodes.minimum == pool.nodes.maximum else "never scaled in" if pool.kept else "scaled"
        self.sheet.lines(box, [f"{style.capitalize()} pool", f"{_counted(nodes)}, {how}", types(pool)], step=16)
        self._cells(sides, self.y + 8, 46)
        middle = self.y + 31
        if self._scaled(pool):
            self.leave("scaling", self._edges(pool)[1], middle)
        self.y = box.bottom + GAP
        return middle

    def queue(self, sides: Sides[ShownQueue], *, small: bool) -> None:
        """A queue with its pools; a small one takes a line for each."""
        queue = sides.shown
        caption, cells, between_pools = (0, SMALL_ROW, 4) if small else (18, 40, 8)
        each = caption + cells + between_pools
        pools, lines = list(_pools(sides)), list(_sizes(sides))[: 1 if small else None]
        heading, outside = self._outside(queue)
        minimum = SMALL_ROW if small else max(14 + 16 * len(lines), 32 + 15 * len(outside) if heading else 0)
        box = self._marked("queue", max(minimum, each * len(pools) - between_pools), sides.mark, queue.stack)
        self.sheet.lines(box, lines, step=16, first=17 if small else 19)
        for index, pool in enumerate(pools):
            self._executors(queue, pool, self.y + index * each, caption, cells)
        middle = self.y + box.height / 2
        if self._has(Kind.CONTROL, queue, sources=("YuniKorn",)):
            self.leave("control", LEFT, middle)
        if heading:
            self._draw_outside(queue, box, heading, () if small else outside, small=small)
        self.y = box.bottom + (GAP / 2 if small else GAP)

    def _has(self, kind: Kind, queue: ShownQueue, *, sources: Sequence[str], target: str = "") -> bool:
        """Whether something may talk to something in a queue."""
        return any(
            one.kind is kind
            and queue.row.queue in one.queues
            and one.source in sources
            and one.target.startswith(target)
            for one in self.connections
        )

    def _executors(self, queue: ShownQueue, sides: Sides[ShownPool], top: float, caption: float, height: float) -> None:
        pool = sides.shown
        if caption:
            text = f"{pool.row.identity}: {types(pool)}, {pool.row.capacity}"
            self.sheet.text(ZONES + INSET, top + 12, fitted(text, ZONES_WIDTH - 2 * INSET, 11.5), "s")
        self._cells(sides, top + caption, height)
        first, last = self._edges(pool)
        upper, lower = top + caption + height / 2 - 6, top + caption + height / 2 + 6
        if sides.mark is Mark.REMOVED:
            return
        self.sheet.arrow((LEFT + LEFT_WIDTH, upper), (first, upper), style="control")
        if self._has(Kind.PODS, queue, sources=("pods of the queue", "anybody"), target="pods of the queue"):
            self.leave("driver", first, lower)
        if self._scaled(pool):
            self.leave("scaling", last, lower)

    def _outside(self, queue: ShownQueue) -> tuple[str, list[tuple[float, str]]]:
        """The places that the queue's pods reach, and what its role reads and writes in S3: how many, and lines with
        how far each is set in. Names are whole. Nothing where there are none, or no nodes that reach them.
        """
        places, objects = self._reached(queue)
        if not (objects or places) or not queue.pools:
            return "", []
        named = [*(f"{one.target}:{one.how.replace('TCP ', '')}" for one in places), *map(_stored, objects)]
        shown = named if len(named) <= OUTSIDE else named[: OUTSIDE - 1]
        lines = [(inset, line) for name in shown for inset, line in _lines(name)]
        if len(named) > len(shown):
            lines.append((0, f"and {len(named) - len(shown)} more"))
        return _counted_places(len(places), len(objects)), lines

    def _reached(self, queue: ShownQueue) -> tuple[list[Connection], list[Connection]]:
        own = [one for one in self.connections if queue.row.queue in one.queues]
        objects = [one for one in own if one.kind is Kind.STORAGE and one.source == JOBS]
        return [one for one in own if one.kind is Kind.PLACES], objects

    def _draw_outside(
        self, queue: ShownQueue, beside: Box, heading: str, lines: Sequence[tuple[float, str]], *, small: bool
    ) -> None:
        places, objects = self._reached(queue)
        title = "\n".join([*(f"{one.target} {one.how}" for one in places), *map(_stored, objects)])
        box = self.sheet.box(RIGHT, beside.y, RIGHT_WIDTH, beside.height, "service", title)
        self.sheet.lines(box, [heading], inset=9, first=17 if small else 19)
        for number, (inset, line) in enumerate(lines):
            self.sheet.text(box.x + 9 + inset, box.y + 35 + 15 * number, line, "s")
        y = beside.y + (SMALL_ROW / 2 - 6 if small else 32)
        self.sheet.arrow((self._edges(queue.pools[0])[1], y), (RIGHT, y), style="outside")
        if self._has(Kind.PODS, queue, sources=("pods of the queue",), target="any"):
            self.ends.setdefault("outside", y)

    def _cells(self, sides: Sides[ShownPool], y: float, height: float) -> None:
        """The nodes of a pool in each zone: a bar of what is always there within what may come."""
        pool, style = sides.shown, sides.shown.row.purpose
        for zone, nodes in pool.zones.items():
            x, width = self.place(zone) + INSET, self.column - 2 * INSET
            self.sheet.box(x, y, width, height, f"{style} {sides.mark}")
            said = between(sides.then.zones.get(zone) if sides.then else None, nodes)
            room, bottom = width - 18, y + height - (9 if height < 30 else 13)
            text = _counted(said) if text_width(_counted(said), 12) <= room else fitted(said, room, 12)
            self.sheet.text(x + 9, y + (13 if height < 30 else 18), text, "n")
            minimum = max(3, room * nodes.minimum / nodes.maximum) if nodes.minimum else 0
            if minimum < room:
                self.sheet.box(x + 9 + minimum, bottom, room - minimum, 5, f"maximum {style}")
            if minimum:
                self.sheet.box(x + 9, bottom, minimum, 5, f"minimum {style}")

    def _edges(self, pool: ShownPool) -> tuple[float, float]:
        """Left of its first zone's nodes, and right of its last one's."""
        starts = [self.place(zone) for zone in pool.zones]
        return min(starts) + INSET, max(starts) + self.column - INSET

    def _scaled(self, pool: ShownPool) -> bool:
        return any(one.kind is Kind.SCALING and one.target in pool.groups for one in self.connections)

    def _marked(self, style: str, height: float, mark: Mark, title: str) -> Box:
        box = self.sheet.box(LEFT, self.y, LEFT_WIDTH, height, f"{style} {mark}", title)
        if mark is not Mark.SAME:
            self.sheet.box(LEFT, self.y, 4, height, f"mark {mark}")
            self.sheet.text(box.right - 10, self.y + 17, mark.value, f"badge {mark}", "end")
        return box


def between(then: Nodes | None, now: Nodes) -> str:
    """`2 to 20`, or `2 to 20 → 3 to 40` where it changes."""
    return f"{now}" if then in (None, now) else f"{then} → {now}"


def _counted_places(places: int, objects: int) -> str:
    """`S3: 3 locations`, `2 places, 3 in S3`"""
    if not places:
        return f"S3: {objects} location{'' if objects == 1 else 's'}"
    return f"{places} place{'' if places == 1 else 's'}" + (f", {objects} in S3" if objects else "")


_SAID: Final = {"reads": "r", "writes": "w"}


def _stored(one: Connection) -> str:
    """`rw example-bucket/folder`"""
    return f"{_SAID.get(one.how, 'rw')} {one.target.removeprefix('s3://')}"


def _lines(name: str) -> list[tuple[float, str]]:
    """A name on as many lines as it needs, the later ones set in; cut only where no bucket's name is so long."""
    lines = broken(name, RIGHT_WIDTH - 18 - SET_IN, 11.5)
    if len(lines) > LONGEST:
        lines = [*lines[: LONGEST - 1], f"{lines[LONGEST - 1][:-1]}…"]
    return [(SET_IN if number else 0, line) for number, line in enumerate(lines)]


def _counted(nodes: str) -> str:
    return f"{nodes} node" if nodes == "1" else f"{nodes} nodes"


def types(pool: ShownPool) -> str:
    """Its instance types, in order of preference."""
    return ", ".join(pool.row.instance_types) or "any type"


def _pools(sides: Sides[ShownQueue]) -> Iterator[Sides[ShownPool]]:
    sets = [side.pools if side else () for side in (sides.then, sides.now)]
    then, now = ({pool.row.identity: pool for pool in pools} for pools in sets)
    return matched(then, now, compared=sides.compared)


def _sizes(sides: Sides[ShownQueue]) -> Iterator[str]:
    """Name, guaranteed, maximum and jobs of a queue."""
    row = sides.shown.row
    then = sides.then.row if sides.then else row
    yield row.queue
    for word, cpu, memory, old_cpu, old_memory in (
        ("guaranteed", row.guaranteed_cpu, row.guaranteed_memory, then.guaranteed_cpu, then.guaranteed_memory),
        ("maximum", row.maximum_cpu, row.maximum_memory, then.maximum_cpu, then.maximum_memory),
    ):
        said = [f"{word} {_change(old_cpu / 1000, cpu / 1000)} CPU", f"{_change(old_memory / GIB, memory / GIB)} GiB"]
        yield from said if any("→" in each for each in said) else [", ".join(said)]
    yield f"{_change(then.applications, row.applications)} jobs at once"


def _change(then: float, now: float) -> str:
    before, after = _number(then), _number(now)
    return after if before == after else f"{before} → {after}"


def _number(value: float) -> str:
    return f"{round(value, 1) if value < 100 else round(value):,.12g}"
