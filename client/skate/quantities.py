"""CPU and memory as Kubernetes and Spark write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_BINARY: Final = {
    "": 1,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
}
_JVM: Final = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}


def cores(text: str) -> Decimal:
    """CPU of Kubernetes, such as `1500m` or `4`, in cores."""
    return Decimal(text[:-1]) / 1000 if text.endswith("m") else Decimal(text)


def kubernetes_bytes(text: str) -> int:
    """Memory of Kubernetes, such as `4Gi`, in bytes.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", text)
    if not found or found[2] not in _BINARY:
        raise ValueError(f"{text!r} is no amount of memory")
    return int(Decimal(found[1]) * _BINARY[found[2]])


def spark_bytes(text: str) -> int:
    """Memory of Spark, such as `4g`, `512m` or `512mb`, in bytes; a number alone is MiB, as for executors.

    Source: apache/spark 4.0, common/utils, JavaUtils.java (byteStringAs)

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"(\d+)\s*([kmgtpb]?)b?", text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is no amount of memory that Spark takes, such as 4g")
    return int(found[1]) * _JVM[found[2] or "m"]


def shown_bytes(count: int) -> str:
    """Bytes for people."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}".replace(".0 ", " ")
    return f"{count} B"
