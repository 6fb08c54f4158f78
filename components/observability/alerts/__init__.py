"""The alerts of a platform, each with a runbook of its name in docs/runbooks/."""

from __future__ import annotations

from components.observability.alerts.ages import age_alerts
from components.observability.alerts.autoscaler import autoscaler_alerts
from components.observability.alerts.control_plane import control_plane_alerts
from components.observability.alerts.credentials import credential_alerts
from components.observability.alerts.door import door_alerts
from components.observability.alerts.drivers import driver_alerts
from components.observability.alerts.logs import log_alerts
from components.observability.alerts.measuring import measuring_alerts
from components.observability.alerts.scale_in import scale_in_alerts
from components.observability.alerts.scale_out import scale_out_alerts
from components.observability.alerts.scheduling import scheduling_alerts
from components.observability.alerts.tenants import tenant_alerts
from components.observability.groups import Alert, Group
from components.observability.objectives import Objectives


def alert_groups(
    platform: str, objectives: Objectives | None = None, *, autoscaled: bool = True, door: bool = True
) -> tuple[Group, ...]:
    """All groups of alerts.

    Args:
        platform: its name, with which the names of its Auto Scaling groups start.
        objectives: limits and intervals; the defaults where none are given.
        autoscaled: whether nodes are the platform's and come and go; on an existing cluster no autoscaler can be
            missing, and old nodes are their owner's to replace.
        door: whether it has one; where it has none, none can be down.
    """
    limits = objectives or Objectives()
    by_group = {
        "control-plane": control_plane_alerts(limits),
        "credentials": credential_alerts(limits),
        "drivers": driver_alerts(limits),
        "logs": log_alerts(limits),
        "measuring": measuring_alerts(limits),
        "scheduling": scheduling_alerts(limits),
        "tenants": tenant_alerts(limits),
    }
    if door:
        by_group |= {"door": door_alerts(limits)}
    if autoscaled:
        by_group |= {
            "ages": age_alerts(limits),
            "autoscaler": autoscaler_alerts(platform, limits),
            "scale-in": scale_in_alerts(limits),
            "scale-out": scale_out_alerts(limits),
        }
    return tuple(_group(name, alerts, limits) for name, alerts in sorted(by_group.items()))


def _group(name: str, alerts: tuple[Alert, ...], objectives: Objectives) -> Group:
    return Group(name=f"elastic-spark-alerts-{name}", interval=objectives.interval, rules=alerts)
