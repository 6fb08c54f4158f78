"""Runs recorded from the real scheduler and autoscaler, against their replay."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.comparison import Comparison
from capacity.replay.engine import replay
from capacity.replay.world import CHANGE, EXECUTOR, JOB_ROW, PHASE, POOL, QUEUE, Floats, Ints, Rows, World, rows
from sizing.durations import parse_duration
from sizing.quantities import parse_bytes, parse_cpu

_N = TypeVar("_N", int, float)

SEEN: Final = Behaviour(executor_start=0.65, removal=7.0)
"""Pods of recorded runs start no program, and nodes end when their instance does."""
NOTICED: Final = 1.0
"""Seconds by which nodes of recorded runs were late beside the boot time of their note: what made them looked for new
instances each second."""
APART: Final = 0.045
"""Seconds between two executors of which the simulated nodes of recorded runs said that they run: one after another."""
REPLAYS: Final = 9
"""Of one recording."""
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
_OF_ALL: Final = r"delay after add \w+ \((?!local\))|not local"
"""The delay is of any pool's scale-out: what stands behind it in brackets is not `local`."""
_SPREADS: Final = r"\bfair\b"
"""YuniKorn's node sorting, where it isn't bin-packing."""


@dataclass(frozen=True, kw_only=True)
class _Pool:
    """A pool of a recorded run: what its note says, its executors in order of creation, its nodes at each look, and
    when its burst ended."""

    name: str
    note: Mapping[str, str]
    spreads: bool
    cpu: int
    memory: int
    pods: Sequence[Mapping[str, Any]]
    nodes: Ints
    dropped: float

    def of_burst(self) -> NDArray[np.bool_]:
        """Which executors are of the burst."""
        return np.array([pod["app"] == "burst" for pod in self.pods])


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What one replay says of a pool: as in `Comparison`."""

    node_seconds: float
    burst_wait: tuple[float, float]
    small_wait: tuple[float, float]
    peak: int


def compare(path: Path, behaviour: Behaviour = SEEN, seed: int = 1) -> list[Comparison]:
    """A recorded run and its replay, pool by pool.

    A recording doesn't say when in YuniKorn's and the autoscaler's rounds it began, nor which of the executors created
    in one second was served first. So it is replayed several times, and each figure is the median.

    Args:
        path: JSON (docs/capacity.md says which).
        behaviour: how fast the systems are; what the recording's note says goes before.
        seed: of what is random.

    Raises:
        CapacityError: the file is no such recording.
    """
    try:
        run = json.loads(path.read_text())
        looks, pools = _read(run)
        of_all = bool(re.search(_OF_ALL, run["args"]["note"]))
        pace = _pace(pools[0].note, replace(behaviour, delay_of_all=of_all))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise CapacityError([f"{path} is no recorded run: {error!r}"]) from error
    replays = [_replay(pools, looks, pace, one) for one in range(seed, seed + REPLAYS)]
    return [
        Comparison(
            pool=pool.name,
            node_seconds=_both(_node_seconds(pool, looks), [said[of].node_seconds for said in replays]),
            burst_wait=(_waits(pool, burst=True), _middle([said[of].burst_wait for said in replays])),
            small_wait=(_waits(pool, burst=False), _middle([said[of].small_wait for said in replays])),
            peak=_both(int(pool.nodes.max()), [said[of].peak for said in replays]),
        )
        for of, pool in enumerate(pools)
    ]


def _read(run: Mapping[str, Any]) -> tuple[Floats, list[_Pool]]:
    """When whoever recorded looked, and the pools."""
    if "pools" not in run:
        looks = np.array([time for time, _ in run["nodes"]], float)
        return looks, [_pool(run["args"]["pool"], run["args"]["note"], run["args"], run, looks)]
    looks = np.array(run["looks"], float)
    return looks, [
        _pool(name, f"{pool['note']}; {run['args']['note']}", run["args"], pool, looks)
        for name, pool in sorted(run["pools"].items())
    ]


def _pool(name: str, note: str, args: Mapping[str, Any], found: Mapping[str, Any], looks: Floats) -> _Pool:
    changes = np.array(found["nodes"], float)
    return _Pool(
        name=name,
        note={what: _found(pattern, note) for what, pattern in _NOTE.items()},
        spreads=bool(re.search(_SPREADS, note)),
        cpu=parse_cpu(args["cpu"]),
        memory=parse_bytes(args["memory"]),
        pods=sorted(found["pods"].values(), key=lambda pod: float(pod["created"])),
        nodes=changes[np.searchsorted(changes[:, 0], looks, side="right") - 1, 1].astype(np.int64),
        dropped=float(found["dropped_at"]),
    )


def _found(pattern: str, note: str) -> str:
    match = re.search(pattern, note)
    if not match:
        raise ValueError(f"its note says nothing like {pattern}")
    return match[1]


def _seen(first: Floats, looks: Floats) -> Floats:
    """When whoever looked at executors saw them run, which is when they counted the nodes; nan for never."""
    order = np.argsort(first, kind="stable")
    order = order[~np.isnan(first[order])]
    turn = np.arange(len(order)) * APART
    said = np.full(len(first), np.nan)
    said[order] = turn + np.maximum.accumulate(first[order] - turn)
    seen = looks[np.searchsorted(looks, said).clip(max=len(looks) - 1)]
    return np.where(np.isnan(said), np.nan, seen)


def _replay(pools: Sequence[_Pool], looks: Floats, pace: Rows, seed: int) -> list[_Said]:
    """What one replay says of each pool. It begins anywhere in the autoscaler's interval."""
    random = np.random.default_rng(seed)
    later = random.random() * float(pace[0]["scan_interval"])
    end = float(looks[-1])
    state, lives, *_ = replay(_world(pools, end, pace, later, random), seed)
    first = np.where(state.jobs["first"] < 0, np.nan, state.jobs["first"] - later)
    waits = _seen(first, looks) - (state.jobs["submitted"] - later)
    begin, found = 0, []
    for position, pool in enumerate(pools, start=1):
        up = [(ready - later, gone - later) for of, _, ready, gone in lives if of == position and ready >= 0]
        own = waits[begin : begin + len(pool.pods)]
        begin += len(pool.pods)
        found.append(
            _Said(
                node_seconds=sum(max(0.0, min(gone, end) - max(ready, pool.dropped)) for ready, gone in up),
                burst_wait=_two(own[pool.of_burst()]),
                small_wait=_two(own[~pool.of_burst()]),
                peak=max((sum(a <= t < b for a, b in up) for t, _ in up), default=0),
            )
        )
    return found


