"""The picture of a platform: zones as columns, pools and queues as rows, and lines for what talks to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleet.formats.connections import Kind
from fleet.formats.drawing import Box, Drawing, fitted, wrapped
from fleet.formats.people import counted
from fleet.formats.sides import Mark, Sides, matched
from fleet.formats.topology import NO_ZONE, ShownPool, ShownQueue, Topology, Zone
from fleet.formats.topology_rows import (
    GAP,
    INSET,
    LANES,
    LEFT,
    LEFT_WIDTH,
    RIGHT,
    RIGHT_WIDTH,
    ZONES,
    ZONES_WIDTH,
    Rows,
)
from sizing import names

WIDTH: Final = RIGHT + RIGHT_WIDTH + 4
MANY_QUEUES: Final = 16
"""With more queues than that, those that don't change take one line."""


def drawing(before: Topology | None, after: Topology) -> Drawing:
    """The picture of a platform.

    Args:
        before: what it was; None where nothing is compared.
        after: what it is; without pools and queues where it is no more.
    """
    shown = before if before and not (after.pools or after.queues) else after
    known = {zone.name: zone for side in (before, after) if side for zone in side.zones}
    zones = [known[name] for name in sorted(known)] or [Zone(NO_ZONE)]
    sheet = Drawing(f"Topology of {after.platform}", _description(shown), WIDTH)
    entrance = _entrance(sheet, shown)
    top = entrance.bottom + 18
    rows = Rows(sheet, zones, shown.connections, top + (44 if zones[0].name else 28))
    frames = len(sheet.shapes)
    strip = _system(rows, before, after, shown)
    driver = [rows.shared(sides) for sides in _pools(before, after, names.DRIVER_POOL)]
    _queues(rows, _both(before, after))
    if strip:
        door = strip.y + 8
        lane = LANES["scaling"]
        sheet.arrow((lane, entrance.bottom), (lane, door), (strip.right, door), style="control")
        _lane(rows, "control", (strip.x, strip.y + strip.height / 2))
        _lane(rows, "scaling", (strip.right, strip.bottom - 8))
    if driver:
        _lane(rows, "driver", (ZONES + INSET, driver[0]))
    _ways_out(rows, shown)
    sheet.shapes[frames:frames] = _frames(zones, rows, top)
    sheet.height = rows.y
    return sheet


def _entrance(sheet: Drawing, shown: Topology) -> Box:
    """People, and the API server."""
    plane = shown.control_plane
    people = [one for one in shown.connections if one.kind is Kind.PEOPLE]
    said = wrapped(counted(people), LEFT_WIDTH - 22, 11.5)
    height = max(94, 30 + 16 * len(said))
    api = sheet.box(ZONES, 4, ZONES_WIDTH + 30, height, "api")
    if plane:
        policies = f"{plane.policies} admission policies decide what may run" if plane.policies else ""
        sheet.lines(api, ["API server", plane.name, plane.endpoint, policies], step=16)
    else:
        sheet.lines(api, ["API server", f"of {shown.platform}, which is not in this preview"])
    if people:
        box = sheet.box(LEFT, 4, LEFT_WIDTH, height, "api", ", ".join(sorted({one.source for one in people})))
        sheet.lines(box, ["People and pipelines", *said], step=16)
        sheet.arrow((box.right, 51), (api.x, 51), style="control")
    return api


def _system(rows: Rows, before: Topology | None, after: Topology, shown: Topology) -> Box | None:
    """The system pool, and what runs on it."""
    for sides in _pools(before, after, names.SYSTEM_POOL):
        rows.shared(sides)
    if not shown.installed:
        return None
    ends = {"yunikorn": 0, "cluster-autoscaler": 2}
    order = sorted(shown.installed, key=lambda one: (ends.get(one[0], 1), one))
    said = wrapped([f"{name} {version}" for name, version in order], ZONES_WIDTH - 2 * INSET - 18, 11.5)
    box = rows.sheet.box(ZONES + INSET, rows.y - GAP + 4, ZONES_WIDTH - 2 * INSET, 12 + 15 * len(said), "installed")
    for index, line in enumerate(said):
        rows.sheet.text(box.x + 9, box.y + 17 + 15 * index, line, "s")
    rows.y = box.bottom + GAP
    return box


