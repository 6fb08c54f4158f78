"""Alerts about nodes that should have gone, and about executors that should not."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import POOL, duration


def scale_in_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts."""
    evicted = 'sum(increase(cluster_autoscaler_evicted_pods_total{eviction_result="succeeded"}[15m]))'
    return (
        Alert(
            name="ElasticSparkNodesEmptyTooLong",
            expression=f"{series.POOL_NODES_EMPTY_TOO_LONG} > 0",
            lasting=objectives.empty_lasting,
            severity="warning",
            audience="platform",
            summary="Empty nodes of pool {{ $labels.pool }} are not given back",
            description=(
                "{{ $value }} nodes of pool {{ $labels.pool }} above its minimum have been empty for more than "
                f"{duration(objectives.empty)}, and cost money."
            ),
        ),
        Alert(
            name="ElasticSparkPoolBeyondMaximum",
            expression=f"{series.POOL_NODES_TARGET} > on ({POOL}) sum by ({POOL}) ({series.POOL_MAXIMUM})",
            lasting=objectives.beyond_maximum,
            severity="warning",
            audience="platform",
            summary="Pool {{ $labels.pool }} has more nodes than its maximum",
            description=(
                "{{ $value }} nodes of pool {{ $labels.pool }} are asked for, more than it may have, and each costs "
                "money: its quota does not hold, or schedules raise a minimum while other zones are busy."
            ),
        ),
        Alert(
            name="ElasticSparkExecutorEvicted",
            expression=f"sum_over_time({series.EXECUTORS_LOST}[15m]) > 0 or {evicted} > 0",
            lasting=0,
            severity="critical",
            audience="platform",
            summary="Scale-in took running pods{{ with $labels.queue }} of queue {{ . }}{{ end }}",
            description=(
                "{{ $value | humanize }} pods were lost to scale-in within 15 minutes; there must be none. "
                "Stop scale-in before you look for the cause: the runbook says how."
            ),
        ),
    )
