"""Alerts about the autoscaler itself, and about groups that it can't make larger."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.recording.nodes import pool_of_group


def autoscaler_alerts(platform: str, objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts. A stand-by of the autoscaler says 0 of everything, hence the largest value of all replicas."""
    last = 'max(cluster_autoscaler_last_activity{activity="main"})'
    backoff = pool_of_group("max_over_time(cluster_autoscaler_node_group_backoff_status[5m])", platform)
    return (
        Alert(
            name="ElasticSparkAutoscalerUnsafe",
            expression="max(cluster_autoscaler_cluster_safe_to_autoscale) == 0",
            lasting=objectives.autoscaler_unsafe,
            severity="critical",
            audience="platform",
            summary="The autoscaler has stopped scaling: it finds the cluster unhealthy",
            description="cluster_safe_to_autoscale is {{ $value }}; it should be 1. No queue gets or returns nodes.",
        ),
        Alert(
            name="ElasticSparkAutoscalerDown",
            expression=f"time() - {last} > {objectives.autoscaler_silent} or absent({last.removeprefix('max')})",
            lasting=objectives.down,
            severity="critical",
            audience="platform",
            summary="The autoscaler has stopped looking, or can't be scraped",
            description=(
                "{{ if eq $value 1.0 }}It is not heard of{{ else }}Its last loop began {{ $value | humanizeDuration }}"
                " ago{{ end }}; one should begin every 10 seconds. No queue gets or returns nodes."
            ),
        ),
        Alert(
            name="ElasticSparkGroupInBackoff",
            expression=(
                f"max by (pool, node_group, reason) ({backoff}) > 0"
                f" and on (pool) max by (pool) ({series.POOL_UNSCHEDULABLE}) > 0"
            ),
            lasting=objectives.backoff,
            severity="warning",
            audience="platform",
            summary="Pool {{ $labels.pool }} can't grow: AWS gives group {{ $labels.node_group }} no nodes",
            description=(
                "Group {{ $labels.node_group }} is in backoff{{ with $labels.reason }} ({{ . }}){{ end }}"
                " while pods of pool {{ $labels.pool }} wait for nodes."
            ),
        ),
    )
