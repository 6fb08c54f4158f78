"""The `/metrics` answers that were recorded from real components, tests/data/metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

FOLDER: Final = Path(__file__).parents[1] / "data" / "metrics"


@cache
def families(file: str) -> tuple[Metric, ...]:
    """The metrics of one recorded answer, such as `yunikorn.busy.txt`."""
    text = (FOLDER / file).read_text()
    # The parser ends every counter's name in `_total`, which a few of the autoscaler's lack.
    counters = set(re.findall(r"^# TYPE (\S+) counter$", text, re.MULTILINE))
    found = tuple(text_string_to_metric_families(text))
    for family in found:
        if family.type == "counter" and family.name in counters:
            family.samples = [sample._replace(name=family.name) for sample in family.samples]
    return found


@cache
def labels_by_metric() -> dict[str, frozenset[str]]:
    """Every series' name in any answer, with the labels that it had."""
    found: dict[str, frozenset[str]] = {}
    for name, labels in _all():
        found[name] = found.get(name, frozenset()) | labels
    return found


def _all() -> Iterator[tuple[str, frozenset[str]]]:
    for file in sorted(FOLDER.glob("*.txt")):
        for family in families(file.name):
            for sample in family.samples:
                yield sample.name, frozenset(sample.labels)
