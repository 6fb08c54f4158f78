"""Replays at once are as many as the process has cores and memory for."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from capacity.comparing import cores


def of(jobs: int) -> Any:  # noqa: ANN401
    return SimpleNamespace(jobs=("job",) * jobs)


@pytest.mark.parametrize(
    ("free", "own", "jobs", "at_once"),
    [
        (None, 8, 10, 8),
        (64 << 30, 8, 10_000, 8),
        (1 << 30, 8, 10, 7),
        (1 << 30, 8, 100_000, 1),
        (0, 8, 10, 1),
        (64 << 30, 1, 10, 1),
    ],
    ids=["unknown memory", "enough", "little", "many jobs", "none", "one core"],
)
def test_there_is_one_for_each_core_while_memory_allows_and_one_at_least(
    free: int | None, own: int, jobs: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "memory", lambda: free)
    monkeypatch.setattr(cores, "own_cores", lambda: own)
    assert cores.at_once(of(jobs)) == at_once


def test_cores_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores.own_cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores.own_cores() == os.cpu_count()


def test_memory_is_the_least_of_what_the_machine_and_the_container_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(cores, "LIMITS", ((limit, used),))
    machine = cores.memory()
    assert machine is not None
    assert machine > 1 << 20
    limit.write_text("1048576\n")
    used.write_text("48576\n")
    assert cores.memory() == 1_000_000
    limit.write_text("max\n")
    assert cores.memory() == pytest.approx(machine, rel=0.5)
