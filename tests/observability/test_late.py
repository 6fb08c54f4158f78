"""A pod that waits too long is late once, whatever Prometheus has missed meanwhile."""

from __future__ import annotations

import pytest

from components.observability import series
from components.observability.objectives import Objectives
from components.observability.recording.waiting import late_pods
from tests.observability.programs import Programs

WAITS = f'{series.POD_NODE_WAIT}{{namespace="ads-batch", pod="e", uid="1", pool="ads-batch-main"}}'


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        # One evaluation every 30 s; "_" is one that never was.
        ("300", 0),
        ("300 330", 1),
        ("300 330 360", 0),
        ("300 330 " + "_ " * 15 + "720", 0),
        # It went on after the limit, unseen.
        ("300 " + "_ " * 15 + "720", 1),
    ],
)
def test_a_pod_is_late_in_one_evaluation(programs: Programs, seconds: str, found: int) -> None:
    last = len(seconds.split()) - 1
    expression = f"count({late_pods(Objectives())}) or vector(0)"
    programs.holds({WAITS: seconds}, expression, last * 30, found)
