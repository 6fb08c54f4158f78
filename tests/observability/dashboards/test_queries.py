from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import promql_parser
import pytest

from components.observability import drivers, spark_metrics
from components.observability.dashboards.config_maps import PLATFORM, TENANTS
from tests.observability import recorded
from tests.observability.dashboards.known import labels_by_metric
from tests.observability.dashboards.shown import NAMES, filled, label_values, targets, variables
from tests.observability.expressions import Selection, metric_names, selections, walk

VALUES: Final = {"application": "a", "pool": "p", "queue": "q", "tenant": "t"}
ASKED: Final = [(str(target), filled(target.expression, VALUES)) for name in NAMES for target in targets(name)]
CHOSEN: Final = [
    (f"{name}: ${variable}", *label_values(filled(query, VALUES)))
    for name in NAMES
    for variable, query in variables(name).items()
]
LEGEND: Final = re.compile(r"\{\{(\w+)\}\}")


def of_each(asked: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("expression", [asked[1] for asked in asked], ids=[asked[0] for asked in asked])


def grouping(expression: str) -> Iterator[tuple[Any, set[str]]]:
    """The parts of an expression that group or join series, and the labels by which they do."""
    for part in walk(promql_parser.parse(expression)):
        modifier = getattr(part, "modifier", None)
        if isinstance(part, promql_parser.AggregateExpr) and modifier is not None:
            yield part, set(modifier.labels)
        elif isinstance(part, promql_parser.BinaryExpr) and modifier is not None and modifier.matching is not None:
            yield part, set(modifier.matching.labels)


def has(selection: Selection) -> frozenset[str]:
    return labels_by_metric()[selection.metric]


@of_each(ASKED)
def test_only_metrics_and_labels_are_asked_for_that_there_are(expression: str) -> None:
    for selection in selections(expression):
        assert selection.metric in labels_by_metric()
        assert selection.labels <= has(selection), selection.metric


@of_each(ASKED)
def test_series_are_grouped_and_joined_by_labels_that_they_have(expression: str) -> None:
    for part, labels in grouping(expression):
        for selection in selections(part.prettify()):
            assert labels <= has(selection), selection.metric


@of_each([(name, f"count by ({label}) ({selector})") for name, selector, label in CHOSEN])
def test_what_can_be_chosen_comes_from_a_label_that_there_is(expression: str) -> None:
    ((_, labels),) = grouping(expression)
    for selection in selections(expression):
        assert selection.labels | labels <= has(selection)


@pytest.mark.parametrize("name", TENANTS)
def test_all_that_tenants_are_shown_has_the_label_by_which_it_is_held_to_them(name: str) -> None:
    asked = [filled(target.expression, VALUES) for target in targets(name)]
    asked += [label_values(filled(query, VALUES))[0] for query in variables(name).values()]
    for expression in asked:
        for metric in metric_names(expression):
            assert "tenant" in labels_by_metric()[metric], metric


def test_spark_has_all_metrics_that_are_kept_of_it() -> None:
    there = recorded.labels_by_metric()
    for name, labels in spark_metrics.METRICS.items():
        assert name in there
        assert set(labels) - set(spark_metrics.ADDED_LABELS) - {"pod"} <= there[name]


def test_all_metrics_that_are_kept_of_spark_are_shown() -> None:
    shown = {metric for _, expression in ASKED for metric in metric_names(expression)}
    assert set(spark_metrics.METRICS) - shown == {"spark_info"}


def test_the_drivers_monitor_keeps_and_labels_what_is_shown() -> None:
    for endpoint in drivers.spec()["podMetricsEndpoints"]:
        added = {change.get("targetLabel") for change in endpoint["relabelings"]}
        assert set(spark_metrics.ADDED_LABELS) <= added
        # By the namespace, which a tenant can't choose.
        (tenant,) = (change for change in endpoint["relabelings"] if change.get("targetLabel") == "tenant")
        assert tenant["sourceLabels"] == ["namespace"]
        assert "honorLabels" not in endpoint
    kept = "|".join(
        change["regex"]
        for endpoint in drivers.spec()["podMetricsEndpoints"]
        for change in endpoint["metricRelabelings"]
        if change["action"] == "keep"
    )
    assert set(spark_metrics.METRICS) <= set(kept.split("|"))


def test_every_dashboard_is_for_somebody() -> None:
    assert not set(PLATFORM) & set(TENANTS)
