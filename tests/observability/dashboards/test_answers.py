"""Dashboards asked of a real Prometheus that has lived through the story."""

from __future__ import annotations

import re
from typing import Final

import pytest

from components.observability import series, spark_metrics
from tests.observability.dashboards.more_samples import APPLICATION, QUEUE
from tests.observability.dashboards.shown import (
    NAMES,
    Target,
    everything,
    filled,
    label_values,
    panels,
    targets,
    variables,
)
from tests.observability.prometheus import Point
from tests.observability.replayed import Replayed
from tests.observability.story import BATCH, ETL, LENGTH, MINUTE

TARGETS: Final = [target for name in NAMES for target in targets(name)]
ONE: Final = {"application": APPLICATION, "queue": QUEUE}
VALUES: Final = {name: ONE | everything(name) for name in NAMES}
MOMENTS: Final = (20, 48, 80, 90)
"""Minutes of the story at which newest values are looked at: large job, small job, no capacity, end."""
QUIET: Final = {
    "queue: Is the queue waiting for nodes? (B)": "no driver of this queue ever waits for a node: they have headroom",
}
"""Queries that have no answer in the story, and why."""


def answer(told: Replayed, target: Target) -> list[Point]:
    """All that a query ever gives: at a few moments where it asks for the newest values, else at any time."""
    expression = filled(target.expression, VALUES[target.dashboard], LENGTH)
    if target.instant:
        return [point for minute in MOMENTS for point in told.at(minute, expression)]
    lines = told.server.query_range(expression, told.start, told.end, MINUTE / 2)
    return [Point(line.labels, value) for line in lines for value in line.values.values()]


@pytest.mark.parametrize("target", TARGETS, ids=map(str, TARGETS))
def test_a_query_has_an_answer_and_the_labels_that_its_legend_names(told: Replayed, target: Target) -> None:
    found = answer(told, target)
    assert bool(found) == (str(target) not in QUIET)
    named = set(re.findall(r"\{\{(\w+)\}\}", target.legend))
    # An empty label, such as the reason of a group that is not in backoff, is none.
    assert not found or named <= {label for point in found for label in point.labels}


def test_no_panel_is_empty() -> None:
    asked = {(target.dashboard, target.panel): 0 for target in TARGETS}
    for target in TARGETS:
        asked[target.dashboard, target.panel] += str(target) not in QUIET
    assert [panel for panel, answered in asked.items() if not answered] == []
    assert set(QUIET) <= {str(target) for target in TARGETS}


NUMBERS: Final = [
    Target(name, panel["title"], "A", panel["targets"][0]["expr"], instant=True, legend="")
    for name in NAMES
    for panel in panels(name)
    if panel["type"] == "stat"
]


@pytest.mark.parametrize("target", NUMBERS, ids=map(str, NUMBERS))
def test_a_number_is_one(told: Replayed, target: Target) -> None:
    expression = filled(target.expression, VALUES[target.dashboard], LENGTH)
    for minute in MOMENTS:
        assert len(told.at(minute, expression)) <= 1


TABLES: Final = [(name, panel) for name in NAMES for panel in panels(name) if panel["type"] == "table"]


@pytest.mark.parametrize(("name", "panel"), TABLES, ids=[f"{name}: {panel['title']}" for name, panel in TABLES])
def test_the_columns_of_a_table_are_about_the_same_rows(told: Replayed, name: str, panel: dict[str, object]) -> None:
    labels = {
        field
        for field in panel["transformations"][-1]["options"]["renameByName"]  # type: ignore[index]
        if not field.startswith("Value #")
    }
    columns = [target for target in targets(name) if target.panel == panel["title"]]
    for minute in MOMENTS:
        for target in columns:
            for point in told.at(minute, filled(target.expression, VALUES[name], LENGTH)):
                assert set(point.labels) == labels, target


CHOICES: Final = [(name, variable) for name in NAMES for variable in variables(name)]


@pytest.mark.parametrize(("name", "variable"), CHOICES)
def test_there_is_something_to_choose(told: Replayed, name: str, variable: str) -> None:
    selector, label = label_values(filled(variables(name)[variable], VALUES[name]))
    found = {point.labels[label] for point in told.at(90, f"count by ({label}) ({selector})")}
    expected = {
        "application": {APPLICATION},
        "pool": {BATCH.pool, ETL.pool, "driver", "system"},
        "queue": {"ads-batch", "search-etl"},
        "tenant": {"ads", "search"},
    }
    if name == "yunikorn":
        assert "root.tenants.ads.ads-batch" in found
        assert "root.tenants.ads" not in found
    else:
        assert found == expected[variable]


def test_the_story_can_be_read_from_the_first_dashboard(told: Replayed) -> None:
    def at(minute: float, title: str) -> float:
        (target,) = (found for found in targets("elastic-story") if found.panel == title)
        (point,) = told.at(minute, filled(target.expression, VALUES["elastic-story"], LENGTH))
        return point.value

    assert at(5, "How many executor nodes are there?") == 6
    assert at(20, "How many executor nodes are there?") == 204
    assert at(20, "How many executors wait for a node?") == 0
    assert at(80, "How many executors wait for a node?") == 20
    # Of 198 nodes for a dollar, and four for 40 cents; two times two nodes are shared.
    assert at(20, "What does an hour cost now?") == pytest.approx(200 + 4 * 0.4 + 4)
    assert at(90, "Were executors lost to scale-in?") == 3
    assert 0.2 < at(90, "What is saved?") < 0.9


def test_the_time_shown_costs_what_its_nodes_cost_while_they_were_there(told: Replayed) -> None:
    (target,) = (found for found in targets("queue") if found.panel == "What did the time shown cost?")
    (point,) = told.at(90, filled(target.expression, VALUES["queue"], LENGTH))
    cost = told.over(f'{series.QUEUE_COST}{{queue="{QUEUE}"}}')
    # A value holds for half a minute.
    assert point.value == pytest.approx(sum(sum(line.values.values()) for line in cost) / 120, rel=0.03)


def test_what_drivers_tell_is_shown_of_one_application_only(told: Replayed) -> None:
    other = {**ONE, "application": "spark-other"}
    for target in targets("spark-application"):
        assert not told.at(90, filled(target.expression, other, LENGTH)), target
    assert told.at(90, f'{spark_metrics.SLOTS}{{application_id="{APPLICATION}"}}')
