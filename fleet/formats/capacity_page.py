"""The capacity report as a page: one file that loads nothing, with its figures, and in tables without a script."""

from __future__ import annotations

import json
from typing import Any, Final

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from capacity.reporting.drawing import drawn
from capacity.reporting.palette import MEANING
from capacity.reporting.report import Report
from fleet.formats import capacity_words
from fleet.formats.page import dressed, page_environment

_IN_SCRIPTS: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}

_CONTROLS: Final = {code: f"\\u{code:04x}" for code in range(32) if code not in (9, 10, 13)}
"""The library has two of these in texts, which pages would show otherwise, and then not know it by its hash."""


def page(report: Report) -> str:
    """The report as a page, the same for the same report.

    Args:
        report: all that it says.
    """
    figures = [list(drawn(platform, number)) for number, platform in enumerate(report.platforms)]
    plots: dict[str, Any] = {one.name: one.figure.to_plotly_json() for some in figures for one in some}
    for plot in plots.values():
        plot["layout"].pop("template", None)
    payload = json.dumps(plots, allow_nan=False, default=list, separators=(",", ":")).translate(_IN_SCRIPTS)
    library = Markup(get_plotlyjs().translate(_CONTROLS))  # noqa: S704 - the library's own text
    return (
        page_environment()
        .get_template("capacity.html")
        .render(
            report=report,
            drawn=figures,
            words=capacity_words,
            meanings=MEANING,
            payload=Markup(payload),  # noqa: S704 - what could end the element is escaped
            **dressed("report.css", "capacity.css", scripts=["plots.js"], libraries=[library]),
        )
    )
