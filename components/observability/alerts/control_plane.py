"""Alerts about what is kept in the API server's storage: applications that pile up, and all of it."""

from __future__ import annotations

from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.scraped import OBJECTS, STORAGE_SIZE
from sizing import names


def control_plane_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts."""
    applications = f'max({OBJECTS}{{group="{names.OPERATOR_GROUP}", resource="sparkapplications"}})'
    return (
        Alert(
            name="ElasticSparkApplicationsPilingUp",
            expression=f"{applications} > {objectives.applications}",
            lasting=objectives.applications_lasting,
            severity="warning",
            audience="platform",
            summary="SparkApplications pile up in the cluster",
            description=(
                "There are {{ $value | humanize }} of all queues together; the Spark operator deletes those that ended "
                "for longer than they are kept."
            ),
        ),
        Alert(
            name="ElasticSparkStorageFilling",
            expression=f"max({STORAGE_SIZE}) > {objectives.storage}",
            lasting=objectives.scrape_failing,
            severity="critical",
            audience="platform",
            summary="The API server's storage fills",
            description=(
                "It has {{ $value | humanize1024 }}B of the 8 GiB that EKS allows, at which nothing can be written "
                "any more."
            ),
        ),
    )
