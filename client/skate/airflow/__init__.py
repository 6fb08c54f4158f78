"""Runs Spark jobs from Airflow 3: an operator, its trigger, a hook, and the connection type `skate`.

    from skate.airflow import SkateOperator

    SkateOperator(task_id="nightly", queue="ads-batch", job_file="nightly.yaml")

Takes `elastic-spark-client[airflow]`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from skate.airflow.hook import SkateHook
    from skate.airflow.operator import SkateOperator
    from skate.airflow.trigger import SkateTrigger

__all__ = ["SkateHook", "SkateOperator", "SkateTrigger"]

_HOMES: Final = {
    "SkateHook": "skate.airflow.hook",
    "SkateOperator": "skate.airflow.operator",
    "SkateTrigger": "skate.airflow.trigger",
}


def __getattr__(name: str) -> object:
    """The public names, loaded when first asked for: Airflow asks for the provider while it is itself being loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
