"""A report in each format."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from fleet.formats.cost import words
from fleet.formats.cost.as_csv import COLUMNS, to_csv
from fleet.formats.cost.as_html import page
from fleet.formats.cost.as_json import to_json
from fleet.formats.cost.as_text import print_report
from fleet.formats.cost.chart import COLOURS, chart, nice_step
from fleet.formats.drawing import Arrow, Box, Label
from fleet.live.cost.amounts import Owner, Stretch
from fleet.live.cost.period import HOUR, Span, before
from fleet.live.cost.report import CostReport, cost_report, with_expected
from tests.fleet.formats.pages import parsed
from tests.fleet.live.cost.measured import INDEX, NIGHTLY, START, amounts, fleet_of_three, measurements, week
from tests.samples import ROOT

GUIDE = ROOT / "docs" / "costs.md"
HOSTILE = Owner(tenant="x", queue='x-<script>alert("1")</script>')


def of_three() -> CostReport:
    return cost_report(fleet_of_three())


def of_the_bill() -> CostReport:
    found = fleet_of_three()
    unknown = [replace(one, at_peak=None, node_hours=None, idle_node_hours=None, budget=None) for one in found.amounts]
    return cost_report(replace(found, amounts=unknown, source="aws"))


def text(report: CostReport, width: int = 150) -> str:
    written = io.StringIO()
    print_report(Console(file=written, width=width), report)
    return written.getvalue()


def with_submitters(count: int) -> CostReport:
    """The first one submitted for half of what its queue costs, each other for a cent an hour."""
    found = [
        one
        for number in range(count)
        for one in amounts(replace(NIGHTLY, part=f"<user-{number}>"), week(), usd=0.01 if number else 4)
    ]
    found = [replace(one, jobs=2) for one in found]
    return cost_report(replace(fleet_of_three(), submitters=found))


def test_the_dearest_submitters_are_shown_with_their_share_and_all_are_in_csv() -> None:
    report = with_submitters(25)
    said = text(report)
    assert re.search(r"<user-0> +ads-nightly +336 +672\.00 +50\.0 %", said)
    assert said.count("<user-") == 20
    assert "and 5 more: --format csv" in said
    assert "<user-0>" in parsed(page(report)).words
    rows = [row for row in csv.DictReader(io.StringIO(to_csv(report), newline="")) if row["kind"] == "submitter"]
    assert len(rows) == 25
    assert (rows[0]["queue"], rows[0]["part"], rows[0]["jobs"]) == ("ads-nightly", "<user-0>", "336")
    assert float(rows[0]["cost_usd"]) == 672


def test_submitters_are_in_no_sum() -> None:
    assert with_submitters(3).total == of_three().total
    assert cost_report(with_submitters(3).measured, ["search"]).submitters == ()


def test_a_narrow_terminal_loses_no_figure() -> None:
    narrow, wide = (Counter(re.findall(r"[0-9.,%]+[0-9%]|…", text(over(), width))) for width in (40, 150))
    assert narrow == wide
    assert "…" not in narrow


@pytest.mark.parametrize("report", ["of_three", "of_the_bill", "over", "large"])
def test_80_columns_hold_every_line(report: str) -> None:
    said = text({"of_three": of_three, "of_the_bill": of_the_bill, "over": over, "large": large}[report](), 80)
    assert [line for line in said.splitlines() if len(line) > 80] == []


def large() -> CostReport:
    """Of a queue with a long name and submitters that costs hundreds of thousands in a week."""
    owner = Owner(tenant="recommendations", queue="recommendations-model-training")
    found = amounts(owner, week(), usd=900, peak=2_000, nodes=999, idle=99, budget=100_000)
    earlier = before(week())
    past = Stretch(span=earlier, amounts=amounts(owner, earlier, usd=800), covered=earlier.hours)
    person = replace(owner, part="somebody.with-a-long-name@example.com")
    jobs = [replace(one, jobs=2) for one in amounts(person, week(), usd=100)]
    return cost_report(replace(measurements(found), before=past, submitters=jobs))


def test_a_narrow_terminal_has_what_belongs_together_below_each_other() -> None:
    said = text(over(), 80)
    first = r"^ ads-nightly +1,344\.00 +1,008\.00 +3,360\.00 +60\.0 % +1,680\.0 *$"
    second = r"^ +88\.9 % +2,608\.00 +2,016\.00 +10\.0 % *$"
    assert re.search(f"{first}\n{second}", said, re.MULTILINE)
    first = r"^ ads +this time +1,512\.00 +1,008\.00 +150\.0 % +over by 504\.00 *$"
    second = r"^ +month's forecast +2,934\.00 +4,380\.00 +67\.0 % *$"
    assert re.search(f"{first}\n{second}", said, re.MULTILINE)


def test_csv_is_as_the_rfc_has_it_with_the_same_number_of_fields_in_each_line() -> None:
    written = to_csv(of_three())
    assert written.endswith("\r\n")
    assert written.count("\n") == written.count("\r\n")
    rows = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_csv_has_queues_tenants_the_platform_and_sums_with_numbers_that_agree() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(of_three()), newline="")))
    assert [(row["kind"], row["tenant"], row["queue"], row["part"]) for row in rows] == [
        ("queue", "ads", "ads-nightly", ""),
        ("queue", "search", "search-index", ""),
        ("queue", "ads", "ads-reports", ""),
        ("tenant", "ads", "", ""),
        ("tenant", "search", "", ""),
        ("platform", "", "", "system nodes"),
        ("total", "", "", "queues"),
        ("total", "", "", "platform"),
        ("total", "", "", "all"),
    ]
    nightly = rows[0]
    assert float(nightly["at_peak_usd"]) - float(nightly["cost_usd"]) == float(nightly["saving_usd"]) == 12 * 168
    assert (nightly["saving_ratio"], nightly["budget_ratio"]) == ("0.600000", "")
    assert (nightly["tenant_ratio"], rows[3]["budget_ratio"]) == ("0.888889", "1.500000")
    assert rows[3]["monthly_budget_usd"] == "4380.00"
    assert (nightly["since"], nightly["until"]) == ("2026-11-17T00:00Z", "2026-11-24T00:00Z")


def test_what_is_not_known_is_empty_in_csv_null_in_json_and_not_in_text() -> None:
    report = of_the_bill()
    row = next(csv.DictReader(io.StringIO(to_csv(report), newline="")))
    assert (row["at_peak_usd"], row["saving_usd"], row["idle_ratio"], row["budget_ratio"]) == ("",) * 4
    line = json.loads(to_json(report))["lines"][0]
    assert (line["atPeakUsd"], line["savingUsd"], line["idleRatio"]) == (None, None, None)
    assert re.search(r"^ queue +cost +of its tenant *$", text(report), re.MULTILINE)
    assert re.search(r"ads-nightly +1,344\.00 +88\.9 % *$", text(report), re.MULTILINE)


def test_what_is_known_of_some_lines_is_a_dash_in_the_others() -> None:
    assert re.search(r"^ system nodes +336\.00 +- +- +- +672\.0 *$", text(of_three()), re.MULTILINE)


def test_the_guide_names_each_column_in_its_order() -> None:
    named = re.findall(r"^\| `([a-z_]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(named) == COLUMNS


def test_json_has_the_lines_of_csv_and_the_bars() -> None:
    report = of_three()
    document = json.loads(to_json(report))
    rows = list(csv.DictReader(io.StringIO(to_csv(report), newline="")))
    assert [line["costUsd"] for line in document["lines"]] == [float(row["cost_usd"]) for row in rows]
    assert len(document["overTime"]) == 7
    assert document["overTime"][0]["costUsd"]["ads-nightly"] == 192
    assert document["period"] == {"since": "2026-11-17T00:00:00Z", "until": "2026-11-24T00:00:00Z"}


def test_expected_months_are_in_each_format_and_made_up_ones_marked() -> None:
    months = {"ads-nightly": (7654.5, False), "ads-reports": (432.1, True)}
    report = with_expected(of_three(), months, "Expected month: by a replay of t.parquet.")
    rows = {row["queue"]: row for row in csv.DictReader(io.StringIO(to_csv(report))) if row["kind"] == "queue"}
    found = {queue: (row["expected_usd"], row["expected_made_up"]) for queue, row in rows.items()}
    assert found == {
        "ads-nightly": ("7654.5000", "false"),
        "ads-reports": ("432.1000", "true"),
        "search-index": ("", ""),
    }
    form = json.loads(to_json(report))
    assert form["trace"] == "Expected month: by a replay of t.parquet."
    assert {one["expectedUsd"] for one in form["lines"] if one["kind"] == "queue"} == {7654.5, 432.1, None}
    for width in (80, 160):
        shown = text(report, width)
        assert "7,654.50" in shown
        assert "432.10 made up" in shown
        assert max(map(len, shown.splitlines())) <= width
    whole = parsed(page(report))
    assert "432.10 made up" in [cell.words for cell in whole.all("td")]
    assert {len(row.children) for row in whole.all("table")[0].all("tr")} == {11}


def test_without_a_trace_no_format_has_a_column_of_expected_months() -> None:
    assert "xpected" not in text(of_three())
    assert "xpected" not in parsed(page(of_three())).one("main").text
    assert json.loads(to_json(of_three()))["trace"] == ""


def test_text_says_what_is_missing_and_whose() -> None:
    found = fleet_of_three()
    short = [one for one in found.amounts if one.owner != INDEX or one.span.start.day > 17]
    gap = next(iter(week().days()))
    report = cost_report(replace(found, amounts=short, covered=148, gaps=[gap]))
    said = text(report)
    assert "Covers 6 d 4 h of 7 d: what is missing is not in any number" in said
    assert "nothing from 2026-11-17 00:00 to 2026-11-18 00:00 UTC" in said.replace("\n", " ")
    assert "search-index: 6 d of these 6 d 4 h." in said


def test_text_has_tenants_only_where_they_are_not_the_queues_again() -> None:
    assert re.search("^ tenant +cost +fixed at peak", text(of_three()), re.MULTILINE)
    assert not re.search("^ tenant", text(cost_report(fleet_of_three(), ("search",))), re.MULTILINE)


@pytest.mark.parametrize(
    "report", [of_three(), of_the_bill(), cost_report(measurements([]))], ids=["all", "aws", "none"]
)
def test_the_page_loads_nothing_and_runs_its_own_script_alone(report: CostReport) -> None:
    written = page(report)
    root = parsed(written)
    assert not re.findall(r"(?:src|href)=\"(?!#)", written)
    assert "url(http" not in written
    assert "@import" not in written
    (policy,) = [one.attributes["content"] for one in root.all("meta") if "http-equiv" in one.attributes]
    for tag in ("style", "script"):
        digest = hashlib.sha256(root.one(tag).text.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert "style=" not in written.replace("font-style=", "")
    assert written == page(report)


def test_the_page_shows_the_numbers_of_the_text() -> None:
    said = parsed(page(of_three())).words
    for shown in ("1,344.00", "2,016.00", "60.0 %", "150.0 %", "1,008.00", "system nodes", "Covers all of 7 d."):
        assert shown in said


def test_names_never_become_elements() -> None:
    root = parsed(page(cost_report(measurements(amounts(HOSTILE, week(), usd=1)))))
    assert len(root.all("script")) == 1
    assert HOSTILE.queue in root.words


def test_a_chart_has_a_bar_a_day_and_a_queue_as_high_as_it_costs() -> None:
    drawn = chart(of_three())
    boxes = [shape for shape in drawn.drawing.shapes if isinstance(shape, Box)]
    assert len(boxes) == 7 * 4
    heights = {box.title.partition(",")[0]: box.height for box in boxes}
    assert heights["ads-nightly"] == pytest.approx(8 * heights["ads-reports"])
    assert [entry.name for entry in drawn.legend] == ["platform", "ads-nightly", "search-index", "ads-reports"]
    assert "ads-nightly, 2026-11-17: 192.00 USD" in {box.title for box in boxes}


def test_the_line_of_fixed_queues_is_as_high_as_they_would_cost_and_missing_where_nobody_knows() -> None:
    drawn = chart(of_three()).drawing
    (line,) = [shape for shape in drawn.shapes if isinstance(shape, Arrow) and shape.style == "peak"]
    (axis,) = [shape for shape in drawn.shapes if isinstance(shape, Arrow) and shape.style == "axis"]
    boxes = [shape for shape in drawn.shapes if isinstance(shape, Box)]
    high = axis.points[0][1] - line.points[0][1]
    assert high == pytest.approx(sum(box.height for box in boxes[:4]) * 27 / 14)
    assert "peak" not in {shape.style for shape in chart(of_the_bill()).drawing.shapes if isinstance(shape, Arrow)}


def test_the_dearest_queues_have_colours_and_the_others_share_one() -> None:
    found = [
        amount
        for number in range(COLOURS + 4)
        for amount in amounts(Owner(tenant="t", queue=f"t-q{number:02}"), week(1), usd=number + 1)
    ]
    names = [entry.name for entry in chart(cost_report(measurements(found, week(1)))).legend]
    assert names == [f"t-q{number:02}" for number in range(COLOURS + 3, 3, -1)] + ["other queues"]


@given(st.floats(1e-6, 1e9))
def test_steps_of_the_scale_are_round_and_no_larger_than_they_need_be(minimum: float) -> None:
    step = nice_step(minimum)
    assert minimum * (1 - 1e-6) <= step <= 2.5 * minimum * (1 + 1e-6)
    assert f"{step:.6e}"[:3] in ("1.0", "2.0", "2.5", "5.0")


def over() -> CostReport:
    """Of a week that begins and ends at ten, with a week before it, by which one of two tenants is over its budget."""
    span = Span(START + 10 * HOUR, week().end + 10 * HOUR)
    earlier = before(span)
    found = fleet_of_three(span)
    other = amounts(Owner(tenant="other", queue="other-q"), span, usd=1, peak=1, nodes=1, idle=0, budget=100)
    return cost_report(
        replace(
            found,
            amounts=[*found.amounts, *other],
            before=Stretch(span=earlier, amounts=amounts(NIGHTLY, earlier, usd=6), covered=earlier.hours),
            month=Stretch(span=Span(START.replace(day=1), span.start), amounts=(), covered=100),
        )
    )


def test_who_is_over_a_budget_is_told_first_in_text_and_in_a_tile() -> None:
    said = text(over())
    assert "Budgets: ads is over its budget for this time by 504.00 (150.0 %)." in said.splitlines()[3]
    assert re.search(r"ads +1,512\.00 +1,008\.00 +150\.0 % +2,\d+\.\d\d +4,380\.00 +\d+\.\d % +over by 504\.00", said)
    tile = parsed(page(over())).one("section", "totals").one("div", "stop")
    assert tile.words.startswith("Over budget1 of 2 ads is over its budget for this time by 504.00 (150.0 %)")
    assert re.search("Budgets: the tenant is within its budget", text(cost_report(over().measured, ["other"])))
    assert "Budgets" not in text(cost_report(over().measured, ["search"]))


def test_the_period_before_and_the_month_are_said_in_text_and_on_the_page() -> None:
    report = over()
    for said in (" ".join(text(report).split()), parsed(page(report)).words):
        assert "more than in the 7 d before" in said
        assert "Forecast of November 2026" in said
        assert "of its 16 d 10 h before this period, 4 d 4 h are known and the others left out" in said
    document = json.loads(to_json(report))
    assert document["forecastMonth"] == {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}
    assert document["before"]["coveredHours"] == 168
    assert {line["queue"]: line["beforeUsd"] for line in document["lines"] if line["kind"] == "queue"} == {
        "ads-nightly": 1008,
        "ads-reports": 0,
        "other-q": 0,
        "search-index": 0,
    }


@pytest.mark.parametrize(
    ("usd", "covered", "said"),
    [
        (8, 168, "as much as in the 7 d before"),
        (4, 168, "100.0 % more than in the 7 d before"),
        (16, 168, "50.0 % less than in the 7 d before"),
        # Half of it is missing, and it is no cheaper for that.
        (4, 84, "as much as in the 7 d before"),
        (0, 168, ""),
        (0, 0, ""),
    ],
)
def test_a_change_is_by_the_hours_that_are_known(usd: float, covered: float, said: str) -> None:
    span = before(week())
    found = measurements(amounts(NIGHTLY, week(), usd=8))
    report = cost_report(
        replace(found, before=Stretch(span=span, amounts=amounts(NIGHTLY, span, usd=usd), covered=covered))
    )
    assert words.change(report, report.total) == said


def test_days_that_are_not_whole_are_named_and_look_otherwise() -> None:
    report = over()
    assert "2026-11-17 (14 h), 2026-11-24 (10 h)" in " ".join(text(report).split())
    drawn = chart(report)
    assert drawn.partial == "* not a whole day"
    labels = [shape.text for shape in drawn.drawing.shapes if isinstance(shape, Label)]
    assert {"2026-11-17*", "2026-11-18", "2026-11-24*"} <= set(labels)
    boxes = {shape.title: shape.style for shape in drawn.drawing.shapes if isinstance(shape, Box)}
    assert boxes["ads-nightly, 2026-11-17: 112.00 USD in 14 h of it"].endswith(" part")
    assert not boxes["ads-nightly, 2026-11-18: 192.00 USD"].endswith(" part")
    assert [bar["partial"] for bar in json.loads(to_json(report))["overTime"]] == [True, *[False] * 6, True]
    assert chart(of_three()).partial == ""
    assert "whole" not in text(of_three())
