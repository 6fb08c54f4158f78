"""Rules of Prometheus as values, and the texts that Prometheus and its operator take.

Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ and alerting_rules/, and
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from components.observability.promql import duration
from components.observability.series import Label, Series
from sizing.values import Json

Severity = Literal["critical", "warning"]
"""`critical` wakes somebody: a promise is being broken now. `warning` is work for the day."""
Audience = Literal["platform", "tenant"]
"""Who can do something about it; a tenant's alert has the label `tenant`."""
DEFAULT_RUNBOOKS: Final = "docs/runbooks"
"""A folder of this repository; give the address at which people read it."""


@dataclass(frozen=True)
class Record:
    """A series that is computed.

    Args:
        series: which.
        expression: gives the labels that the series has, but those of `labels`.
        labels: fixed ones.
    """

    series: Series
    expression: str
    labels: Mapping[Label, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that somebody must act on; `docs/runbooks/<name>.md` says how.

    Args:
        name: in the field's manner, such as `ElasticSparkDriverPending`.
        expression: what it is about; each series of the answer is an alert of its own.
        lasting: seconds for which it must hold.
        severity: see `Severity`.
        audience: see `Audience`.
        summary: what is wrong, in a sentence without its full stop; templates of Prometheus are filled in.
        description: with values: what was found, and what was expected; full sentences.
    """

    name: str
    expression: str
    lasting: int
    severity: Severity
    audience: Audience
    summary: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rules that are evaluated one after the other, at the same time of the clock.

    Args:
        name: unique in the cluster.
        interval: seconds between evaluations.
        rules: a rule sees what those before it gave.
    """

    name: str
    interval: int
    rules: tuple[Record | Alert, ...]


def rule_file(groups: Iterable[Group], runbooks: str = DEFAULT_RUNBOOKS) -> dict[str, Json]:
    """A rule file of Prometheus, which is also the spec of a PrometheusRule.

    Args:
        groups: in any order; Prometheus evaluates groups side by side.
        runbooks: where runbooks are read; what comes before `/<alert>.md`.
    """
    return {
        "groups": [
            {
                "name": group.name,
                "interval": duration(group.interval),
                "rules": [_rule(rule, runbooks.rstrip("/")) for rule in group.rules],
            }
            for group in sorted(groups, key=lambda group: group.name)
        ]
    }


def _rule(rule: Record | Alert, runbooks: str) -> dict[str, Json]:
    if isinstance(rule, Record):
        labels = {"labels": dict(sorted(rule.labels.items()))} if rule.labels else {}
        return {"record": rule.series.name, "expr": rule.expression, **labels}
    return {
        "alert": rule.name,
        "expr": rule.expression,
        **({"for": duration(rule.lasting)} if rule.lasting else {}),
        "labels": {"audience": rule.audience, "severity": rule.severity},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": f"{runbooks}/{rule.name}.md",
        },
    }
