"""Replays against runs recorded from the real YuniKorn and cluster-autoscaler."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from capacity.errors import CapacityError
from capacity.replay.comparison import Comparison
from capacity.replay.recorded import compare

FOLDER = Path(__file__).parents[2] / "data" / "recorded"
RUNS = sorted(FOLDER.glob("*.json"))
ALONE = [run for run in RUNS if not run.stem.startswith("nine-pools")]
"""Side by side, which pool's nodes come first differs, and with it waits of single pools (docs/capacity.md)."""
OFF = {
    ("nine-pools-busy-machine", "ads-r90s-main", "node-seconds"),
    ("second-stage", "ads-batch-main", "small wait, p50, s"),
    ("second-stage", "ads-batch-main", "small wait, p95, s"),
}
"""Figures that are further apart than allowed, which docs/capacity.md says."""


@cache
def compared(run: Path) -> list[Comparison]:
    """Once for all tests."""
    return compare(run)


def far(run: Path, what: str) -> set[tuple[str, str, str]]:
    """Figures of a run that aren't near, of those whose name has that in it."""
    return {
        (run.stem, found.pool, figure.what)
        for found in compared(run)
        for figure in found.figures()
        if what in figure.what and not figure.near
    }


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.stem)
def test_a_replay_takes_the_node_seconds_that_were_recorded(run: Path) -> None:
    assert far(run, "node-seconds") <= OFF


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.stem)
def test_a_replay_has_as_many_nodes_at_once_as_were_recorded(run: Path) -> None:
    assert far(run, "nodes at once") == set()


@pytest.mark.parametrize("run", ALONE, ids=lambda path: path.stem)
def test_executors_wait_as_long_as_was_recorded(run: Path) -> None:
    assert far(run, "wait") <= OFF


def test_a_run_of_one_pool_is_the_same_as_one_of_several_that_has_only_this(tmp_path: Path) -> None:
    run = json.loads((FOLDER / "one-minute.json").read_text())
    pool = {"note": run["args"]["note"], **{name: run[name] for name in ("dropped_at", "nodes", "pods")}}
    path = tmp_path / "run.json"
    several: dict[str, Any] = {"args": run["args"], "looks": [time for time, _ in run["nodes"]]}
    path.write_text(json.dumps(several | {"pools": {run["args"]["pool"]: pool}}))
    assert compare(path) == compared(FOLDER / "one-minute.json")


@pytest.mark.parametrize(
    ("said", "instead", "longer"),
    [
        ("unneeded 60s", "unneeded 170s", True),
        ("delay after add 10s (local)", "delay after add 170s (local)", True),
        ("delay after add 10s (local)", "delay after add 10s (any pool)", False),
    ],
)
def test_what_the_note_says_is_replayed(tmp_path: Path, said: str, instead: str, longer: bool) -> None:
    run = json.loads((FOLDER / "one-minute.json").read_text())
    run["args"]["note"] = run["args"]["note"].replace(said, instead)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run))
    (other,), (same,) = compare(path), compared(FOLDER / "one-minute.json")
    if longer:
        assert other.node_seconds[1] > 1.2 * same.node_seconds[1]
    else:
        assert other.node_seconds[1] == pytest.approx(same.node_seconds[1], rel=0.05)


def test_what_is_no_recorded_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"args": {"note": "nothing"}}))
    with pytest.raises(CapacityError, match=r"is no recorded run"):
        compare(path)
