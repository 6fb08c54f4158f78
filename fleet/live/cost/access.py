"""How the platform's Prometheus is named and reached."""

from __future__ import annotations

from typing import Final

URL_VARIABLE: Final = "FLEET_PROMETHEUS_URL"
TOKEN_VARIABLE: Final = "FLEET_PROMETHEUS_TOKEN"  # noqa: S105 a variable's name
PORT_FORWARD: Final = "kubectl -n spark-system port-forward service/monitoring-prometheus 9090"
LOCAL_URL: Final = "http://localhost:9090"
"""Where it answers then."""
