"""The numbers of a report as figures of plotly. Texts, axes and grids get their colours from the page's style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from capacity.comparing.variants import DECLARED as AS_DECLARED
from capacity.comparing.variants import FIXED as AT_PEAK
from capacity.replay.sampling import PERCENTILES
from capacity.reporting.palette import DECLARED, DEMAND, FIXED, OTHER, RECOMMENDED, faint
from capacity.reporting.queue_figures import GRID, Point, QueueFigures
from capacity.reporting.report import PlatformReport

Figure = Any
"""Of plotly, which has no types."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star")
_BESIDE: Final = 1.2
"""So much longer than the longest bar is an axis, for the text beside that bar."""
_SECOND: Final = 1.0
"""The least time that a logarithmic axis shows."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A figure.

    Args:
        name: in the page, unlike all others.
        title: what it shows.
        says: how to read it, a sentence.
        queue: of which it is; empty for all.
        figure: of plotly.
    """

    name: str
    title: str
    says: str
    queue: str
    figure: Figure


def drawn(platform: PlatformReport, number: int) -> Iterator[Drawn]:
    """The figures of a platform: first those of all queues.

    Args:
        platform: what is drawn.
        number: of the platform in the report.
    """
    yield Drawn(
        name=f"p{number}-savings",
        title="What queues cost, and what they save",
        says="USD of a month, everything paid: executor nodes, and shares of driver nodes and of what all queues use.",
        queue="",
        figure=savings(platform),
    )
    for each, queue in enumerate(platform.figures):
        name = f"p{number}-q{each}"
        step = "each hour" if platform.step == 1 else f"{platform.step} hours"
        yield Drawn(
            name=f"{name}-nodes",
            title="Nodes over time",
            says=f"On the average of {step}. Demand is what executors fill, and those that wait would.",
            queue=queue.queue,
            figure=nodes(queue),
        )
        yield Drawn(
            name=f"{name}-day",
            title=f"The worst day, {queue.worst_day.date}",
            says="The day on which jobs lost most time against fixed nodes, every five minutes.",
            queue=queue.queue,
            figure=worst_day(queue),
        )
        yield Drawn(
            name=f"{name}-week",
            title="The week",
            says=f"Nodes that the demand takes in the median week, by hours of {queue.zone}.",
            queue=queue.queue,
            figure=week(queue),
        )
        yield Drawn(
            name=f"{name}-jobs",
            title="How long jobs wait and run",
            says="Percent of jobs (up) that took at most so long (across; below a second counts as one).",
            queue=queue.queue,
            figure=jobs(queue),
        )
        yield Drawn(
            name=f"{name}-curve",
            title="Cost against waits and runtimes",
            says="For 95 of 100 jobs, beside USD of a month for executor nodes. Longer: than on fixed nodes.",
            queue=queue.queue,
            figure=curve(queue),
        )
        for pool, use in enumerate(queue.use):
            yield Drawn(
                name=f"{name}-use{pool}",
                title=f"What executors hold of nodes of {use.pool}",
                says="Shares of single Ready nodes: the line is the median node, bands hold the middle 50 % and 90 %.",
                queue=queue.queue,
                figure=bands(queue, pool),
            )


