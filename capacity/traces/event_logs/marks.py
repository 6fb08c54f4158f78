"""What a job's settings say of how it was submitted to a queue. Runs inside Spark's image, where `sizing` isn't.

The Spark operator makes settings of an application's labels and of its pods' annotations, and Spark logs them. What
stands in a pod's template is in no setting. Other clusters have other marks for the same: what isn't said isn't known.

Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go (driverConfOption,
executorConfOption), sparkconnect/options.go and internal/scheduler/yunikorn/scheduler.go
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Final

_DEADLINE: Final = "spark.kubernetes.driver.annotation.elastic-spark/deadline"
"""By when the job must have ended, which admission puts on drivers."""
_GROUPS: Final = "spark.kubernetes.driver.annotation.yunikorn.apache.org/task-groups"
"""What makes a gang of a job whose labels want one: the Spark operator writes it, `spark-submit` alone doesn't."""


def deadline(settings: Mapping[str, str]) -> datetime | None:
    """Of jobs of the platform that were submitted with one; another's annotation may be anything."""
    try:
        # Python 3.10 doesn't know Z.
        found = datetime.fromisoformat(settings.get(_DEADLINE, "").replace("Z", "+00:00"))
        return found.astimezone(timezone.utc) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def backfill(settings: Mapping[str, str]) -> bool | None:
    """Whether all pods of a job were in the lane for backfill."""
    return True if _labelled(settings, "elastic-spark/lane", "backfill") else None


def gang(settings: Mapping[str, str]) -> bool | None:
    """Whether a job was scheduled as a gang."""
    return True if _GROUPS in settings and _labelled(settings, "elastic-spark/gang", "true") else None


def _labelled(settings: Mapping[str, str], label: str, value: str) -> bool:
    """Whether all of its pods have a label."""
    return all(settings.get(f"spark.kubernetes.{role}.label.{label}") == value for role in ("driver", "executor"))
