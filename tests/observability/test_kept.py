"""All that rules and dashboards ask for survives the scraping, which drops what nobody asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from components.observability import kube_state, scraped, spark_metrics
from components.observability.alerts import alert_groups
from components.observability.groups import Record
from components.observability.recording import recording_groups
from tests.observability.dashboards.shown import NAMES, filled, targets
from tests.observability.expressions import metric_names

VALUES: Final = {"application": "a", "pool": "p", "queue": "q", "tenant": "t"}


def expressions() -> Iterator[str]:
    for group in (*recording_groups("spark-dev"), *alert_groups("spark-dev")):
        for rule in group.rules:
            yield rule.expression
    for name in NAMES:
        for target in targets(name):
            yield filled(target.expression, VALUES)


def recorded() -> set[str]:
    return {rule.series.name for g in recording_groups("spark-dev") for rule in g.rules if isinstance(rule, Record)}


ASKED: Final = sorted({metric for expression in expressions() for metric in metric_names(expression)} - recorded())
OF_NODES: Final = (*scraped.CADVISOR_CONTAINER, *scraped.CADVISOR_NODE, *scraped.KUBELET, *scraped.CILIUM_AGENT)


@pytest.mark.parametrize("metric", ASKED)
def test_a_metric_that_is_asked_for_is_kept(metric: str) -> None:
    assert not re.fullmatch("|".join(scraped.DROPPED), metric)
    if metric.startswith("kube_"):
        assert metric in kube_state.METRICS
    if metric.startswith(("metrics_", "spark_info")):
        assert metric in spark_metrics.METRICS
    if metric.startswith(("container_", "kubelet_", "cilium_")):
        assert metric in OF_NODES
    if metric.startswith("pod_identity_"):
        assert metric in scraped.POD_IDENTITY
    if metric.startswith("envoy_"):
        assert metric in scraped.DOOR
    if metric.startswith("watchable_"):
        assert metric in scraped.DOOR_CONTROLLER


@pytest.mark.parametrize("phase", scraped.UNUSED_PHASES)
def test_no_phase_is_asked_for_that_is_dropped(phase: str) -> None:
    asked = {found for expression in expressions() for found in re.findall(r'phase=~?"([^"]+)"', expression)}
    assert asked
    assert phase not in {one for found in asked for one in found.split("|")}


def test_what_is_dropped_of_kube_system_is_asked_of_no_pod_there() -> None:
    asked = [e for e in expressions() if "kube-system" in e and re.search(r"\bkube_pod_", e)]
    assert asked == []
