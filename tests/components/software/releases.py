"""What tests of components with charts have in common."""

from __future__ import annotations

from typing import Any

from fleet.offline.registration import Plan, Registration

RELEASE = "kubernetes:helm.sh/v3:Release"
SYSTEM_TOLERATIONS = [{"key": "elastic-spark/pool", "operator": "Equal", "value": "system", "effect": "NoSchedule"}]


def chart(plan: Plan) -> Registration:
    """The one release of a plan."""
    return plan.one(RELEASE)


def values(plan: Plan) -> dict[str, Any]:
    """The values of the one release of a plan."""
    return dict(chart(plan).inputs["values"])


def assert_on_system_pool(placed: dict[str, Any]) -> None:
    """The values place pods on the system pool, and nowhere else."""
    assert placed["nodeSelector"] == {"elastic-spark/pool": "system"}
    assert placed["tolerations"] == SYSTEM_TOLERATIONS
