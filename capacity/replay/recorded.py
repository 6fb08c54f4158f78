"""Runs recorded from the real scheduler and autoscaler, against their replay."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import replay
from capacity.replay.world import CHANGE, EXECUTOR, JOB_ROW, PHASE, POOL, QUEUE, Floats, World, rows
from sizing.durations import parse_duration
from sizing.quantities import parse_bytes, parse_cpu

SEEN: Final = Behaviour(executor_start=0.8)
"""Pods of recorded runs start no program."""
_NOTE: Final = {
    "boot": r"boot (\d+) ?s",
    "scan": r"scan (\d+) ?s",
    "unneeded": r"unneeded (\w+)",
    "delay": r"delay after add (\w+)",
    "parallelism": r"parallelism (\d+)",
    "minimum": r"pool (\d+)\.\.",
    "maximum": r"pool \d+\.\.(\d+)",
    "per_node": r"(\d+) executors a node",
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was recorded, and what its replay says, in this order.

    Args:
        node_seconds: of the pool, from the burst's end to the recording's.
        burst_wait: median and 95th of a hundred of the burst's executors, in seconds from creation to running.
        small_wait: the same of those that came later.
        peak: nodes at once.
    """

    node_seconds: tuple[float, float]
    burst_wait: tuple[tuple[float, float], tuple[float, float]]
    small_wait: tuple[tuple[float, float], tuple[float, float]]
    peak: tuple[int, int]


def compare(path: Path, behaviour: Behaviour = SEEN, seed: int = 1) -> Comparison:
    """A recorded run and its replay.

    Args:
        path: JSON with `args`, `dropped_at`, `nodes` and `pods` (docs/capacity.md).
        behaviour: how fast the systems are; what the recording's note says goes before.
        seed: of the replay.

    Raises:
        CapacityError: the file is no such recording.
    """
    try:
        run = json.loads(path.read_text())
        note = {name: _found(pattern, run["args"]["note"]) for name, pattern in _NOTE.items()}
        pods = sorted(run["pods"].values(), key=lambda pod: float(pod["created"]))
        end = float(run["nodes"][-1][0])
        dropped = float(run["dropped_at"])
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise CapacityError([f"{path} is no recorded run: {error!r}"]) from error
    world = _world(run["args"], note, pods, end, behaviour)
    state, lives, *_ = replay(world, seed)
    looks = np.array([time for time, _ in run["nodes"]])
    first = state.jobs["first"]
    # whoever recorded saw what ran when they looked, which is when they counted the nodes
    seen_first = looks[np.searchsorted(looks, first).clip(max=len(looks) - 1)]
    waits = np.where(first < 0, np.nan, seen_first - state.jobs["submitted"])
    seen = np.array([pod.get("running", np.nan) - pod["created"] for pod in pods])
    burst = np.array([pod["app"] == "burst" for pod in pods])
    up = [(ready, gone) for pool, _, ready, gone in lives if pool == 1 and ready >= 0]
    return Comparison(
        node_seconds=(
            sum((b - a) * n for (a, n), (b, _) in zip(run["nodes"], run["nodes"][1:], strict=False) if a >= dropped),
            sum(max(0.0, min(gone, end) - max(ready, dropped)) for ready, gone in up),
        ),
        burst_wait=(_two(seen[burst]), _two(waits[burst])),
        small_wait=(_two(seen[~burst]), _two(waits[~burst])),
        peak=(max(n for _, n in run["nodes"]), max(sum(a <= t < b for a, b in up) for t, _ in up)),
    )


def _two(waits: Floats) -> tuple[float, float]:
    """Median and 95th of a hundred of those that ran; 0 where none did."""
    ran = waits[~np.isnan(waits)]
    return (float(np.quantile(ran, 0.5)), float(np.quantile(ran, 0.95))) if len(ran) else (0.0, 0.0)


def _found(pattern: str, note: str) -> str:
    match = re.search(pattern, note)
    if not match:
        raise ValueError(f"its note says nothing like {pattern}")
    return match[1]


def _world(
    args: Mapping[str, Any], note: Mapping[str, str], pods: list[dict[str, Any]], end: float, behaviour: Behaviour
) -> World:
    cpu, memory, held = parse_cpu(args["cpu"]), parse_bytes(args["memory"]), int(note["per_node"])
    pace = replace(
        behaviour,
        scan_interval=float(note["scan"]),
        delay_after_scale_out=float(parse_duration(note["delay"])),
        parallelism=int(note["parallelism"]),
    ).pace(0, 0, 0)
    return World(
        pools=rows(
            POOL,
            2,
            minimum=[1, int(note["minimum"])],
            maximum=[1, int(note["maximum"])],
            cpu=cpu * held,
            memory=memory * held,
            unneeded=float(parse_duration(note["unneeded"])),
        ),
        queues=rows(QUEUE, 1, jobs=1),
        jobs=rows(
            JOB_ROW,
            len(pods),
            kind=EXECUTOR,
            pool=1,
            submitted=[pod["created"] for pod in pods],
            first_follower=-1,
            next_follower=-1,
            cpu=cpu,
            memory=memory,
            slots=1,
            minimum=1,
            maximum=1,
            end=[pod.get("ended", end + 1) for pod in pods],
            seat=range(len(pods)),
        ),
        phases=rows(PHASE, 0),
        changes=rows(CHANGE, 0),
        boots=np.array([float(note["boot"])]),
        until=np.array([end]),
        pace=pace,
    )