def _node_seconds(pool: _Pool, looks: Floats) -> float:
    """That were recorded from the burst's end on."""
    tail = looks >= pool.dropped
    return float((np.diff(looks[tail]) * pool.nodes[tail][:-1]).sum())


def _waits(pool: _Pool, *, burst: bool) -> tuple[float, float]:
    """That were recorded."""
    seen = np.array([pod.get("running", np.nan) - pod["created"] for pod in pool.pods])
    return _two(seen[pool.of_burst() == burst])


def _two(waits: Floats) -> tuple[float, float]:
    """Median and 95th of a hundred of those that ran; 0 where none did."""
    ran = waits[~np.isnan(waits)]
    return (float(np.quantile(ran, 0.5)), float(np.quantile(ran, 0.95))) if len(ran) else (0.0, 0.0)


def _both(seen: _N, said: Sequence[_N]) -> tuple[_N, _N]:
    """What was seen, and the median of what was said."""
    return seen, sorted(said)[len(said) // 2]


def _middle(waits: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Medians of medians, and of those of 95 in a hundred."""
    medians, most = zip(*waits, strict=True)
    return sorted(medians)[len(waits) // 2], sorted(most)[len(waits) // 2]


def _ends(pool: _Pool, end: float, random: np.random.Generator) -> list[float]:
    """When executors ended, changed among those of one second, each of which may have had any other's place.

    Source: apache/yunikorn-core v1.9.0-0, objects/allocation.go (`LessThan`: creation in whole seconds), and
        apache/yunikorn-k8shim v1.9.0, cache/application.go (`scheduleTasks`: in the order of a map)
    """
    ends = np.array([pod.get("ended", end + 1) for pod in pool.pods])
    seconds = np.array([math.floor(pod["created"]) for pod in pool.pods])
    order = np.lexsort((random.random(len(ends)), seconds))
    return [float(one) for one in ends[order]]


def _pace(note: Mapping[str, str], behaviour: Behaviour) -> Rows:
    return replace(
        behaviour,
        scan_interval=float(note["scan"]),
        delay_after_scale_out=float(parse_duration(note["delay"])),
        parallelism=int(note["parallelism"]),
    ).pace(0, 0, 0)


def _world(pools: Sequence[_Pool], end: float, pace: Rows, later: float, random: np.random.Generator) -> World:
    """What was recorded, that many seconds later."""
    held = [int(pool.note["per_node"]) for pool in pools]
    pods = [(position, pool, pod) for position, pool in enumerate(pools, start=1) for pod in pool.pods]
    return World(
        pools=rows(
            POOL,
            1 + len(pools),
            minimum=[1, *(int(pool.note["minimum"]) for pool in pools)],
            maximum=[1, *(int(pool.note["maximum"]) for pool in pools)],
            cpu=[1, *(pool.cpu * fit for pool, fit in zip(pools, held, strict=True))],
            memory=[1, *(pool.memory * fit for pool, fit in zip(pools, held, strict=True))],
            unneeded=[0.0, *(float(parse_duration(pool.note["unneeded"])) for pool in pools)],
            spreads=[0, *(int(pool.spreads) for pool in pools)],
        ),
        queues=rows(QUEUE, 1, jobs=1),
        jobs=rows(
            JOB_ROW,
            len(pods),
            kind=EXECUTOR,
            pool=[position for position, _, _ in pods],
            submitted=[pod["created"] + later for _, _, pod in pods],
            first_follower=-1,
            next_follower=-1,
            cpu=[pool.cpu for _, pool, _ in pods],
            memory=[pool.memory for _, pool, _ in pods],
            slots=1,
            minimum=1,
            maximum=1,
            end=[one + later for pool in pools for one in _ends(pool, end, random)],
            seat=range(len(pods)),
        ),
        phases=rows(PHASE, 0),
        changes=rows(CHANGE, 0),
        boots=np.array([float(pools[0].note["boot"]) + NOTICED]),
        until=np.array([end + later]),
        pace=pace,
    )
