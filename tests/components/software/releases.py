"""What tests of components with charts have in common."""

from __future__ import annotations

from typing import Any

from fleet.offline.registration import Registration, Registrations

RELEASE = "kubernetes:helm.sh/v3:Release"
SYSTEM_TOLERATIONS = [{"key": "elastic-spark/pool", "operator": "Equal", "value": "system", "effect": "NoSchedule"}]


def chart(registrations: Registrations) -> Registration:
    """The one release of a stack."""
    return registrations.one(RELEASE)


def values(registrations: Registrations) -> dict[str, Any]:
    """The values of the one release of a stack."""
    return dict(chart(registrations).inputs["values"])


def assert_on_system_pool(placed: dict[str, Any]) -> None:
    """The values place pods on the system pool, and nowhere else."""
    assert placed["nodeSelector"] == {"elastic-spark/pool": "system"}
    assert placed["tolerations"] == SYSTEM_TOLERATIONS
