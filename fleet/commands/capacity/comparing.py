"""What commands do that compare: `fleet capacity compare`, `report` and `demo`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.commands.capacity.options import of_platforms
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from capacity.paid.bill import Covered
    from capacity.recommending.recommendation import Recommendation
    from capacity.reporting.report import Compared


@dataclass(frozen=True, kw_only=True)
class Found:
    """A trace and its platforms, compared."""

    table: pa.Table
    platforms: list[Compared]


def compared(
    trace: Path,
    *,
    root: Path,
    times: Sequence[float],
    refused: float = 0.0,
    seed: int,
    savings_plan: float,
    shared: bool,
    paid: Path | None,
    recommend: bool = False,
) -> Found:
    """Each platform's queues that have jobs in a trace, compared; what it is about is said meanwhile.

    Args:
        trace: a file.
        root: the project's folder.
        times: seconds that nodes boot.
        refused: share of requests for nodes that AWS refuses.
        seed: of chance.
        savings_plan: by which a Savings Plan's prices are lower.
        shared: whether what all queues use is shared out.
        paid: a bill, if there is one.
        recommend: whether sizes are recommended too, which takes a minute a queue.

    Raises:
        CapacityError: the trace, the bill or a stack is wrong, or jobs can never run.
    """
    from capacity.comparing.comparison import Terms, compare
    from capacity.replay.behaviour import Behaviour
    from capacity.reporting.report import Compared
    from capacity.traces.files import read

    errors, behaviour = terminal(stderr=True), Behaviour(failure_share=refused)
    found = []
    with errors.status("Reading the trace and the stacks") as status:
        table = read(trace)
        parts = of_platforms(table, root)
        shares = _shared(root, [platform.stack for platform, _ in parts]) if shared else {}
        for platform, part in parts:
            today = _today(paid, part, errors)
            terms = Terms(savings_plan=savings_plan, shared_usd_per_hour=shares.get(platform.stack, 0.0))
            status.update(f"Replaying {part.num_rows:,} jobs of {platform.stack} in several ways")
            one = compare(
                part,
                platform,
                behaviour=behaviour,
                boots=times,
                seed=seed,
                terms=terms,
                today=today,
                said=lambda way: status.update(f"Replayed: {way}"),
            )
            advice: dict[str, tuple[Recommendation, list[str]]] = {}
            if recommend:
                from capacity.recommending.outcome import Target
                from capacity.recommending.recommendation import recommend as recommended
                from fleet.commands.capacity.recommended import changes

                for queue in one.queues:
                    status.update(f"{queue.namespace}: looking for sizes, a minute or so")
                    best = recommended(
                        part,
                        platform,
                        queue.namespace,
                        target=Target(),
                        behaviour=behaviour,
                        boots=times,
                        seed=seed,
                    )
                    advice[queue.namespace] = (best, changes(best))
            found.append(Compared(comparison=one, terms=terms, recommended=advice))
    return Found(table=table, platforms=found)


def _today(paid: Path | None, table: pa.Table, errors: Console) -> dict[str, Covered]:
    """What a bill says for the trace's time, by queue; of queues it says too little of, that is told."""
    if paid is None:
        return {}
    from capacity.comparing.comparison import COVERED, paid_today
    from capacity.paid.bill import read

    found = paid_today(read(paid), table)
    for queue in sorted(set(table["queue"].to_pylist())):
        there = found[queue].share if queue in found else 0.0
        if there < COVERED:
            say(
                errors,
                f"{queue}: {paid} covers {there:.0%} of the trace's time, so it is compared with nodes fixed at the "
                "peak (docs/paid-today.md)",
            )
    return found


def _shared(root: Path, platforms: Sequence[str]) -> dict[str, float]:
    """USD an hour of what all queues of each platform use beside driver nodes, by its preview."""
    from fleet.offline.costs import stack_cost
    from fleet.offline.preview import registrations_of_all
    from sizing import names

    return {
        stack: float(
            sum(
                (line.usd_per_unit_hour or 0) * line.minimum
                for line in stack_cost(registrations).priced
                if not line.what.endswith(f"of pool {names.DRIVER_POOL}")
            )
        )
        for stack, registrations in registrations_of_all(root.resolve(), platforms).items()
    }
