"""All dashboards, and their JSON. `python -m components.observability.dashboards.definitions` writes it."""

from __future__ import annotations

import json
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from components.observability.dashboards.autoscaling import autoscaling
from components.observability.dashboards.config_maps import DATA
from components.observability.dashboards.costs import costs
from components.observability.dashboards.elastic_story import elastic_story
from components.observability.dashboards.queue import queue
from components.observability.dashboards.spark_application import spark_application
from components.observability.dashboards.yunikorn import yunikorn

DASHBOARDS: Final = {
    "autoscaling": autoscaling,
    "costs": costs,
    "elastic-story": elastic_story,
    "queue": queue,
    "spark-application": spark_application,
    "yunikorn": yunikorn,
}
"""By the name of the file."""


def to_json(dashboard: Dashboard) -> str:
    """What Grafana reads, the same for the same dashboard."""
    return json.dumps(dashboard, cls=JSONEncoder, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write all dashboards where the program finds them."""
    for name, build in DASHBOARDS.items():
        (DATA / f"{name}.json").write_text(to_json(build()))


if __name__ == "__main__":
    main()
