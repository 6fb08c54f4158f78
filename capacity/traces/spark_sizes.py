"""What a Spark application's settings say of its driver and executors. Needs the standard library alone.

Source: apache/spark v4.0, docs/configuration.md and docs/running-on-kubernetes.md; the same names since 3.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

MIB: Final = 2**20
_SIZE: Final = re.compile(r"\s*(\d+)\s*([bkmgtp]?)b?\s*", re.IGNORECASE)
_UNITS: Final = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_CORES: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(m?)\s*")
_DEFAULT_MEMORY: Final = 1024 * MIB
_MINIMUM_OVERHEAD: Final = 384 * MIB
_FACTOR: Final = 0.1
_FACTOR_OTHER_LANGUAGES: Final = 0.4
"""On Kubernetes, of jobs in Python and R. Source: deploy/k8s/Constants.scala (NON_JVM_MEMORY_OVERHEAD_FACTOR)."""
_DEFAULT_INSTANCES: Final = 2


def bytes_of(text: str | None, unit: int = MIB) -> int | None:
    """Bytes of a size as Spark takes it, such as `4g`; `None` where it isn't one, or is redacted.

    Args:
        text: the setting's value.
        unit: of a number without one.
    """
    match = _SIZE.fullmatch(text or "")
    if match is None:
        return None
    return int(match[1]) * (_UNITS[match[2].lower()] if match[2] else unit)


def millicores(text: str | None) -> int | None:
    """Millicores of `2`, `0.5` or `500m`; `None` where it isn't such a number."""
    match = _CORES.fullmatch(text or "")
    if match is None:
        return None
    return math.ceil(float(match[1]) * (1 if match[2] else 1000))


def whole(settings: Mapping[str, str], name: str) -> int | None:
    """A setting that is a whole number; `None` where it isn't there, or something else, such as infinity."""
    value = settings.get(name, "").strip()
    return int(value) if value.isdecimal() else None


def cpu(settings: Mapping[str, str], role: str) -> int | None:
    """Millicores that the driver or an executor requests; `None` where the settings don't say.

    Args:
        settings: Spark's, with their default where they are absent.
        role: `driver` or `executor`.
    """
    asked = millicores(settings.get(f"spark.kubernetes.{role}.request.cores"))
    return asked or millicores(settings.get(f"spark.{role}.cores"))


def memory(settings: Mapping[str, str], role: str) -> int:
    """Bytes that the driver or an executor requests: heap, overhead, off-heap memory and Python's.

    Args:
        settings: Spark's.
        role: `driver` or `executor`.
    """
    heap = bytes_of(settings.get(f"spark.{role}.memory")) or _DEFAULT_MEMORY
    total = heap + overhead(settings, role, heap)
    if role == "executor":
        total += bytes_of(settings.get("spark.executor.pyspark.memory")) or 0
        if settings.get("spark.memory.offHeap.enabled") == "true":
            total += bytes_of(settings.get("spark.memory.offHeap.size"), 1) or 0
    return total


def overhead(settings: Mapping[str, str], role: str, heap: int) -> int:
    """Bytes beside the heap."""
    if (given := bytes_of(settings.get(f"spark.{role}.memoryOverhead"))) is not None:
        return given
    names = (f"spark.{role}.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor")
    factor = next((_number(settings[name]) for name in names if name in settings), None)
    if factor is None:
        other = settings.get("spark.kubernetes.resource.type") in ("python", "r")
        factor = _FACTOR_OTHER_LANGUAGES if other else _FACTOR
    least = bytes_of(settings.get(f"spark.{role}.minMemoryOverhead"))
    return max(int(heap * factor) // MIB * MIB, _MINIMUM_OVERHEAD if least is None else least)


def executors(settings: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The fewest and the most executors that a job has; `None` where the settings bound neither or don't say."""
    if settings.get("spark.dynamicAllocation.enabled") == "true":
        return whole(settings, "spark.dynamicAllocation.minExecutors") or 0, whole(
            settings, "spark.dynamicAllocation.maxExecutors"
        )
    count = whole(settings, "spark.executor.instances")
    if count is None and settings.get("spark.master", "").startswith(("yarn", "k8s")):
        count = _DEFAULT_INSTANCES
    return count, count


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
