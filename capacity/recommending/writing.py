"""Recommended sizes in a tenant's stack file: the file's text with them, comments and all else as they were."""

from __future__ import annotations

import io
from collections.abc import MutableMapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from capacity.declared import Pool, Queue, Schedule
from infra.settings.stack_file import PROJECT

_WIDTH: Final = 4096
_TENANT: Final = "tenant"


def with_sizes(text: str, queue: Queue) -> str:
    """A stack file's text with a queue's sizes.

    Only what differs is changed: jobs at once, and of each pool its minimum by zone, maximum, unneeded time and
    schedules; schedules that are no longer wanted go.

    Args:
        text: of the file that declares the queue.
        queue: with the sizes.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    config = document["config"]
    tenant = config[f"{PROJECT}:{_TENANT}"] if f"{PROJECT}:{_TENANT}" in config else config[_TENANT]
    declared = tenant["queues"][queue.name]
    _put(declared["drivers"], "atOnce", queue.jobs)
    for name, pool in queue.pools.items():
        _sizes(declared["pools"][name], pool)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _sizes(declared: MutableMapping[str, Any], pool: Pool) -> None:
    for zone, nodes in _by_zone(pool, pool.minimum).items():
        _put(declared["zones"], zone, nodes)
    _put(declared, "maxNodes", pool.maximum)
    if pool.unneeded is not None:
        _put(declared, "unneededTime", f"{pool.unneeded}s")
    if pool.schedules:
        _put(declared, "schedules", _schedules(pool))
    else:
        declared.pop("schedules", None)


def _put(mapping: MutableMapping[str, Any], key: str, value: object) -> None:
    if mapping.get(key) != value:
        mapping[key] = value


def _by_zone(pool: Pool, nodes: int) -> dict[str, int]:
    """Nodes spread over a pool's zones, the first ones with one more."""
    each, more = divmod(nodes, len(pool.zones))
    return {zone: each + (position < more) for position, zone in enumerate(pool.zones)}


def _schedules(pool: Pool) -> CommentedMap:
    made = CommentedMap()
    for schedule in pool.schedules:
        made[_name(schedule)] = CommentedMap(
            days=_list(schedule.hours.days),
            start=DoubleQuotedScalarString(_time(schedule.hours.start)),
            end=DoubleQuotedScalarString(_time(schedule.hours.end)),
            timeZone=schedule.zone.key,
            zones=_flow(**_by_zone(pool, schedule.minimum)),
        )
    return made


def _flow(**values: object) -> CommentedMap:
    made = CommentedMap(values)
    made.fa.set_flow_style()
    return made


def _list(values: tuple[str, ...]) -> CommentedSeq:
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made


def _name(schedule: Schedule) -> str:
    days = schedule.hours.days
    return "-".join([days[0], *([days[-1]] if len(days) > 1 else []), _time(schedule.hours.start).replace(":", "")])


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
