"""Reports for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from capacity.comparing.comparison import Terms, compare
from capacity.declared import Platform, platforms
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import BOOTS
from capacity.reporting.report import Compared, Report, report_of, rests_on
from capacity.traces.files import read, write
from capacity.traces.run import Run
from tests.samples import ROOT


def a_report(folder: Path, runs: list[Run], change: Callable[[Platform], Platform] = lambda one: one) -> Report:
    """Of runs on the queues of platform-dev.

    Args:
        folder: for the trace.
        runs: of it.
        change: what is different of the platform.
    """
    path = folder / "trace.parquet"
    write(runs, path)
    table = read(path)
    platform = change(next(one for one in platforms(ROOT) if one.stack == "platform-dev"))
    comparison = compare(table, platform, behaviour=Behaviour(), boots=BOOTS)
    found = Compared(comparison=comparison, terms=Terms(shared_usd_per_hour=1.0), recommended={})
    return report_of([found], rests_on(table, path.name, boots=BOOTS, seed=1, savings_plan=0.0))


def without_prices(platform: Platform, queue: str) -> Platform:
    """The platform with a queue whose nodes have no known price."""
    of = platform.queues[queue]
    pools = {name: replace(pool, usd_per_hour=None) for name, pool in of.pools.items()}
    return replace(platform, queues={**platform.queues, queue: replace(of, pools=pools)})
