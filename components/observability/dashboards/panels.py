"""The few kinds of panels: each asks a question, and says what it means that nothing is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus as queries
from grafana_foundation_sdk.models import common, dashboard, prometheus

from components.observability.series import Series

DATASOURCE_UID: Final = "prometheus"
"""Of the one data source that dashboards ask, as kube-prometheus-stack calls it."""
DATASOURCE: Final = common.DataSourceRef(type_val="prometheus", uid=DATASOURCE_UID)
UNITS: Final = {
    "applications": "suffix: applications",
    "bytes": "bytes",
    "bytes/s": "Bps",
    "cores": "suffix: cores",
    "count": "none",
    "drivers": "suffix: drivers",
    "events": "suffix: events",
    "executors": "suffix: executors",
    "jobs": "suffix: jobs",
    "milliseconds": "ms",
    "nanoseconds": "ns",
    "nodes": "suffix: nodes",
    "per second": "ops",
    "pods": "suffix: pods",
    "ratio": "percentunit",
    "seconds": "s",
    "stages": "suffix: stages",
    "tasks": "suffix: tasks",
    "times": "suffix: times",
    "USD": "currencyUSD",
    "USD/h": "suffix: USD/h",
}
"""Grafana's names of units by ours (packages/grafana-data/src/valueFormats/categories.ts)."""
Unit = Literal[
    "applications",
    "bytes",
    "bytes/s",
    "cores",
    "count",
    "drivers",
    "events",
    "executors",
    "jobs",
    "milliseconds",
    "nanoseconds",
    "nodes",
    "per second",
    "pods",
    "ratio",
    "seconds",
    "stages",
    "tasks",
    "times",
    "USD",
    "USD/h",
]
Panel = bargauge.Panel | stat.Panel | table.Panel | timeseries.Panel
P = TypeVar("P", bargauge.Panel, stat.Panel, table.Panel, timeseries.Panel)
GREEN: Final = "green"
ORANGE: Final = "orange"
RED: Final = "red"
HEIGHT: Final = 8
"""Of a graph, in rows of the grid; a number takes half."""


@dataclass(frozen=True)
class Query:
    """What is asked.

    Args:
        expression: PromQL, with variables of the dashboard and Grafana's own.
        legend: how a series of the answer is called; `{{label}}` is filled in.
        limit: a bound, drawn as a dashed line; its legend must have no label in it.
    """

    expression: str
    legend: str
    limit: bool = False


@dataclass(frozen=True)
class Column:
    """A column of numbers in a table.

    Args:
        header: what stands above.
        expression: has exactly the labels of the table's rows.
        unit: of the numbers.
    """

    header: str
    expression: str
    unit: Unit


def pick(series: Series | str, *matchers: str) -> str:
    """A selector, such as `pick(POOL_NODES, 'queue="$queue"')`."""
    return f"{series}{{{', '.join(matchers)}}}"


def dollars(rate: str) -> str:
    """What dollars an hour amount to over the time shown: by the minute, so that what wasn't there costs nothing."""
    return f"sum(sum_over_time({rate}[$__range:1m])) / 60"


def graph(
    title: str,
    description: str,
    *asked: Query,
    unit: Unit,
    empty: str,
    width: int = 12,
    stacked: bool = False,
    promise: float | None = None,
) -> timeseries.Panel:
    """Lines over time.

    Args:
        title: the question.
        description: what the lines are, and what to make of them.
        asked: what is drawn.
        unit: of all lines.
        empty: what it means that there are none.
        width: of 24.
        stacked: lines add up, but limits.
        promise: a line that values should stay below.
    """
    panel = (
        timeseries.Panel()
        .unit(UNITS[unit])
        .min(0)
        .line_width(1)
        .fill_opacity(60 if stacked else 8)
        .show_points(common.VisibilityMode.NEVER)
        .legend(
            common_builders.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(
            common_builders.VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.DESCENDING)
            .hide_zeros(stacked)
        )
    )
    if stacked:
        panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    if promise is not None:
        panel.thresholds(_steps((None, GREEN), (promise, RED))).thresholds_style(
            common_builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    for query in asked:
        if query.limit:
            panel.override_by_name(query.legend, _dashed())
    panel.targets([_range(query, ref) for query, ref in zip(asked, _refs(), strict=False)])
    return _described(panel, title, description, empty, width, HEIGHT)


def number(
    title: str,
    description: str,
    expression: str,
    *,
    unit: Unit,
    empty: str,
    width: int = 4,
    decimals: int | None = None,
    bad_from: float | None = None,
    good_from: float | None = None,
    over_range: bool = False,
) -> stat.Panel:
    """One number, large.

    Args:
        title: the question.
        description: what it counts.
        expression: gives one series at most.
        unit: of the number.
        empty: what it means that there is none.
        width: of 24.
        decimals: digits after the point; Grafana decides where it isn't said.
        bad_from: from here on it is red.
        good_from: from here on it is green, below orange.
        over_range: the number is about the whole time shown, and not the newest of many.
    """
    panel = (
        stat.Panel()
        .unit(UNITS[unit])
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE if over_range else common.BigValueGraphMode.AREA)
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_number_steps(bad_from, good_from))
    )
    if decimals is not None:
        panel.decimals(decimals)
    target = _target(expression, "A").legend_format("")
    panel.targets([target.instant() if over_range else target.range()])
    return _described(panel, title, description, empty, width, HEIGHT // 2)


def bars(
    title: str, description: str, asked: Query, *, unit: Unit, empty: str, width: int = 12, maximum: float | None = None
) -> bargauge.Panel:
    """A bar for each series, by its newest value.

    Args:
        title: the question.
        description: what the bars are.
        asked: what is drawn.
        unit: of all bars.
        empty: what it means that there are none.
        width: of 24.
        maximum: value of a full bar.
    """
    panel = (
        bargauge.Panel()
        .unit(UNITS[unit])
        .min(0)
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_steps((None, GREEN)))
        .targets([_target(asked.expression, "A").legend_format(asked.legend).instant()])
    )
    if maximum is not None:
        panel.max(maximum)
    return _described(panel, title, description, empty, width, HEIGHT)


