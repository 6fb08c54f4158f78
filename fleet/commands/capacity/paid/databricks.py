"""`fleet capacity paid databricks`: a bill from Databricks' system tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.paying import Paid, finish, usd_by
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity paid databricks --queries` # what to export\n\n"
    "`D='usage.csv --list-prices prices.csv --nodes nodes.csv --region eu-central-1'`\n\n"
    "`fleet capacity paid databricks $D --queue ads-batch --out bill.csv`\n\n"
    "`... --place tag:team --queue-of etl=ads-batch --dbu '*_JOBS_COMPUTE*=0.11'`\n\n"
    "Without --nodes, EC2 isn't in it. An instance is where its cluster's usage is, and left out where the usage "
    "hasn't its cluster. How it is reckoned: docs/paid-today.md. Exit code 0: there is a bill; 1: there can't be one."
)


@takes_together
@of_capacity
def databricks(
    usage: Annotated[
        Path | None,
        typer.Argument(metavar="USAGE", help="The first query's result, as CSV.", dir_okay=False, exists=True),
    ] = None,
    list_prices: Annotated[
        Path | None,
        typer.Option("--list-prices", metavar="FILE", help="The second one's.", dir_okay=False, exists=True),
    ] = None,
    nodes: Annotated[
        Path | None,
        typer.Option(
            "--nodes",
            metavar="FILE",
            help="The third one's, which `import databricks` takes too.",
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The bill to write, such as bill.csv.", dir_okay=False),
    ] = None,
    queries: Annotated[bool, typer.Option("--queries", help="Print the queries, and end.")] = False,
    *,
    paid: Paid,
    place: Annotated[
        str,
        typer.Option("--place", metavar="WHAT", help="What a place is: workspace, job, cluster, or tag:NAME."),
    ] = "workspace",
    dbu: Annotated[
        list[str] | None,
        typer.Option(
            "--dbu",
            metavar="SKU=USD",
            help="What a DBU of a SKU, which may have * in it, costs you, instead of the list price; repeatable.",
        ),
    ] = None,
    spot_workers: Annotated[
        bool, typer.Option("--spot-workers", help="Workers are Spot instances: no table says how they were bought.")
    ] = False,
) -> None:
    """From exports of Databricks' system tables: DBUs, and EC2's instances."""
    from capacity.paid.databricks import PRICES_QUERY, USAGE_QUERY, DbuPrices, dbu_parts, node_parts, placing, usages
    from capacity.paid.databricks import list_prices as read_prices
    from capacity.traces.databricks import NODES_QUERY

    if queries:
        typer.echo(f"-- USAGE\n{USAGE_QUERY}\n-- LIST PRICES\n{PRICES_QUERY}\n-- NODES\n{NODES_QUERY}", nl=False)
        return
    if usage is None or out is None:
        raise typer.BadParameter("it needs the first result and --out, or --queries", param_hint="USAGE")
    if nodes and not paid.region:
        raise typer.BadParameter("nodes need it, for their prices", param_hint="--region")
    skipped, places, where = Skipped(), paid.queues(), placing(place)
    since, prices = paid.since(), paid.prices()
    dbus = DbuPrices(usd_by(dbu, "--dbu", "SKU=USD"))
    if list_prices:
        with list_prices.open(encoding="utf-8-sig", newline="") as rows:
            dbus.listed = read_prices(rows)
    with usage.open(encoding="utf-8-sig", newline="") as rows:
        found = usages(rows)
    parts = list(dbu_parts(found, dbus, where))
    dbus.check()
    notes = ["DBUs at list prices unless --dbu says another. Discounts, storage, traffic and taxes aren't in it."]
    if nodes and paid.region:
        with nodes.open(encoding="utf-8-sig", newline="") as rows:
            parts += node_parts(
                rows,
                found,
                prices=prices,
                region=paid.region,
                spot_workers=spot_workers,
                place=where,
                skip=skipped,
            )
        bought = f"workers as Spot at {prices.spot_share:.0%} of it" if spot_workers else "all of it on demand"
        notes.append(f"EC2 at list prices unless --price says another, {bought}; idle nodes of pools aren't in it.")
    else:
        notes.append("EC2 isn't in it: add --nodes and --region, or it is no comparison.")
    finish(parts, places, out, skipped, prices=prices, service="DBU", since=since, notes=notes)