def savings(platform: PlatformReport) -> Figure:
    """The talk's bar chart: each queue as it is declared, beside what it is compared with."""
    rows = [row for row in platform.rows if row["way"] == AS_DECLARED]
    names = [_text(row["queue"]) for row in rows]
    figure = _figure(max(220, 90 + 58 * len(rows)))
    today = any(row["today_usd"] is not None for row in rows)
    best = {advice.queue: advice for advice in platform.advice}
    figure.add_bar(
        y=names,
        x=[row["before_usd"] for row in rows],
        name="paid today, else fixed at the peak" if today else "fixed at the peak",
        orientation="h",
        marker_color=FIXED,
        hovertemplate="%{y}: %{x:,.0f} USD<extra></extra>",
    )
    figure.add_bar(
        y=names,
        x=[row["usd"] for row in rows],
        name="as declared",
        orientation="h",
        marker_color=DECLARED,
        text=[_saved(row["saving"]) for row in rows],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,.0f} USD<extra></extra>",
    )
    if best:
        figure.add_bar(
            y=names,
            x=[best[str(row["queue"])].all_usd if row["queue"] in best else None for row in rows],
            name="recommended",
            orientation="h",
            marker_color=RECOMMENDED,
            hovertemplate="%{y}: %{x:,.0f} USD<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.35, bargroupgap=0.08)
    longest = max([1.0, *(float(row[usd] or 0.0) for row in rows for usd in ("before_usd", "usd"))])
    figure.update_xaxes(title_text="USD a month", range=[0, longest * _BESIDE], tickformat="~s")
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


def nodes(queue: QueueFigures) -> Figure:
    """Demand, nodes as declared, and the control."""
    figure, of = _figure(300), queue.nodes
    _line(figure, of.times, of.demand, "demand", DEMAND, filled=True)
    _line(figure, of.times, of.nodes, "nodes as declared", DECLARED)
    _line(figure, of.times, of.fixed, "fixed at the peak", FIXED, dash="dash")
    return _over_time(figure, "nodes")


def worst_day(queue: QueueFigures) -> Figure:
    """Of a day: nodes, those that boot, and executors that wait."""
    of = queue.worst_day
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.08)
    _dressed(figure, 380)
    _line(figure, of.times, of.demand, "demand", DEMAND, row=1, filled=True)
    _line(figure, of.times, of.ready, "Ready nodes", DECLARED, row=1, shape="hv")
    _line(figure, of.times, of.booting, "booting nodes", OTHER, row=1, shape="hv")
    _line(figure, of.times, of.fixed, "fixed at the peak", FIXED, row=1, dash="dash")
    _line(figure, of.times, of.pending, "executors that wait", DEMAND, row=2, dash="dot", filled=True)
    figure.update_yaxes(title_text="nodes", row=1, rangemode="tozero")
    figure.update_yaxes(title_text="executors", row=2, rangemode="tozero")
    figure.update_xaxes(title_text="UTC", tickformat="%H:%M", row=2)
    figure.update_xaxes(tickformat="%H:%M", hoverformat="%H:%M", row=1)
    figure.update_layout(hovermode="x unified")
    return figure


