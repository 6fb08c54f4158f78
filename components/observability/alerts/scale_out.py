"""Alerts about the promise that nodes come in time: multi-window, multi-burn-rate.

Source: https://sre.google/workbook/alerting-on-slos/
"""

from __future__ import annotations

from collections.abc import Sequence

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import FAST_BURNS, SLOW_BURNS, BurnRate, Objectives
from components.observability.promql import POOL, duration


def scale_out_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts, one for a budget that goes fast and one for a slow leak."""
    promise = f"{objectives.scale_out_share:.0%} should get one within {duration(objectives.scale_out)}"
    description = (
        "{{ $value | humanizePercentage }} of the pods of pool {{ $labels.pool }} that needed a new node were late; "
        f"{promise}."
    )
    return (
        Alert(
            name="ElasticSparkScaleOutBudgetBurningFast",
            expression=_burning(FAST_BURNS, objectives),
            lasting=0,
            severity="critical",
            audience="platform",
            summary="Nodes of pool {{ $labels.pool }} come far too late",
            description=description,
        ),
        Alert(
            name="ElasticSparkScaleOutBudgetBurningSlowly",
            expression=_burning(SLOW_BURNS, objectives),
            lasting=0,
            severity="warning",
            audience="platform",
            summary="Nodes of pool {{ $labels.pool }} have come too late too often for days",
            description=description,
        ),
    )


def _burning(burns: Sequence[BurnRate], objectives: Objectives) -> str:
    return " or ".join(f"({_both_windows(burn, objectives)})" for burn in burns)


def _both_windows(burn: BurnRate, objectives: Objectives) -> str:
    limit = round(burn.factor * (1 - objectives.scale_out_share), 6)
    long, short = (series.scale_out_late_ratio(duration(window)) for window in (burn.long, burn.short))
    late = f'{series.POOL_SCALE_OUT_PODS}{{outcome="{series.LATE}"}}[{duration(burn.long)}]'
    enough = f"sum by ({POOL}) (sum_over_time({late})) > {objectives.few}"
    return f"{long} > {limit} and {short} > {limit} and on ({POOL}) {enough}"
