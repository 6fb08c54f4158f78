"""Alerts about measuring itself, without which all others are silent, and about certificates."""

from __future__ import annotations

from components.nodes.autoscaler import NAMESPACE as AUTOSCALER_NAMESPACE
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import SYSTEM_NODES, SYSTEM_PODS
from sizing import names


def measuring_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts."""
    ours = f"{AUTOSCALER_NAMESPACE}|{names.SYSTEM_NAMESPACE}"
    return (
        Alert(
            name="ElasticSparkMetricsMissing",
            expression=f"absent(max({SYSTEM_NODES})) or absent(max({SYSTEM_PODS}))",
            lasting=objectives.scrape_failing,
            severity="critical",
            audience="platform",
            summary="kube-state-metrics tells nothing of nodes or pods: no objective is watched",
            description="No system node, or no pod that asks for one, is told; both always exist.",
        ),
        Alert(
            name="ElasticSparkTargetDown",
            # Of what runs on every node, some always leave: a share, as in kube-prometheus' own alert of this name.
            expression=f'1 - avg by (job, namespace) (up{{namespace=~"{ours}"}}) > {objectives.targets_down}',
            lasting=objectives.scrape_failing,
            severity="warning",
            audience="platform",
            summary="{{ $labels.job }} in {{ $labels.namespace }} can't be scraped",
            description=(
                "{{ $value | humanizePercentage }} of its targets do not answer: what they measure is missing "
                "everywhere."
            ),
        ),
        Alert(
            name="ElasticSparkRulesFailing",
            expression="sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[15m])) > 0",
            lasting=0,
            severity="warning",
            audience="platform",
            summary="Prometheus can't evaluate rules of {{ $labels.rule_group }}",
            description="{{ $value | humanize }} evaluations failed in 15 minutes: series and alerts may be missing.",
        ),
        Alert(
            name="ElasticSparkCertificateFailing",
            expression="sum(increase(certwatcher_read_certificate_errors_total[15m])) > 0",
            lasting=0,
            severity="critical",
            audience="platform",
            summary="The Spark operator can't read its webhook's certificate",
            description=(
                "{{ $value | humanize }} reads failed in 15 minutes. Once the certificate that it holds has expired, "
                "every submission is refused."
            ),
        ),
    )
