"""What can be asked for: each metric with the labels that it has."""

from __future__ import annotations

from functools import cache
from typing import Final

from components.observability import kube_state, series, spark_metrics
from components.observability.groups import Record
from tests.observability import recorded, story

BY_PROMETHEUS: Final = ("instance", "job", "namespace")
"""Labels that every scraped series has besides its own."""


@cache
def labels_by_metric() -> dict[str, frozenset[str]]:
    """Of what rules make, of what stacks declare, and of what was recorded of real components."""
    ours = {known.name: frozenset(known.labels) for known in series.SERIES}
    # The windows of an objective are rules, though no names.
    made = (rule.series for group in story.groups() for rule in group.rules if isinstance(rule, Record))
    ours |= {known.name: frozenset(known.labels) for known in made}
    scraped = recorded.labels_by_metric() | {name: frozenset(labels) for name, labels in kube_state.METRICS.items()}
    spark = {name: frozenset(labels) for name, labels in spark_metrics.METRICS.items()}
    return {name: labels | set(BY_PROMETHEUS) for name, labels in scraped.items()} | spark | ours
