"""Alerts about the promise that a driver can always start."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import QUEUE
from sizing import names


def driver_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts."""
    pool = f'{{pool="{names.DRIVER_POOL}"}}'
    return (
        Alert(
            name="ElasticSparkDriverPending",
            expression=(
                f"({series.QUEUE_DRIVERS_UNSCHEDULABLE} - on ({QUEUE}) {series.QUEUE_DRIVERS_UNPLACEABLE}"
                f" or {series.QUEUE_DRIVERS_UNSCHEDULABLE}) > 0"
            ),
            lasting=objectives.driver_unschedulable,
            severity="critical",
            audience="platform",
            summary="Drivers of queue {{ $labels.queue }} wait for a node",
            description=(
                "{{ $value }} drivers of queue {{ $labels.queue }} fit on no node of the driver pool, "
                "which should have room for them at any time."
            ),
        ),
        Alert(
            name="ElasticSparkDriverPoolNearlyFull",
            expression=(f"sum({series.POOL_NODES}{pool}) / sum({series.POOL_MAXIMUM}{pool}) > {objectives.pool_full}"),
            lasting=objectives.at_maximum,
            severity="warning",
            audience="platform",
            summary="The driver pool is near its maximum",
            description=(
                "It has {{ $value | humanizePercentage }} of its nodes at most; "
                f"{objectives.pool_full:.0%} leave room for the next tenant. It does not shrink by itself."
            ),
        ),
        Alert(
            name="ElasticSparkHeadroomGone",
            expression=f"{series.POOL_HEADROOM} < {objectives.headroom_drivers}",
            lasting=objectives.headroom_gone,
            severity="warning",
            audience="platform",
            summary="The driver pool has no room for the next driver",
            description=(
                "{{ $value }} drivers would fit on the driver nodes that are there; "
                f"{objectives.headroom_drivers} should. The next job will wait for a node."
            ),
        ),
    )
