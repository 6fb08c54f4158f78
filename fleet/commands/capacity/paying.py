"""What the commands that make a bill take, and how they say what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Column, Table

from fleet.commands.capacity.importing import Placed, Skipped, pairs
from fleet.commands.preview import FILE_WIDTH
from fleet.files import prepare, write_files
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    from capacity.paid.parts import Part
    from capacity.paid.prices import Ec2Prices
    from capacity.traces.placing import Queues

NOTHING_ELSE: Final = "nothing but what the other lines say"
Bill = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The bill to write, such as bill.csv.", dir_okay=False)
]


def when(text: str | None, option: str) -> datetime | None:
    """A day or a time, which is UTC unless it says otherwise.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day or time, such as 2026-11-01 or 2026-11-01T08:00Z"
        raise typer.BadParameter(message, param_hint=option) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def usd_by(texts: Sequence[str] | None, option: str, form: str) -> dict[str, float]:
    """Prices in the form NAME=USD, as often as the option is there.

    Raises:
        typer.BadParameter: one has another form.
    """
    found = {}
    for name, text in pairs(texts, option, form).items():
        try:
            found[name] = float(text)
        except ValueError:
            found[name] = -1.0
        if not 0 <= found[name] < float("inf"):
            raise typer.BadParameter(f"{text!r} of {name} is no number of US dollars", param_hint=option)
    return found


@dataclass(frozen=True, kw_only=True)
class Paid(Placed):
    """Whose the bill is and what EC2 costs, as options say it.

    Attributes:
        queue: see `Placed`.
        queue_of: likewise.
        price: of types of instances, `TYPE=USD`.
        region: where they are.
        spot_share: what Spot costs of on demand.
        all_since: a day from when on all is in the files.
    """

    price: Annotated[
        list[str] | None,
        typer.Option(
            "--price",
            metavar="TYPE=USD",
            help="What an instance of a type costs you an hour on demand, instead of the list price; repeatable.",
        ),
    ] = None
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="REGION", help="Where the instances are, such as eu-central-1."),
    ] = None
    spot_share: Annotated[
        float | None,
        typer.Option(
            "--spot-share", metavar="SHARE", help="What Spot costs of on demand.", show_default="0.4", min=0, max=1
        ),
    ] = None
    all_since: Annotated[
        str | None,
        typer.Option(
            "--all-since",
            metavar="DAY",
            help="All that these queues cost since then is in the files, so that times without a charge cost nothing.",
        ),
    ] = None

    def prices(self) -> Ec2Prices:
        """Prices of EC2.

        Raises:
            typer.BadParameter: one is no price.
        """
        from capacity.paid.prices import Ec2Prices

        own = usd_by(self.price, "--price", "TYPE=USD")
        return Ec2Prices(own) if self.spot_share is None else Ec2Prices(own, self.spot_share)

    def since(self) -> datetime | None:
        """From when on nothing else was paid, if somebody says so.

        Raises:
            typer.BadParameter: it is no day or time.
        """
        return when(self.all_since, "--all-since")


def finish(
    parts: Iterable[Part],
    places: Queues,
    out: Path,
    skipped: Skipped,
    *,
    prices: Ec2Prices,
    service: str,
    since: datetime | None,
    notes: Sequence[str],
    until: datetime | None = None,
) -> None:
    """Writes the bill, and says what is in it and what isn't.

    Args:
        parts: in their source's own places.
        places: the queues of these.
        out: the file.
        skipped: what was left out.
        prices: of EC2, with what has no price.
        service: whose USD come on top of EC2's.
        since: from when on nothing else was paid, if somebody says so.
        notes: of what it is made, a sentence each.
        until: when that was known; `None` for the last charge's end.

    Raises:
        CapacityError: there is no bill to be written.
    """
    from capacity.errors import CapacityError
    from capacity.paid import bill
    from capacity.paid.parts import nothing_else, placed, totals

    prepare(out.parent)
    try:
        found = list(placed(parts, places))
        prices.check()
    finally:
        skipped.say()
    charges = [one.charge for one in found]
    there = bill.span(charges)
    if there is None:
        raise CapacityError(["nothing that costs anything was found"])
    begin, end = there
    if since is not None:
        end = max(end, until or end)
        if since >= end:
            raise CapacityError(
                [f"--all-since {since:%Y-%m-%dT%H:%MZ} is after all charges; the last one ends {end:%F}"]
            )
        charges += nothing_else((charge.queue for charge in charges), since, end, NOTHING_ELSE)
        begin = min(begin, since)
    write_files(out.parent, {out.name: bill.text_of(charges)})
    console = terminal()
    if not console.is_terminal:
        console.width = min(FILE_WIDTH, console.width)
    count = f"{len(charges):,} charge{'s' * (len(charges) != 1)}"
    say(console, f"{out}: {count}, {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")
    columns = ("instance hours", "EC2 USD", f"{service} USD", "USD", "of the time")
    table = Table("queue", *(Column(name, justify="right") for name in columns))
    covered = bill.of_queues(charges, begin, end)
    for queue, total in totals(found).items():
        usd = (f"{number:,.2f}" for number in (total.ec2_usd, total.service_usd, total.usd))
        table.add_row(queue, f"{total.hours:,.1f}", *usd, f"{covered[queue].share:.0%}")
    console.print(table)
    for note in notes:
        say(console, note, "dim")
    if since is None and min(one.share for one in covered.values()) < 1:
        say(
            console,
            "Times without a charge are taken to cost as much as the others, unless --all-since says that they cost "
            "nothing.",
            "dim",
        )
