"""The cost report as a page, which loads nothing and works without a script."""

from __future__ import annotations

from fleet.formats.cost import words
from fleet.formats.cost.chart import chart
from fleet.formats.page import dressed, page_environment
from fleet.live.cost.report import CostReport


def page(report: CostReport) -> str:
    """The report as a page, the same for the same report."""
    return (
        page_environment()
        .get_template("cost.html")
        .render(
            report=report,
            chart=chart(report) if report.total.cost > 0 else None,
            words=words,
            **dressed("report.css", "cost.css", scripts=[]),
        )
    )
