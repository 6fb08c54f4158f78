"""The dashboards' JSON, as `make dashboards` has written it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "data"
PLATFORM: Final = ("autoscaling", "costs", "elastic-story", "yunikorn")
"""For the platform's people and whoever pays: they look at all queues at once, and at what no tenant owns."""
TENANTS: Final = ("queue", "spark-application")
"""For tenants' people: all that they ask for has the label `tenant`."""


def dashboard_json(name: str) -> str:
    """The JSON of a dashboard.

    Raises:
        FileNotFoundError: there is no such dashboard.
    """
    return (FOLDER / f"{name}.json").read_text()