def week(queue: QueueFigures) -> Figure:
    """Demand by hour of the week, Monday above."""
    figure = _figure(300)
    figure.add_heatmap(
        x=list(range(24)),
        y=list(_DAYS),
        z=queue.week,
        colorscale=[[0.0, faint(DEMAND, 0.04)], [1.0, faint(DEMAND, 1)]],
        zmin=0,
        zmax=max([1.0, *(nodes for day in queue.week for nodes in day if nodes is not None)]),
        xgap=1,
        ygap=1,
        colorbar={"title": {"text": "nodes"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate="%{y} %{x}:00: %{z:.1f} nodes<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    figure.update_xaxes(title_text="hour", tickvals=list(range(0, 24, 3)), showgrid=False, zeroline=False)
    return figure


def jobs(queue: QueueFigures) -> Figure:
    """Distributions of waits and runtimes."""
    figure = make_subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06)
    _dressed(figure, 300)
    looks = ((AT_PEAK, "fixed at the peak", FIXED, "dash"), (AS_DECLARED, "as declared", DECLARED, "solid"))
    for column, what in ((1, "wait"), (2, "runtime")):
        for way, name, colour, dash in looks:
            seconds = getattr(queue.distributions[way], what)
            figure.add_scatter(
                x=[max(_SECOND, second) for second in seconds],
                y=list(GRID),
                name=name,
                legendgroup=way,
                showlegend=column == 1,
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate="%{y} % of jobs: at most %{x:,.0f} s<extra></extra>",
                row=1,
                col=column,
            )
        figure.update_xaxes(
            type="log",
            title_text="wait for the driver" if what == "wait" else "runtime",
            tickvals=[1, 10, 60, 600, 3600, 6 * 3600, 86400],
            ticktext=["1 s", "10 s", "1 min", "10 min", "1 h", "6 h", "1 d"],
            tickangle=0,
            col=column,
        )
    figure.update_yaxes(range=[0, 101], ticksuffix=" %", col=1)
    return figure


def curve(queue: QueueFigures) -> Figure:
    """What sizes cost against what they do."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.12)
    _dressed(figure, 330)
    known = [point for point in queue.curve if point.usd is not None]
    tried = [point for point in known if point.what == "tried"]
    if tried:
        _points(figure, tried, "tried for the recommendation", RECOMMENDED, "circle-open", "lines+markers")
    for symbol, point in zip(
        _SYMBOLS, [point for point in known if point.what not in ("tried", "recommended")], strict=False
    ):
        _points(figure, [point], point.what, {AT_PEAK: FIXED, AS_DECLARED: DECLARED}.get(point.what, OTHER), symbol)
    for point in known:
        if point.what == "recommended":
            _points(figure, [point], point.what, RECOMMENDED, "star")
    figure.update_xaxes(title_text="USD a month", rangemode="tozero", tickformat="~s")
    figure.update_yaxes(title_text="wait, s", rangemode="tozero", col=1)
    figure.update_yaxes(title_text="longer", tickformat=".0%", rangemode="tozero", col=2)
    return figure


def bands(queue: QueueFigures, pool: int) -> Figure:
    """CPU and memory that executors hold of single nodes, as percentile bands."""
    use = queue.use[pool]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    _dressed(figure, 380)
    low, first, middle, last, high = range(len(PERCENTILES))
    for row, (what, of) in enumerate((("CPU", use.cpu), ("memory", use.memory)), 1):
        for lower, upper, opacity in ((low, high, 0.18), (first, last, 0.38)):
            name = f"{PERCENTILES[lower]}th to {PERCENTILES[upper]}th of 100 nodes"
            edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "row": row, "col": 1}
            figure.add_scatter(x=use.times, y=of[lower], showlegend=False, legendgroup=name, **edge)
            figure.add_scatter(
                x=use.times,
                y=of[upper],
                name=name,
                legendgroup=name,
                showlegend=row == 1,
                fill="tonexty",
                fillcolor=faint(DECLARED, opacity),
                **edge,
            )
        figure.add_scatter(
            x=use.times,
            y=of[middle],
            name="median node",
            legendgroup="median",
            showlegend=row == 1,
            mode="lines",
            line={"color": DECLARED, "width": 1.5},
            hovertemplate="%{y:.0%}<extra>" + what + "</extra>",
            row=row,
            col=1,
        )
        figure.update_yaxes(title_text=what, tickformat=".0%", range=[0, 1.02], row=row)
    figure.update_xaxes(title_text="UTC", row=2)
    figure.update_layout(hovermode="x unified")
    return figure


def _figure(height: int) -> Figure:
    return _dressed(go.Figure(), height)


def _dressed(figure: Figure, height: int) -> Figure:
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 16, "t": 36, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "ui-sans-serif, system-ui, sans-serif", "size": 12},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(automargin=True, zeroline=False, title_standoff=8, title_font_size=12)
    figure.update_yaxes(automargin=True, zeroline=False, title_standoff=8, title_font_size=12)
    return figure


def _over_time(figure: Figure, unit: str) -> Figure:
    figure.update_layout(hovermode="x unified")
    figure.update_yaxes(title_text=unit, rangemode="tozero")
    figure.update_xaxes(title_text="UTC")
    return figure


def _where(row: int | None) -> dict[str, int]:
    return {} if row is None else {"row": row, "col": 1}


def _line(
    figure: Figure,
    times: Sequence[str],
    values: Sequence[float | None],
    name: str,
    colour: str,
    *,
    row: int | None = None,
    dash: str = "solid",
    shape: str = "linear",
    filled: bool = False,
) -> None:
    """A line over time, or the area below it."""
    figure.add_scatter(
        x=times,
        y=values,
        name=name,
        mode="lines",
        fill="tozeroy" if filled else "none",
        fillcolor=faint(colour, 0.22),
        line={"color": colour, "width": 1 if filled else 2, "dash": dash, "shape": shape},
        hovertemplate="%{y:.1f}",
        **_where(row),
    )


def _points(
    figure: Figure, points: Sequence[Point], name: str, colour: str, symbol: str, mode: str = "markers"
) -> None:
    for column, of in ((1, [point.wait for point in points]), (2, [point.longer for point in points])):
        figure.add_scatter(
            x=[point.usd for point in points],
            y=of,
            name=name,
            legendgroup=name,
            showlegend=column == 1,
            mode=mode,
            marker={"color": colour, "symbol": symbol, "size": 10},
            cliponaxis=False,
            line={"color": colour, "width": 1},
            hovertemplate="%{x:,.0f} USD, %{y"
            + (":,.0f} s" if column == 1 else ":.1%}")
            + "<extra>%{fullData.name}</extra>",
            row=1,
            col=column,
        )


def _saved(share: object) -> str:
    if not isinstance(share, float):
        return "price not known"
    return f"{share:.0%} less" if share >= 0 else f"{-share:.0%} more"


def _text(name: object) -> str:
    """A name as plotly shows it: it reads some HTML in texts."""
    return str(name).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
