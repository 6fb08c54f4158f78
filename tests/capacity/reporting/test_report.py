"""A report's numbers, its figures, and the page with both."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from capacity.reporting.drawing import drawn
from capacity.reporting.palette import COLOURS
from capacity.reporting.report import Report
from capacity.reporting.writing import as_csv, as_json
from capacity.traces.run import Stage
from fleet.formats.capacity_page import page
from tests.capacity.reporting.reports import a_report, without_prices
from tests.capacity.traces.runs import STAGES, a_run
from tests.fleet.formats.pages import parsed

LONG = (Stage(tasks=4, task_seconds=4000, longest_task_seconds=1200, spread=0.1, driver_seconds=3),)
HOSTILE = """</script><script>alert(1)</script>'"><img src=x onerror=alert(2)>&amp;"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    runs = [a_run(f"a{day}", 1440 * day, stages=STAGES, peak_executors=2) for day in range(9)]
    others = [
        a_run(f"b{day}", 1440 * day + 60, stages=LONG, peak_executors=4, queue="research-explore", name="<b>=x")
        for day in range(9)
    ]
    return a_report(tmp_path_factory.mktemp("report"), [*runs, *others])


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return page(report)


def numbers_in(value: Any) -> Iterator[float]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def figures(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    return dict(json.loads(found))


def test_every_number_of_the_page_is_in_the_json(report: Report, text: str) -> None:
    known = set(numbers_in(json.loads(as_json(report))))
    said = [float(value) for value in re.findall(r'<data value="([^"]*)">', text)]
    assert len(said) > 500
    assert [value for value in said if value not in known] == []
    drawn_numbers = {
        number
        for name, figure in figures(text).items()
        for trace in figure["data"]
        for axis in ("x", "y", "z")
        for number in numbers_in(trace.get(axis) or [])
        if not (name.endswith("-week") and axis == "x") and not (name.endswith("-jobs") and number == 1.0)
    }
    assert len(drawn_numbers) > 20
    assert drawn_numbers - known == set()


def test_the_csv_has_the_numbers_of_the_json(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(report))))
    in_csv = {float(row["value"]) for row in rows if row["value"]}
    of_platforms = json.loads(as_json(report))["platforms"]
    figured = set(numbers_in([platform["figures"] for platform in of_platforms]))
    assert figured - in_csv == set()
    assert {row["queue"] for row in rows} == {"ads-batch", "research-explore"}


def test_no_queue_is_missing_and_each_has_all_of_its_figures(report: Report, text: str) -> None:
    (platform,) = report.platforms
    kinds: dict[str, set[str]] = {}
    for one in drawn(platform, 0):
        kinds.setdefault(one.queue, set()).add(re.sub(r"^p0-(q\d+-)?|\d+$", "", one.name))
    assert kinds[""] == {"savings"}
    for queue in ("ads-batch", "research-explore"):
        assert kinds[queue] == {"nodes", "day", "week", "jobs", "curve", "use"}
        assert re.search(rf"<b>{queue}</b>:\s+<data[^>]*>[\d,]+</data> USD a month, <data[^>]*>\d+% (less|more)", text)
    plots = {one.attributes["id"] for one in parsed(text).all("div", "plot")}
    assert plots == set(figures(text))


def test_figures_have_no_colour_but_the_five(text: str) -> None:
    shown = json.dumps(figures(text)).lower()
    hexes = set(re.findall(r"#[0-9a-f]{6}\b", shown))
    faint = {
        "#" + "".join(f"{int(part):02x}" for part in found)
        for found in re.findall(r"rgba\((\d+),(\d+),(\d+),0?\.?\d", shown)
        if found != ("0", "0", "0")
    }
    assert hexes
    assert hexes | faint <= set(COLOURS)


def test_the_page_loads_nothing_and_runs_its_own_scripts_alone(text: str) -> None:
    root = parsed(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL))
    loading = {"src", "srcset", "href", "action", "data", "poster", "style"}
    refers = [
        (one.tag, name, one.attributes[name])
        for one in root.all()
        for name in one.attributes
        if (name in loading or name.startswith("on")) and not one.attributes[name].startswith("#")
    ]
    assert refers == []
    assert "url(" not in root.one("style").text
    (policy,) = [one.attributes["content"] for one in root.all("meta") if "http-equiv" in one.attributes]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert re.search(r"script-src 'sha256-\S+' 'sha256-\S+'; img-src data:;", policy)
    assert text.count("plotly.js v") == 1


def test_made_up_jobs_are_said_to_be_made_up(tmp_path: Path, text: str) -> None:
    made_up = page(a_report(tmp_path, [a_run("a", stages=STAGES, source="generate")]))
    assert "100% of the runs are made up" in made_up
    assert "made up" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def test_names_of_tenants_never_become_elements_or_formulas(tmp_path: Path) -> None:
    runs = [
        a_run(f"a{day}", 1440 * day, stages=STAGES, peak_executors=8, queue="research-explore", name="=" + HOSTILE)
        for day in range(3)
    ]
    report = a_report(tmp_path, runs)
    assert [risk.name for risk in report.platforms[0].risks] == ["=" + HOSTILE], "or this test shows nothing"
    text = page(report)
    assert "<script>alert" not in text
    assert "<img" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert "=&lt;/script&gt;" in text
    cells = [cell for row in csv.reader(io.StringIO(as_csv(report))) for cell in row]
    assert "'=" + HOSTILE in cells
    assert "=" + HOSTILE not in cells


def test_names_in_figures_are_neither_read_by_the_browser_nor_by_plotly(report: Report) -> None:
    (platform,) = report.platforms
    hostile = replace(platform, rows=[{**row, "queue": HOSTILE} for row in platform.rows])
    text = page(replace(report, platforms=[hostile]))
    (raw,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    assert not set("<>&") & set(raw)
    names = figures(text)["p0-savings"]["data"][0]["y"]
    assert names
    assert not [name for name in names if "<" in name]


def test_a_queue_without_prices_says_so_and_has_its_other_figures(tmp_path: Path) -> None:
    change = partial(without_prices, queue="ads-batch")
    report = a_report(tmp_path, [a_run("a", stages=STAGES, peak_executors=2)], change)
    text = page(report)
    assert "prices of its nodes are not known" in text
    assert "price not known" in json.dumps(figures(text)["p0-savings"])
    assert figures(text)["p0-q0-nodes"]["data"][1]["y"]
    json.loads(as_json(report))


def test_a_trace_of_one_job_has_a_report(tmp_path: Path) -> None:
    report = a_report(tmp_path, [a_run("a", stages=STAGES)])
    (figures_of,) = report.platforms[0].figures
    assert figures_of.worst_day.date == "2026-11-23"
    assert figures_of.worst_day.jobs == 1
    assert len(figures_of.nodes.times) == len(figures_of.nodes.demand)
    week = figures(page(report))["p0-q0-week"]["data"][0]
    assert (week["zmin"], week["zmax"]) == (0, 1), "a week without demand is drawn as none"


def test_a_day_has_its_average_and_most_nodes(report: Report) -> None:
    for queue in report.platforms[0].figures:
        for day in queue.days:
            assert day.nodes <= day.most
        assert [day.date for day in queue.days][:9] == [
            f"2026-11-{23 + day}" if day < 8 else "2026-12-01" for day in range(9)
        ]
