"""`fleet quotas`: what stacks need of the account's service quotas, before the first `up`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.commands.progress import with_progress
from fleet.errors import FleetError
from fleet.formats.tables import print_table
from fleet.offline.preview import platform_of, previews
from fleet.offline.quotas import AccountNeeds, Need, account_of, quota_needs
from fleet.offline.registration import Registrations
from fleet.offline.stack_preview import StackPreview
from fleet.offline.stacks import chosen_stacks
from infra.settings.stack_file import stack_names
from sizing.pricing.costs import Cost

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet quotas platform-prod ads-prod` # a platform and its tenant, together\n\n"
    "`fleet quotas` # all stacks, by account and region\n\n"
    "Nothing is asked of AWS: defaults are those that AWS documents. docs/guides/first-deployment.md says what to do "
    "with them. Exit code 0: the needs are known, whether or not defaults are enough; 1: a stack is wrong; "
    "2: wrong usage."
)


@ends_in_words
def quotas(
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="STACK", help="Stacks to sum up; none: all that have a file.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Stacks to preview at a time.")] = os.cpu_count() or 1,
    root: Root = Path(),
) -> None:
    """Say what stacks need of AWS's service quotas, what to ask for, and what the first hour costs; asks nobody."""
    root = root.resolve()
    names = chosen_stacks(root, stacks or [])
    found = with_progress(len(names), lambda progress: previews(root, names, jobs, progress))
    recorded = _recorded(found, names)
    accounts = {stack: account for stack in names if (account := account_of(root, stack))}
    console = Console(emoji=False, highlight=False)
    needs = quota_needs(recorded, accounts)
    for one in needs:
        _print(console, one)
    if outside := [stack for stack in names if stack not in accounts]:
        whose = "has" if len(outside) == 1 else "have"
        console.print(f"{', '.join(outside)} {whose} nothing in AWS, so no quota is needed.", markup=False)
    platforms = {stack: platform_of(root, stack) or stack for stack in stack_names(root)}
    asked = {platforms[stack] for stack in accounts}
    if others := [stack for stack, platform in platforms.items() if platform in asked and stack not in names]:
        console.print(f"Not counted, though of the same platforms: {', '.join(others)}.", markup=False)


def _recorded(found: Mapping[str, StackPreview], names: Sequence[str]) -> dict[str, Registrations]:
    """The registrations of the stacks named; ends the command where one, or its platform, has none."""
    if failures := [one.failure.message for one in found.values() if one.failure]:
        raise FleetError("\n".join(failures))
    return {stack: registrations for stack in names if (registrations := found[stack].registrations)}


def _print(console: Console, needs: AccountNeeds) -> None:
    console.rule(f"[bold]Account {needs.account}, {needs.region}", align="left")
    console.print(f"{', '.join(needs.stacks)}: from minimum to maximum, instances in vCPUs", markup=False)
    print_table(console, _table(needs.needs))
    short = [need for need in needs.needs if not need.enough]
    if short:
        console.print("To ask for what the maximum takes; what else the account runs comes on top:\n")
    for need in short:
        call = _call("request-service-quota-increase", need, needs.region)
        console.print(f"{call} --desired-value {need.maximum}", markup=False, soft_wrap=True)
    if short:
        console.print()
    console.print("Defaults are AWS's, and a new account may have less. What applies to it:\n")
    console.print(_call("get-service-quota", needs.needs[0], needs.region), markup=False, soft_wrap=True)
    console.print(f"\n{_first_hour(needs.cost)}\n", markup=False)


def _table(needs: Sequence[Need]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("quota")
    table.add_column("code", no_wrap=True)
    for column in ("needed", "default"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("enough", no_wrap=True)
    for need in needs:
        enough = "yes" if need.enough else "at minimum" if need.enough_at_minimum else "no"
        table.add_row(
            need.quota.name,
            need.quota.code,
            f"{need.minimum:,}" if need.minimum == need.maximum else f"{need.minimum:,} to {need.maximum:,}",
            f"{need.quota.default:,}",
            enough,
            style="dim" if need.enough else "yellow" if need.enough_at_minimum else "red",
        )
    return table


def _call(operation: str, need: Need, region: str) -> str:
    """A command in two lines, which a terminal of 80 columns shows whole and a shell takes as one."""
    quota = need.quota
    return (
        f"aws service-quotas {operation} --region {quota.region(region)} \\\n"
        f"  --service-code {quota.service} --quota-code {quota.code}"
    )


def _first_hour(cost: Cost) -> str:
    usd = cost.per_hour
    said = f"First hour: from {usd.minimum:,.2f} USD at minimum, {usd.maximum:,.2f} USD at maximum, by list prices"
    if cost.unknown:
        said += f"; without {', '.join(sorted({line.what for line in cost.unknown}))}, of which no price is known"
    return f"{said}. What AWS charges by use comes on top."
