"""Hours at which a pool's minimum is higher, as scheduled actions of its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, NamedTuple

import pulumi
import pulumi_aws as aws

from components.base import Component, hidden
from sizing.schedules import Hours, end_cron, start_cron

UNCHANGED: Final = -1
"""A size that an action leaves alone; 0 would be a size."""


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """When how many nodes are always there.

    Args:
        hours: times of a week.
        time_zone: IANA name of the zone that the times are in; AWS follows its daylight saving.
        minimum: nodes at any time in these hours, by zone name; a zone that isn't named keeps its own.
    """

    hours: Hours
    time_zone: str
    minimum: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class PoolSchedulesArgs:
    """Which groups change when.

    Args:
        pool: what makes the groups.
        group_names: name of each zone's group.
        base_minimum: nodes at any time outside of all hours, by zone name.
        schedules: by name; hours don't overlap.
    """

    pool: pulumi.Resource = hidden()  # noqa: RUF009 - it makes a field
    group_names: Mapping[str, str]
    base_minimum: Mapping[str, int]
    schedules: Mapping[str, ScheduleSpec]


class Action(NamedTuple):
    """What a group is to do when.

    Attributes:
        name: unique in the group.
        zone: the group's.
        minimum: nodes at any time from then on.
        recurrence: five fields of cron, in the time zone.
        time_zone: IANA name.
    """

    name: str
    zone: str
    minimum: int
    recurrence: str
    time_zone: str


class PoolSchedules(Component):
    """Two scheduled actions for each schedule and zone: one raises the group's minimum, one takes it back.

    The autoscaler reads the minimum again every minute and adds the nodes (`--enforce-node-group-min-size`); when it
    goes down, nodes go as they become empty. An action acts at its moment only: hours that have begun when they are
    deployed count from their next start on, and a minimum that an `up` writes in between stays until the next action.

    Raises:
        ValueError: two actions of a group fall on the same moment, or a zone is not the pool's.
    """

    module = "schedules"

    def __init__(self, name: str, args: PoolSchedulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if problems := schedule_problems(args):
            raise ValueError("; ".join(problems))
        super().__init__(name, args, opts)
        for action in schedule_actions(args):
            aws.autoscaling.Schedule(
                f"{name}-{action.name}-{action.zone}",
                autoscaling_group_name=args.group_names[action.zone],
                scheduled_action_name=action.name,
                min_size=action.minimum,
                max_size=UNCHANGED,
                desired_capacity=UNCHANGED,
                recurrence=action.recurrence,
                time_zone=action.time_zone,
                opts=self.child(
                    # Groups are named by plain strings.
                    depends_on=[args.pool],
                    # An update would send the start time that AWS computed before, and fail once that is past:
                    # https://github.com/hashicorp/terraform-provider-aws/issues/38983
                    replace_on_changes=["minSize", "recurrence", "timeZone"],
                    # The successor has the same name.
                    delete_before_replace=True,
                ),
            )
        self.register_outputs({})


def schedule_actions(args: PoolSchedulesArgs) -> Iterator[Action]:
    """All actions of a pool, sorted by schedule and zone."""
    for name, schedule in sorted(args.schedules.items()):
        for zone, minimum in sorted(schedule.minimum.items()):
            yield Action(f"{name}-start", zone, minimum, start_cron(schedule.hours), schedule.time_zone)
            yield Action(f"{name}-end", zone, args.base_minimum[zone], end_cron(schedule.hours), schedule.time_zone)


def schedule_problems(args: PoolSchedulesArgs) -> list[str]:
    """What can't be scheduled; each entry is a message.

    Two actions at one moment have no order: the end of the morning might undo the start of the afternoon.
    """
    known = args.group_names.keys() & args.base_minimum.keys()
    unknown = [
        f"schedule {name}: {zone} is not a zone of the pool"
        for name, schedule in sorted(args.schedules.items())
        for zone in sorted(schedule.minimum.keys() - known)
    ]
    return unknown or [
        f"{one.name} and {other.name} of {one.zone} fall on the same moment: leave a minute between"
        for one, other in combinations(schedule_actions(args), 2)
        if one.zone == other.zone and _moments(one) & _moments(other)
    ]


def _moments(action: Action) -> set[tuple[str, str, str]]:
    """When an action happens in a week. Moments in different time zones are not compared."""
    minute, hour, _, _, days = action.recurrence.split()
    return {(action.time_zone, day, f"{hour}:{minute}") for day in days.split(",")}
