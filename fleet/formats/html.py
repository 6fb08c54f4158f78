"""What `fleet preview --format html` writes: one page, which loads nothing and works without a script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, partial
from itertools import groupby
from typing import Final

from jinja2 import Environment

from fleet.formats import expected, html_changes, html_tables, people, phrases, reach
from fleet.formats.connections import Connection, Kind
from fleet.formats.drawing import Drawing
from fleet.formats.html_fleet import PlatformView, environment_views, platform_views
from fleet.formats.html_stacks import StackView, called_out, replaced, totals
from fleet.formats.html_tables import MINUS
from fleet.formats.page import dressed, page_environment
from fleet.formats.topology import Topology, by_platform, topology
from fleet.formats.topology_drawing import drawing
from fleet.offline.changes.callouts import callouts
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.changes.earlier import Unread, attempted, in_shape
from fleet.offline.registration import Registrations
from sizing.pricing.prices import HOURS_PER_MONTH

LONGEST: Final = 5_000_000
"""Bytes of a page that browsers still open at once."""


class Detail(IntEnum):
    """How much a page shows."""

    CHANGES = 0
    """Changes and tables, without the resources that stay as they are."""
    RESOURCES = 1
    """Also the names of all resources."""
    INPUTS = 2
    """Also the inputs of all resources."""


@dataclass(frozen=True)
class Picture:
    """A platform.

    Attributes:
        topology: as it is, or was where it is no more.
        drawing: how it looks.
        connections: what may talk to what, by kind; with all targets of which the rest is the same.
        stacks: what of the page is about it, by the numbers of the stacks.
        not_known: why it is not compared with what it was; empty where it is, or nothing is compared.
    """

    topology: Topology
    drawing: Drawing
    connections: Mapping[Kind, list[tuple[Connection, list[str]]]]
    stacks: tuple[int, ...] = ()
    not_known: str = ""


def page(comparison: FleetComparison, longest: int = LONGEST) -> str:
    """The preview as a page, the same for the same comparison.

    Where it is too long, it says what is left out: the inputs of resources first, then resources that do not change.

    Args:
        comparison: what to show.
        longest: bytes at most, unless changes and tables are longer by themselves.
    """
    compared = comparison.base is not None
    views = (StackView(number, one, one.difference is not None) for number, one in enumerate(comparison.stacks))
    platforms = platform_views(list(views))
    stacks = sorted((one for each in platforms for one in each.stacks), key=lambda stack: stack.status == "same")
    context = {
        "base": comparison.base,
        "findings": comparison.preview.findings,
        "about_months": list(expected.about(comparison)),
        "stacks": stacks,
        "platforms": platforms,
        "environments": environment_views(platforms, compared=compared),
        "totals": totals(stacks, compared=compared),
        **called_out(callouts(comparison), stacks),
        "replaced": list(replaced(stacks)),
        "pictures": list(_pictures(stacks, platforms, compared=compared)),
        **dressed(scripts=["script.js"]),
    }
    template = _environment().get_template("preview.html")
    written = ""
    for detail in sorted(Detail, reverse=True):
        written = template.render(context, detail=detail)
        if len(written.encode()) <= longest:
            break
    return written


def _pictures(stacks: list[StackView], platforms: list[PlatformView], *, compared: bool) -> Iterator[Picture]:
    """The platforms of the stacks that could be previewed on every side."""
    shown = [stack for stack in stacks if not stack.of.errors]
    now = by_platform({stack.name: stack.of.registrations for stack in shown if stack.of.registrations})
    then = by_platform({stack.name: stack.before for stack in shown if stack.before})
    none: Mapping[str, Registrations] = {}
    numbers = {each.name: tuple(stack.number for stack in each.stacks) for each in platforms}
    for platform in sorted({*now, *then}):
        own = numbers.get(platform, ())
        after = topology(platform, now.get(platform, none))
        pair = attempted(partial(_both, platform, then.get(platform, none), after)) if compared else None
        if pair is None or isinstance(pair, Unread):
            yield Picture(after, drawing(None, after), _kinds(after), own, pair.why if pair else "")
        else:
            before, picture = pair
            whole = after if platform in now else before
            yield Picture(whole, picture, _kinds(whole), own)


def _both(platform: str, then: Mapping[str, Registrations], after: Topology) -> tuple[Topology, Drawing]:
    """What a platform was, and the picture of both sides."""
    before = in_shape(Topology, topology(platform, then))
    return before, drawing(before, after)


def _kinds(shown: Topology) -> Mapping[Kind, list[tuple[Connection, list[str]]]]:
    return {kind: _with_targets(some) for kind, some in groupby(shown.connections, lambda one: one.kind)}


def _with_targets(connections: Iterable[Connection]) -> list[tuple[Connection, list[str]]]:
    found: dict[Connection, tuple[Connection, list[str]]] = {}
    for one in connections:
        _, targets = found.setdefault(replace(one, target=""), (one, []))
        targets.append(one.target)
    return list(found.values())


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals.update(
        phrases=phrases,
        changes=html_changes,
        tables=html_tables,
        people=people,
        reach=reach,
        months=expected,
        Detail=Detail,
        hours_per_month=HOURS_PER_MONTH,
    )
    environment.filters.update(sign=lambda operation: phrases.SIGNS[operation].replace("-", MINUS))
    return environment
