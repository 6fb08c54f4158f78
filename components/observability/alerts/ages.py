"""An alert about nodes that have stayed too long, or run an AMI that has."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import duration


def age_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """This alert. An AMI is older than the nodes that run it, so its age says both."""
    age = duration(objectives.node_age)
    return (
        Alert(
            name="ElasticSparkNodesTooOld",
            expression=f"{series.POOL_OLDEST_AMI} > {objectives.node_age}",
            lasting=objectives.node_age_lasting,
            severity="warning",
            audience="platform",
            summary=f"Pool {{{{ $labels.pool }}}} has nodes older than {age}, or of an AMI that is",
            description=(
                "The oldest AMI on nodes of pool {{ $labels.pool }} is {{ $value | humanizeDuration }} old; what was "
                "patched since is open there. Name a newer release where there is none yet, and replace the nodes "
                "with `fleet pools patch`."
            ),
        ),
    )