def _queues(rows: Rows, queues: Sequence[Sides[ShownQueue]]) -> None:
    """Queues with changes first, where there are many."""
    many, stack = len(queues) > MANY_QUEUES, ""
    for sides in sorted(queues, key=lambda one: many and one.mark is Mark.SAME):
        small = many and sides.mark is Mark.SAME
        if sides.shown.stack != stack and not small:
            rows.sheet.text(LEFT, rows.y + 11, f"stack {sides.shown.stack}", "caption")
            rows.y += 18
        stack = sides.shown.stack
        rows.queue(sides, small=small)


def _lane(rows: Rows, lane: str, start: tuple[float, float]) -> None:
    """The line from where a lane begins down to where the last arrow leaves it."""
    if lane in rows.ends:
        x = LANES[lane]
        ends = sorted((start[1], rows.ends[lane]))
        rows.sheet.arrow(start, (x, start[1]), (x, ends[1]), style=lane, head=False)


def _ways_out(rows: Rows, shown: Topology) -> None:
    """Endpoints and NAT gateways, at the lower ends of the zones, and the line that leads pods there."""
    zones = rows.zones
    services = sorted({service for zone in zones for service in zone.endpoints})
    ways = [
        (f"{len(services)} endpoints", ", ".join(services), [zone for zone in zones if zone.endpoints]),
        ("gateway endpoint", ", ".join(shown.gateways), list(zones) * bool(shown.gateways)),
        ("NAT gateway", "other addresses", [zone for zone in zones if zone.nat]),
    ]
    start, end = rows.ends.get("outside"), 0.0
    for text, target, found in ways:
        if not found:
            continue
        for zone in found:
            box = rows.sheet.box(rows.place(zone.name) + INSET, rows.y, rows.column - 2 * INSET, 30, "service", target)
            rows.sheet.text(box.x + 9, rows.y + 19, fitted(text, box.width - 14, 11.5), "s")
        out = rows.sheet.box(RIGHT, rows.y, RIGHT_WIDTH, 30, "service", target)
        rows.sheet.text(out.x + 9, rows.y + 19, fitted(target, RIGHT_WIDTH - 14, 11.5), "s")
        rows.sheet.arrow((box.right, rows.y + 21), (RIGHT, rows.y + 21), style="outside")
        if start is not None:
            end = rows.y + 9
            rows.sheet.arrow((LANES["outside"], end), (box.right, end), style="outside")
        rows.y += 30 + GAP / 2
    if start is not None and end:
        rows.sheet.arrow((LANES["outside"], start), (LANES["outside"], end), style="outside", head=False)
    rows.y += GAP


def _frames(zones: Sequence[Zone], rows: Rows, top: float) -> Iterator[Box]:
    """The columns, behind all else."""
    for zone in zones:
        x, width = rows.place(zone.name) + 2, rows.column - 4
        yield Box(x, top, width, rows.y - top - 4, "zone")
        rows.sheet.text(x + 10, top + 18, zone.name or "nodes by their labels", "h")
        if zone.name:
            rows.sheet.text(x + 10, top + 33, fitted(zone.subnet, width - 12, 11.5), "s")


def _pools(before: Topology | None, after: Topology, identity: str) -> Iterator[Sides[ShownPool]]:
    sides = [side.pools if side else () for side in (before, after)]
    then, now = ({pool.row.identity: pool for pool in pools if pool.row.identity == identity} for pools in sides)
    return matched(then, now, compared=before is not None)


def _both(before: Topology | None, after: Topology) -> list[Sides[ShownQueue]]:
    """Queues by stack and name."""
    sides = [side.queues if side else () for side in (before, after)]
    then, now = ({queue.row.queue: queue for queue in queues} for queues in sides)
    found = matched(then, now, compared=before is not None)
    return sorted(found, key=lambda one: (one.shown.stack, one.shown.row.queue))


def _description(shown: Topology) -> str:
    zones = ", ".join(zone.name for zone in shown.zones if zone.name) or "nodes known by their labels"
    pools = [f"{pool.row.identity} pool {pool.nodes} nodes" for pool in shown.pools]
    queues = [
        f"queue {q.row.queue} with {', '.join(f'{p.row.identity} {p.nodes} nodes' for p in q.pools)}"
        for q in shown.queues
    ]
    return f"{zones}. {'; '.join((*pools, *queues))}. The table below says what may talk to what."
