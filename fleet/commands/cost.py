"""`fleet cost`: what the queues have cost, beside what they would have, fixed at their peak."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.named_trace import NoTrace, Trace, expected_months, recorded_jobs
from fleet.commands.options import Root, platform_named
from fleet.commands.preview import FILE_WIDTH
from fleet.commands.prometheus import Asked, with_progress
from fleet.commands.together import takes_together
from fleet.files import prepare, write_files
from fleet.formats.terminal import terminal
from fleet.live.cost.access import LOCAL_URL, PORT_FORWARD, URL_VARIABLE

if TYPE_CHECKING:
    from fleet.live.cost.amounts import Measurements
    from fleet.live.cost.period import Span
    from fleet.live.cost.report import CostReport

EPILOG: Final = (
    "Examples:\n\n"
    f"`{PORT_FORWARD} &`\n\n"
    f"`export {URL_VARIABLE}={LOCAL_URL}`\n\n"
    "`fleet cost` # all queues, the last seven days\n\n"
    "`fleet cost --since 2026-11-01 --until 2026-12-01 --out november` # all formats\n\n"
    "`fleet cost --since 24h --tenant ads --format csv > ads.csv` # one tenant\n\n"
    "`fleet cost --source aws --platform platform-prod` # as AWS billed it\n\n"
    "`fleet cost --trace trace.parquet` # beside expected months\n\n"
    "What the numbers mean: docs/costs.md. "
    "Exit code 0: there is a report; 1: there can't be one, and nothing is written; 2: wrong usage."
)


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


class Source(StrEnum):
    """Who is asked."""

    PROMETHEUS = "prometheus"
    AWS = "aws"


_FILES: Final[Mapping[Format, str]] = {
    Format.TEXT: "cost.txt",
    Format.CSV: "cost.csv",
    Format.JSON: "cost.json",
    Format.HTML: "cost.html",
}


@takes_together
@ends_in_words
def cost(
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="Start: 7d, 24h or 90m before the end, or a day or time of UTC.")
    ] = "7d",
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="End, likewise; a length counts from now.", show_default="now")
    ] = None,
    source: Annotated[
        Source,
        typer.Option(help="Who is asked: the platform's Prometheus, or the AWS Cost Explorer (0.01 USD a request)."),
    ] = Source.PROMETHEUS,
    *,
    asked: Asked,
    platform: Annotated[
        str | None, typer.Option(metavar="STACK", help="With --source aws: the platform's stack.")
    ] = None,
    tenant: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this tenant's queues; repeatable.")
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option(metavar="NAMESPACE", help="Only this queue, such as ads-nightly; repeatable.")
    ] = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", help="How to print it. Several, or none for all: --out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write cost.txt, .csv, .json and .html there.", file_okay=False)
    ] = None,
    trace: Trace = None,
    no_trace: NoTrace = False,
    root: Root = Path(),
) -> None:
    """Say what each queue has cost, what it saved against nodes fixed at its peak, and how idle its nodes were."""
    from fleet.live.cost.period import PeriodError, period
    from fleet.live.cost.report import cost_report, with_expected

    if not out and len(formats or ()) > 1:
        raise typer.BadParameter("several formats need --out", param_hint="--format")
    now = datetime.now(UTC)
    try:
        span = period(since, until, now)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from None
    if source is Source.AWS and not platform:
        raise typer.BadParameter("--source aws needs the platform's stack", param_hint="--platform")
    if source is Source.PROMETHEUS and platform:
        raise typer.BadParameter(
            "it is for --source aws; where platforms share a Prometheus, --match tells them apart",
            param_hint="--platform",
        )
    if source is Source.AWS and (given := asked.first_given()):
        raise typer.BadParameter("it is for --source prometheus", param_hint=given)
    if source is Source.PROMETHEUS:
        asked.address()
    root = root.resolve()
    name = platform_named(root, platform, "--platform") if platform else ""
    recorded = recorded_jobs(root, trace, no_trace)
    if out:
        prepare(out)
    if source is Source.AWS:
        measured = with_progress("Asking for costs", lambda progress: _billed(name, span, now, progress))
    else:
        measured = with_progress("Asking for costs", lambda progress: _measured(asked, span, progress))
    report = cost_report(measured, tenant or (), queue or ())
    if recorded:
        report = with_expected(report, *expected_months(root, recorded, platform))
    chosen = formats or (list(Format) if out else [Format.TEXT])
    if out:
        write_files(out, {_FILES[each]: _text(report, each) for each in chosen})
        for each in chosen:
            typer.echo(out / _FILES[each])
    elif chosen == [Format.TEXT]:
        from fleet.formats.cost.as_text import print_report

        print_report(terminal(), report)
    else:
        typer.echo(_text(report, chosen[0]), nl=False)


def _measured(asked: Asked, span: Span, progress: Callable[[float], None]) -> Measurements:
    from fleet.live.cost.prometheus_costs import measure

    return measure(asked.server(), span, asked.match or (), progress)


def _billed(platform: str, span: Span, now: datetime, progress: Callable[[float], None]) -> Measurements:
    from fleet.live.cost.cost_explorer import billed, client

    return billed(client(), platform, span, now, progress)


def _text(report: CostReport, format_: Format) -> str:
    match format_:
        case Format.CSV:
            from fleet.formats.cost.as_csv import to_csv

            return to_csv(report)
        case Format.JSON:
            from fleet.formats.cost.as_json import to_json

            return to_json(report)
        case Format.HTML:
            from fleet.formats.cost.as_html import page

            return page(report)
        case Format.TEXT:
            from fleet.formats.cost.as_text import print_report

            written = io.StringIO()
            print_report(terminal(file=written, width=FILE_WIDTH), report)
            return written.getvalue()
