"""A dashboard from its rows of panels: identity, variables, places on the grid, and the links between dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

from components.observability.dashboards.panels import DATASOURCE, Panel

TAG: Final = "elastic-spark"
"""Of all dashboards, by which they link to each other."""


@dataclass(frozen=True)
class Row:
    """Panels under a heading.

    Args:
        title: the heading.
        panels: from left to right; lines are full when their widths are 24.
    """

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Variable:
    """Something to choose, above the panels.

    Args:
        name: `$name` in expressions.
        label: what people read.
        values: where the values come from: `label_values(<selector>, <label>)`.
        many: several, or all, may be chosen; otherwise one.
        everything: a regular expression that stands for all of them; not the empty value, which is no queue's.
    """

    name: str
    label: str
    values: str
    many: bool = True
    everything: str = ".+"


def compose(
    uid: str,
    title: str,
    description: str,
    rows: Sequence[Row],
    *,
    variables: Sequence[Variable] = (),
    since: str = "now-6h",
) -> dashboard.Dashboard:
    """The dashboard.

    Args:
        uid: by which links find it, whatever its title.
        title: its name.
        description: what it answers, for whom.
        rows: what is on it.
        variables: what can be chosen; a later one's values may depend on an earlier one's.
        since: how far it looks back at first.
    """
    builder = (
        builders.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("browser")
        .time(since, "now")
        .refresh("1m")
        .readonly()
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .link(
            builders.DashboardLink("Elastic Spark")
            .type(dashboard.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
    )
    for variable in variables:
        builder.with_variable(_variable(variable))
    identifier = 0
    for row in rows:
        identifier += 1
        builder.with_row(builders.Row(row.title).id(identifier))
        for panel in row.panels:
            identifier += 1
            builder.with_panel(panel.id(identifier))
    return builder.build()


def _variable(variable: Variable) -> builders.QueryVariable:
    query = (
        builders.QueryVariable(variable.name)
        .label(variable.label)
        .query({"query": variable.values, "refId": variable.name})
        .definition(variable.values)
        .datasource(DATASOURCE)
        # Queues, pools and applications come and go.
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(variable.many)
        .include_all(variable.many)
    )
    if variable.many:
        query.all_value(variable.everything).current(
            dashboard.VariableOption(text="All", value="$__all", selected=True)
        )
    return query