def rows(
    title: str,
    description: str,
    labels: dict[str, str],
    columns: Sequence[Column],
    *,
    empty: str,
    width: int = 24,
    links: dict[str, str] | None = None,
) -> table.Panel:
    """A table of the newest values: a row for each combination of labels.

    Args:
        title: the question.
        description: what the rows are.
        labels: headers of the columns that say what a row is, by label.
        columns: the numbers; the first one's sort the rows, the largest first.
        empty: what it means that there are none.
        width: of 24.
        links: addresses, with fields of the row filled in, by label.
    """
    references = [ref for _, ref in zip(columns, _refs(), strict=False)]
    values = {f"Value #{ref}": column.header for column, ref in zip(columns, references, strict=True)}
    order = {field: index for index, field in enumerate([*labels, *values])}
    panel = (
        table.Panel()
        .unit(UNITS["count"])
        .sort_by([common_builders.TableSortByFieldState().display_name(columns[0].header).desc(True)])
        .targets(
            [
                _target(column.expression, ref).format(prometheus.PromQueryFormat.TABLE).instant()
                for column, ref in zip(columns, references, strict=True)
            ]
        )
        .transformations(
            [
                dashboard.DataTransformerConfig(id_val="merge", options={}),
                dashboard.DataTransformerConfig(
                    id_val="organize",
                    options={
                        "excludeByName": {"Time": True},
                        "indexByName": order,
                        "renameByName": {**labels, **values},
                    },
                ),
            ]
        )
    )
    for column in columns:
        panel.override_by_name(column.header, [dashboard.DynamicConfigValue(id_val="unit", value=UNITS[column.unit])])
    for label, url in sorted((links or {}).items()):
        link = {"title": "Look closer", "url": url}
        panel.override_by_name(labels[label], [dashboard.DynamicConfigValue(id_val="links", value=[link])])
    return _described(panel, title, description, empty, width, HEIGHT)


def _described(panel: P, title: str, description: str, empty: str, width: int, height: int) -> P:
    return panel.title(title).description(description).no_value(empty).span(width).height(height).datasource(DATASOURCE)


def _refs() -> str:
    return "ABCDEFGHIJKL"


def _target(expression: str, ref: str) -> queries.Dataquery:
    return queries.Dataquery().datasource(DATASOURCE).expr(expression).ref_id(ref)


def _range(query: Query, ref: str) -> queries.Dataquery:
    return _target(query.expression, ref).legend_format(query.legend).range()


def _dashed() -> list[dashboard.DynamicConfigValue]:
    return [
        dashboard.DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [10, 10]}),
        dashboard.DynamicConfigValue(id_val="custom.fillOpacity", value=0),
        dashboard.DynamicConfigValue(id_val="custom.stacking", value={"mode": "none", "group": "A"}),
    ]


def _number_steps(bad_from: float | None, good_from: float | None) -> builders.ThresholdsConfig:
    if bad_from is not None:
        return _steps((None, GREEN), (bad_from, RED))
    if good_from is not None:
        return _steps((None, ORANGE), (good_from, GREEN))
    return _steps((None, "text"))


def _steps(*steps: tuple[float | None, str]) -> builders.ThresholdsConfig:
    return (
        builders.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([dashboard.Threshold(value=value, color=color) for value, color in steps])
    )
