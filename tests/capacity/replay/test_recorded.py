"""Replays against runs recorded from the real YuniKorn and cluster-autoscaler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capacity.errors import CapacityError
from capacity.replay.recorded import compare

RUNS = sorted((Path(__file__).parents[2] / "data" / "recorded").glob("*.json"))


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.stem)
def test_a_replay_takes_the_node_seconds_that_were_recorded(run: Path) -> None:
    seen, said = compare(run).node_seconds
    assert said == pytest.approx(seen, rel=0.10)


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.stem)
def test_executors_wait_as_long_as_was_recorded(run: Path) -> None:
    found = compare(run)
    for (seen, said), what in (
        (found.burst_wait, "burst"),
        (found.small_wait, "small"),
    ):
        assert said == pytest.approx(seen, rel=0.20), what


def test_what_is_no_recorded_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"args": {"note": "nothing"}}))
    with pytest.raises(CapacityError, match=r"is no recorded run"):
        compare(path)
