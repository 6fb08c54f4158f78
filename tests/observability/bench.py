"""How long all rules take on a large platform at its busiest, and how much memory; `make bench-rules` runs it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from components.observability.groups import rule_file
from components.observability.objectives import Objectives
from tests.observability.load import Size, groups, recorded_before, scraped
from tests.observability.programs import ProgramsError, available
from tests.observability.prometheus import prometheus

LIMIT_SECONDS: Final = 1.0
"""For all that is evaluated in one interval, one group after the other."""
INTERVAL: Final = Objectives().interval
ROUNDS_SECONDS: Final = 100
"""So that every group is evaluated several times, but not so long that what was fed is forgotten, after 5 minutes."""


def main(queues: int = 20, nodes: int = 200, executors: int = 5000) -> None:
    """Feed a Prometheus with a platform of that size, let it evaluate all rules, and show figures."""
    console = Console(stderr=True)
    try:
        programs = available()
    except ProgramsError as error:
        sys.exit(str(error))
    size = Size(queues, nodes, executors)
    with (
        tempfile.TemporaryDirectory() as folder,
        prometheus(programs, Path(folder), out_of_order=False) as server,
        console.status("Feeding a month of what rules recorded ...") as status,
    ):
        end = time.time() // 30 * 30 + 90
        server.write(recorded_before(size, end))
        status.update("Feeding 15 minutes of scrapes ...")
        samples = scraped(size, end)
        server.write(samples)
        without_rules = server.memory()
        rules = groups(size)
        status.update("Evaluating ...")
        server.load_rules(rule_file(rules))
        evaluations: dict[tuple[str, str], float] = {}
        until = time.monotonic() + ROUNDS_SECONDS
        while time.monotonic() < until:
            for group in server.rules():
                evaluations[group["name"], group["lastEvaluation"]] = group["evaluationTime"]
            time.sleep(5)
        failed = [rule["name"] for group in server.rules() for rule in group["rules"] if rule["health"] != "ok"]
        memory = server.memory()
    rounds = _rounds(evaluations)
    slowest = max(rounds, key=lambda one: sum(one.values()))
    total = sum(slowest.values())
    table = Table("group", "in the slowest round, s")
    for name, seconds in sorted(slowest.items(), key=lambda entry: -entry[1])[:12]:
        table.add_row(name, f"{seconds:.3f}")
    table.add_row(f"all {len(slowest)} groups together", f"{total:.3f}")
    Console().print(table)
    sys.stdout.write(f"rounds of {INTERVAL} s: {', '.join(f'{sum(one.values()):.2f}' for one in rounds)}\n")
    sys.stdout.write(
        f"{size.queues} queues x {size.nodes} nodes, {size.executors} executors: {samples.series} series;"
        f" {without_rules / 2**20:.0f} MiB without rules, {memory / 2**20:.0f} MiB with them\n"
    )
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
    if total > LIMIT_SECONDS:
        sys.exit(f"not reached: all rules within {LIMIT_SECONDS} s")


def _rounds(evaluations: Mapping[tuple[str, str], float]) -> list[dict[str, float]]:
    """Seconds by group, of each interval; some groups are evaluated in every other one.

    Args:
        evaluations: seconds by group and time.
    """
    found: dict[int, dict[str, float]] = {}
    for (group, at), seconds in evaluations.items():
        found.setdefault(int(datetime.fromisoformat(at).timestamp()) // INTERVAL, {})[group] = seconds
    return [one for _, one in sorted(found.items())]


if __name__ == "__main__":
    typer.run(main)
