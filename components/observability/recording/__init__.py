"""The recording rules of a platform."""

from __future__ import annotations

from components.observability.groups import Group
from components.observability.objectives import Objectives
from components.observability.recording.ages import ages
from components.observability.recording.costs import costs
from components.observability.recording.deadlines import deadlines
from components.observability.recording.nodes import nodes
from components.observability.recording.queues import queues
from components.observability.recording.scale_in import scale_in
from components.observability.recording.waiting import scale_out_objective, waiting


def recording_groups(platform: str, objectives: Objectives | None = None) -> tuple[Group, ...]:
    """All groups that compute series.

    Args:
        platform: its name, with which the names of its Auto Scaling groups start.
        objectives: limits and intervals; the defaults where none are given.
    """
    limits = objectives or Objectives()
    return (
        ages(limits),
        nodes(platform, limits),
        queues(limits),
        waiting(limits),
        scale_out_objective(limits),
        scale_in(limits),
        costs(limits),
        deadlines(limits),
    )
