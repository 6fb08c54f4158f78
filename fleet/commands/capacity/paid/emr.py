"""`fleet capacity paid emr`: a bill from what the AWS CLI says of EMR's clusters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fleet.commands.capacity.importing import Answers, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.paying import Bill, Paid, finish, usd_by, when
from fleet.commands.together import takes_together

if TYPE_CHECKING:
    from capacity.paid.emr import Surcharge

EPILOG: Final = (
    "Examples:\n\n"
    "`aws emr describe-cluster --cluster-id j-2AX > j-2AX.json`\n\n"
    "`aws emr list-instances --cluster-id j-2AX >> j-2AX.json`\n\n"
    "`aws emr list-instance-groups --cluster-id j-2AX >> j-2AX.json`\n\n"
    "`fleet capacity paid emr j-2AX.json --queue ads-batch --out bill.csv`\n\n"
    "`fleet capacity paid emr *.json --place tag:team --queue-of etl=ads-batch ...`\n\n"
    "A file is a cluster, by its name, also in several folders; it must be as old as what AWS said (--asked). EMR "
    "lists instances for 30 days after their end: ask more often than that. How it is reckoned: docs/paid-today.md. "
    "Exit code 0: there is a bill; 1: there can't be one."
)


@takes_together
@of_capacity
def emr(
    files: Answers,
    out: Bill,
    *,
    paid: Paid,
    place: Annotated[
        str, typer.Option("--place", metavar="WHAT", help="What a place is: cluster, or tag:NAME of the cluster.")
    ] = "cluster",
    surcharge: Annotated[
        list[str] | None,
        typer.Option(
            "--surcharge",
            metavar="SHARE%|TYPE=USD",
            help="What EMR takes an hour: a share of on demand (default: 25%), or USD of a type; repeatable.",
        ),
    ] = None,
    asked: Annotated[
        str | None,
        typer.Option("--asked", metavar="TIME", help="When AWS was asked.", show_default="when files were written"),
    ] = None,
) -> None:
    """From what the AWS CLI says of EMR's clusters and their instances."""
    from capacity.paid.emr import check_all_known, parts_of, placing, running
    from capacity.traces.answers import answers
    from capacity.traces.emr import KEYS
    from capacity.traces.emr_clusters import clusters_of

    skipped, places, where = Skipped(), paid.queues(), placing(place)
    time, since, takes = when(asked, "--asked"), paid.since(), _surcharge(surcharge)
    prices = paid.prices()
    read = (
        (file.stem, time or datetime.fromtimestamp(file.stat().st_mtime, UTC), answer)
        for file in files
        for answer in answers([file], KEYS)
    )
    clusters = [one for _, one in sorted(clusters_of(read, skipped).items())]
    if since is not None:
        check_all_known(clusters, since)
    parts = parts_of(clusters, prices=prices, surcharge=takes, skip=skipped, region=paid.region, place=where)
    notes = [
        f"EC2 at list prices unless --price says another, Spot at {prices.spot_share:.0%} of it, EMR at "
        f"{takes.share:.0%} of on demand where --surcharge doesn't say it: approximate. Volumes, traffic, discounts "
        "and taxes aren't in it."
    ]
    if still := running(clusters):
        notes.append(f"Instances that still run ({still:,}) are in it until AWS was asked.")
    until = max((time for cluster in clusters for time in cluster.listed), default=None)
    finish(parts, places, out, skipped, prices=prices, service="EMR", since=since, until=until, notes=notes)


def _surcharge(texts: Sequence[str] | None) -> Surcharge:
    from capacity.paid.emr import SURCHARGE, Surcharge

    shares = [text for text in texts or () if text.endswith("%")]
    share = SURCHARGE
    if shares:
        try:
            share = float(shares[-1].removesuffix("%")) / 100
        except ValueError:
            share = -1.0
        if len(shares) > 1 or not 0 <= share <= 10:
            raise typer.BadParameter(f"{' '.join(shares)} is not one share, such as 25%", param_hint="--surcharge")
    types = [text for text in texts or () if not text.endswith("%")]
    return Surcharge(share, usd_by(types, "--surcharge", "SHARE% or TYPE=USD"))
