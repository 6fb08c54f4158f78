"""`fleet refresh-instances`: rebuild sizing/data/instances.json from the AWS API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.ending import ends_in_words
from fleet.errors import FleetError
from fleet.files import write_file
from fleet.live.instance_facts import compare, fetch
from sizing.instances import load, render

DATA_FILE: Final = Path(__file__).parents[2] / "sizing" / "data" / "instances.json"
EPILOG: Final = (
    "Examples:\n\n"
    "`fleet refresh-instances --dry-run` # say what would change\n\n"
    "`fleet refresh-instances --region eu-west-3` # one region alone\n\n"
    "Exit code 0: done; 1: something could not be read, and nothing is written; 2: wrong usage."
)


@ends_in_words
def refresh_instances(
    region: Annotated[
        list[str] | None,
        typer.Option(help="Region to ask; repeatable. Default: the regions in the file. Others keep what they have."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")] = False,
    file: Annotated[
        Path, typer.Option(help="The data file.", dir_okay=False, show_default="the packaged one")
    ] = DATA_FILE,
    today: Annotated[
        str | None, typer.Option(help="Date to write, YYYY-MM-DD.", show_default="today, UTC", metavar="DATE")
    ] = None,
) -> None:
    """Rebuild the instance types' facts and prices from the AWS API.

    Needs boto3 (the extra "aws") and credentials that allow ec2:DescribeInstanceTypes and pricing:GetProducts.
    The file is replaced only when everything was read.
    """
    try:
        day = date.fromisoformat(today) if today else datetime.now(UTC).date()
    except ValueError as error:
        raise typer.BadParameter(f"{today!r}: {error}", param_hint="--today") from None
    try:
        old = load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FleetError(f"{file} can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise FleetError(f"{file}: {error}") from None
    new = fetch(old, sorted(set(region or old.price_dates)), day, lambda line: typer.echo(line, err=True))
    if not dry_run:
        write_file(file, render(new))
    changes = compare(old, new)
    typer.echo(f"{file}: {changes}{'; nothing written (--dry-run)' if dry_run else ''}")
