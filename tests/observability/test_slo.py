"""docs/slo.md says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from components.observability import series
from components.observability.objectives import FAST_BURNS, SLOW_BURNS, Objectives

TEXT = (Path(__file__).parents[2] / "docs" / "slo.md").read_text()
OBJECTIVES = Objectives()


def test_the_limits_are_those_of_the_program() -> None:
    found = dict(re.findall(r"^\| ([^|]+?) \| [^|]+ \| ([^|]+) \| `", TEXT, re.MULTILINE))
    promise = f"{OBJECTIVES.scale_out_share * 100:.0f} % of the pods that need a new node get one"
    assert found["nodes come in time"].startswith(f"{promise} within {OBJECTIVES.scale_out // 60} min")
    assert f"longer than {OBJECTIVES.driver_unschedulable // 60} min" in found["a driver can always start"]
    assert f"{OBJECTIVES.driver_start} s from" in found["a driver can always start"]
    assert f"{OBJECTIVES.executor_allocation // 60} min from" in found["executors come"]
    assert f"{OBJECTIVES.queue_wait // 60} min at most" in found["queues move"]
    assert f"more than {OBJECTIVES.empty} s" in found["nodes leave"]
    assert f"`small` to {OBJECTIVES.small} nodes, `medium` to {OBJECTIVES.medium}" in TEXT
    assert f"followed for {OBJECTIVES.waits_window // 60} minutes" in " ".join(TEXT.split())


def test_burn_rates_are_those_of_the_program() -> None:
    shares = re.findall(r"^\| [^|]*\| ([0-9.]+) % \|", TEXT, re.MULTILINE)
    burns = (*FAST_BURNS, *SLOW_BURNS)
    assert [float(share) for share in shares] == [
        round(burn.factor * 100 * (1 - OBJECTIVES.scale_out_share), 6) for burn in burns
    ]
    assert f"more than {OBJECTIVES.few} late pods" in TEXT


def test_series_that_are_named_exist() -> None:
    named = set(re.findall(r"`(elastic_spark:[a-z_:]+)`", TEXT))
    assert named
    assert named <= {one.name for one in series.SERIES}
