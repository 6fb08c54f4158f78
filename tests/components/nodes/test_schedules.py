from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.nodes.schedules import PoolSchedules, PoolSchedulesArgs, ScheduleSpec
from fleet.offline.registration import Registrations
from sizing.schedules import Hours
from tests.recording import registrations_of

SCHEDULE = "aws:autoscaling/schedule:Schedule"
A, B = "eu-central-1a", "eu-central-1b"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def spec(
    start: int, end: int, minimum: Mapping[str, int], days: tuple[str, ...] = WEEKDAYS, zone: str = "Europe/Berlin"
) -> ScheduleSpec:
    return ScheduleSpec(hours=Hours(days=days, start=start * 60, end=end * 60), time_zone=zone, minimum=minimum)


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    given: dict[str, Any] = {
        "group_names": {A: "demo-ads-batch-main-a-a", B: "demo-ads-batch-main-b-a"},
        "base_minimum": {A: 1, B: 0},
        "schedules": {"office": spec(7, 19, {A: 5})},
    }

    def program() -> None:
        pool = pulumi.ComponentResource("test:pool:Pool", "pool")
        aws.autoscaling.Group("group", min_size=0, max_size=1, opts=pulumi.ResourceOptions(parent=pool))
        PoolSchedules("s", PoolSchedulesArgs(pool=pool, **(given | changes)))

    return registrations_of(program)


def test_the_minimum_is_raised_at_the_start_and_taken_back_at_the_end() -> None:
    start, end = (
        registrations().one(SCHEDULE, f"s-office-start-{A}"),
        registrations().one(SCHEDULE, f"s-office-end-{A}"),
    )
    assert start.inputs == {
        "autoscalingGroupName": "demo-ads-batch-main-a-a",
        "scheduledActionName": "office-start",
        "minSize": 5,
        "maxSize": -1,
        "desiredCapacity": -1,
        "recurrence": "0 7 * * 1,2,3,4,5",
        "timeZone": "Europe/Berlin",
    }
    assert end.inputs == {
        **start.inputs,
        "scheduledActionName": "office-end",
        "minSize": 1,
        "recurrence": "0 19 * * 1,2,3,4,5",
    }


def test_a_zone_that_is_not_named_keeps_its_minimum() -> None:
    groups = {r.inputs["autoscalingGroupName"] for r in registrations().of_type(SCHEDULE)}
    assert groups == {"demo-ads-batch-main-a-a"}


def test_hours_past_midnight_end_on_the_next_day() -> None:
    registered = registrations(schedules={"night": spec(22, 6, {A: 3}, days=("sat",))})
    assert registered.one(SCHEDULE, f"s-night-start-{A}").inputs["recurrence"] == "0 22 * * 6"
    assert registered.one(SCHEDULE, f"s-night-end-{A}").inputs["recurrence"] == "0 6 * * 0"


def test_no_start_time_is_sent_and_a_change_makes_a_new_action() -> None:
    for action in registrations().of_type(SCHEDULE):
        assert not action.inputs.keys() & {"startTime", "endTime"}
        assert set(action.options.replace_on_changes) == {"minSize", "recurrence", "timeZone"}
        assert action.options.delete_before_replace


def test_actions_wait_for_the_groups_that_they_name() -> None:
    registered = registrations()
    group = registered.one("aws:autoscaling/group:Group").urn
    assert all(group in action.dependencies for action in registered.of_type(SCHEDULE))


def test_the_pool_is_no_input() -> None:
    assert "pool" not in registrations().one("elastic-spark:schedules:PoolSchedules").inputs


def test_without_schedules_there_is_nothing() -> None:
    assert not registrations(schedules={}).of_type(SCHEDULE)


def test_the_order_of_schedules_changes_nothing() -> None:
    two = {"office": spec(7, 19, {A: 5}), "night": spec(22, 6, {B: 2, A: 3})}
    assert list(registrations(schedules=two).values()) == list(
        registrations(schedules=dict(reversed(two.items()))).values()
    )


def test_two_actions_of_a_group_never_fall_on_the_same_moment() -> None:
    touching = {"morning": spec(7, 12, {A: 5}), "noon": spec(12, 19, {A: 8})}
    with pytest.raises(ValueError, match=f"morning-end and noon-start of {A} fall on the same moment"):
        registrations(schedules=touching)


def test_the_same_moment_in_another_zone_or_on_another_day_is_no_problem() -> None:
    assert len(registrations(schedules={"m": spec(7, 12, {A: 5}), "n": spec(12, 19, {B: 8})}).of_type(SCHEDULE)) == 4
    apart = {"m": spec(7, 12, {A: 5}, days=("mon",)), "n": spec(12, 19, {A: 8}, days=("tue",))}
    assert len(registrations(schedules=apart).of_type(SCHEDULE)) == 4


def test_a_zone_that_the_pool_lacks_is_told() -> None:
    with pytest.raises(ValueError, match="schedule office: eu-central-1c is not a zone of the pool"):
        registrations(schedules={"office": spec(7, 19, {"eu-central-1c": 5})})
