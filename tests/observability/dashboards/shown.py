"""The dashboards' JSON as a person meets it: panels, what they ask, and what Grafana puts for variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.observability.dashboards.config_maps import PLATFORM, TENANTS, dashboard_json

NAMES = (*PLATFORM, *TENANTS)


@dataclass(frozen=True)
class Target:
    """A query of a panel."""

    dashboard: str
    panel: str
    ref: str
    expression: str
    instant: bool
    legend: str

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.panel} ({self.ref})"


def shown(name: str) -> dict[str, Any]:
    """The JSON of a dashboard."""
    found: dict[str, Any] = json.loads(dashboard_json(name))
    return found


def panels(name: str) -> list[dict[str, Any]]:
    """The panels of a dashboard, without its rows' headings."""
    return [panel for panel in shown(name)["panels"] if panel["type"] != "row"]


def targets(name: str) -> Iterator[Target]:
    """All that a dashboard asks, but for its variables."""
    for panel in panels(name):
        for target in panel["targets"]:
            yield Target(
                name,
                panel["title"],
                target["refId"],
                target["expr"],
                instant=bool(target.get("instant")),
                legend=target.get("legendFormat", ""),
            )


def variables(name: str) -> dict[str, str]:
    """Where the values of each variable come from: the selector and the label, by the variable's name."""
    return {variable["name"]: variable["query"]["query"] for variable in shown(name)["templating"]["list"]}


def everything(name: str) -> dict[str, str]:
    """What stands for all values, by variable, of those of which all can be chosen."""
    chosen = shown(name)["templating"]["list"]
    return {variable["name"]: variable["allValue"] for variable in chosen if variable["includeAll"]}


def label_values(query: str) -> tuple[str, str]:
    """The selector and the label of `label_values(selector, label)`.

    Raises:
        ValueError: it is something else.
    """
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
    if not found:
        raise ValueError(f"not label_values(selector, label): {query}")
    return found[1], found[2]


def filled(text: str, values: Mapping[str, str], seconds: int = 5400) -> str:
    """What Grafana sends: with variables' values, for a time shown of so many seconds.

    Raises:
        ValueError: a variable has no value.
    """
    known = {"__rate_interval": "2m", "__range": f"{seconds}s", **values}

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in known:
            raise ValueError(f"${name} has no value: {text}")
        return known[name]

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)
