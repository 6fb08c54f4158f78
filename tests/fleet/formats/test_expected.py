"""Expected months, in every format of a preview: before and after, made up or not, known or not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from capacity.expected import Month, Unable
from fleet.formats.expected import about, heading, moved, title, waiting
from fleet.formats.html import page
from fleet.formats.markdown import markdown
from fleet.formats.report import preview_form, to_json
from fleet.formats.terminal import terminal
from fleet.formats.text import print_preview
from fleet.formats.text_overview import print_overview
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.expected import ExpectedQueue, NamedTrace
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.formats.pages import parsed
from tests.fleet.offline.recorded import sample, tenant_with

NOW = Month(
    queue="ads-batch",
    jobs=972,
    weeks=4,
    usd=2650.4,
    pools={"ads-batch-main": 2650.4},
    wait=180,
    longer=0.05,
    made_up=False,
)
THEN = replace(NOW, usd=3100.2, wait=121, longer=0.05)
TRACE = NamedTrace(name="traces/t.parquet", jobs=1972, weeks=4.02, made_up=0)
QUEUE = ExpectedQueue(queue="ads-batch", then=THEN, now=NOW)
UNABLE = Unable(queue="ads-batch", jobs=12, of=972, why="executors fit no node of their pool: a; give the pool larger")


def fleet(one: ExpectedQueue = QUEUE, trace: NamedTrace = TRACE, *, maximum: int = 24) -> FleetComparison:
    """A tenant whose pool is larger than before, with what is expected of it."""
    stack = stack_of("ads-dev", tenant_with(), tenant_with(("queues.batch.pools.main.maxNodes", maximum)))
    return replace(fleet_of(replace(stack, expected=(one,))), trace=trace)


def alone(one: ExpectedQueue, trace: NamedTrace = TRACE) -> FleetComparison:
    """A tenant that is compared with nothing."""
    stack = stack_of("ads-dev", None, sample("ads-dev"), compare=False)
    return replace(fleet_of(replace(stack, expected=(one,)), base=None), trace=trace)


def text(comparison: FleetComparison, width: int = 80) -> str:
    console = terminal(width=width)
    with console.capture() as capture:
        print_preview(console, comparison, resources=False)
    return capture.get()


def test_a_change_begins_with_what_it_makes_of_the_expected_month() -> None:
    said = "expected 3,100 → 2,650 USD a month, p95 wait 2 → 3 min"
    assert f"+1,902 USD a month at maximum, {said}\n" in markdown(fleet())
    assert said in " ".join(text(fleet()).split())


def test_what_stays_is_said_once() -> None:
    same = replace(QUEUE, then=replace(NOW, usd=2650.1, wait=181))
    assert [*moved(same)] == []
    assert "| ads-batch | 951 |  | 2,650 | 9,511 → **11,413** | +1,902 |" in markdown(fleet(same))


def test_it_stands_between_minimum_and_maximum() -> None:
    shown = markdown(fleet())
    assert "| USD a month | at minimum | more | expected | at maximum | more |\n|---|--:|--:|--:|--:|--:|" in shown
    assert "| ads-batch | 951 |  | 3,100 → **2,650** | 9,511 → **11,413** | +1,902 |" in shown
    assert "(+1,902 at maximum); expected: 3,100 → 2,650 |" in shown
    assert "| ads-batch | 3,100 → **2,650** | 2 min → **3 min** | \\+5 % | 972 jobs in 4.0 weeks |" in shown
    assert "| ads-batch | 951 | 2,650 | 9,511 |" in markdown(alone(replace(QUEUE, then=None)))


def test_the_page_has_it_in_the_costs_and_in_a_table_of_its_own() -> None:
    root = parsed(page(fleet()))
    costs = root.one("table", "costs")
    heads = [one.words for one in costs.all("th") if one.attributes.get("scope") == "col"]
    assert heads[-3:] == ["minimum", "expected", "maximum"]
    rows = {row.all("th")[0].words: [cell.words for cell in row.all("td")] for row in costs.all("tr") if row.all("td")}
    assert rows["ads-batch"][-3:-1] == ["951", "3,100 → 2,650"]
    assert rows["all of ads-dev"][-2] == "3,100 → 2,650"
    assert {len(cells) for cells in rows.values()} == {6}
    (table,) = (one for one in root.all("table") if "Expected months" in one.text)
    cells = [cell.words for cell in table.all("td")]
    assert cells == ["3,100 → 2,650", "2 min → 3 min", "+5 %", "972 jobs in 4.0 weeks"]


def test_without_a_trace_nothing_is_said_of_expected_months() -> None:
    stack = stack_of("ads-dev", tenant_with(), tenant_with(("queues.batch.pools.main.maxNodes", 24)))
    for shown in (markdown(fleet_of(stack)), page(fleet_of(stack)), text(fleet_of(stack))):
        assert "xpected" not in shown.replace("unexpected", "")
    form = json.loads(to_json(preview_form(fleet_of(stack))))
    assert form["trace"] is None
    assert form["stacks"][0]["expected"] == []


def test_programs_get_both_sides() -> None:
    form = json.loads(to_json(preview_form(fleet(replace(QUEUE, unable=UNABLE)))))
    assert form["trace"] == {
        "name": "traces/t.parquet",
        "jobs": 1972,
        "weeks": 4.02,
        "madeUpJobs": 0,
        "remarks": [],
    }
    (one,) = form["stacks"][0]["expected"]
    assert (one["before"]["usdPerMonth"], one["now"]["usdPerMonth"]) == (3100.2, 2650.4)
    assert (one["now"]["p95WaitSeconds"], one["now"]["p95Longer"], one["now"]["weeks"]) == (180, 0.05, 4)
    assert (one["unableJobs"], one["unableWhy"]) == (12, UNABLE.why)


@pytest.mark.parametrize("width", [80, 160])
def test_the_text_fits_its_width(width: int) -> None:
    made_up = replace(QUEUE, then=replace(THEN, usd=123456, wait=7000), now=replace(NOW, usd=103456, made_up=True))
    for comparison in (fleet(made_up), alone(made_up)):
        lines = text(comparison, width).splitlines()
        assert max(map(len, lines)) <= width
        assert any("103,456" in line for line in lines)
    assert "123,456 → 103,456" in text(fleet(made_up), width)


def test_made_up_jobs_are_marked_wherever_an_amount_stands() -> None:
    made_up = replace(QUEUE, now=replace(NOW, made_up=True))
    trace = replace(TRACE, made_up=1972)
    assert title([made_up]) == "expected, made up"
    assert title([made_up, QUEUE]) == "expected, partly made up"
    assert heading([made_up, QUEUE]).splitlines() == ["expected,", "partly", "made up"]
    shown = markdown(fleet(made_up, trace))
    assert "expected 3,100 → 2,650 USD a month by made-up jobs" in shown
    assert "expected, made up: 3,100 → 2,650 |" in shown
    assert "| at minimum | more | expected, made up | at maximum |" in shown
    assert "972 made-up jobs in 4.0 weeks" in shown
    assert "nobody's real use" in shown
    whole = page(fleet(made_up, trace))
    assert "expected, made up</th>" in whole
    assert "made up by `fleet capacity generate`" in whole
    assert "made up" in text(alone(made_up, trace))
    (one,) = json.loads(to_json(preview_form(fleet(made_up, trace))))["stacks"][0]["expected"]
    assert one["now"]["madeUp"]


def test_a_queue_without_jobs_says_so_instead_of_an_amount() -> None:
    none = ExpectedQueue(queue="ads-batch", then=None, now=None, why="the trace has no job of it")
    assert "| ads-batch | - | - | - | the trace has no job of it |" in markdown(alone(none))
    assert "the trace has no job" in text(alone(none))
    assert [*moved(none)] == []
    assert "expected:" not in markdown(alone(none))


def test_a_queue_that_had_a_month_and_has_none_says_why() -> None:
    none = ExpectedQueue(queue="ads-batch", then=THEN, now=None, why="none of its jobs can run")
    assert [*moved(none)] == ["no expected month: none of its jobs can run"]


def test_jobs_that_can_not_run_are_called_out() -> None:
    comparison = fleet(replace(QUEUE, unable=UNABLE))
    said = "ads-batch: 12 of 972 recorded jobs can't run as it is declared: executors fit no node of their pool: a"
    shown = markdown(comparison)
    assert said in shown[shown.index("> [!WARNING]") : shown.index("| stack |")]
    assert said in " ".join(text(comparison).split())
    assert said in parsed(page(comparison)).one("section", "look").words


def test_a_queue_that_goes_shows_what_it_was() -> None:
    gone = ExpectedQueue(queue="ads-batch", then=THEN, now=None, gone=True)
    stack = replace(stack_of("ads-dev", sample("ads-dev"), None), expected=(gone,))
    shown = markdown(replace(fleet_of(stack), trace=TRACE))
    assert "| ads-batch *removed* | 3,100 | 2 min |" in shown
    assert [*moved(gone)] == []


def test_a_stack_that_does_not_change_still_says_what_its_platform_makes_of_it() -> None:
    same = replace(stack_of("ads-dev", sample("ads-dev"), sample("ads-dev")), expected=(QUEUE,))
    comparison = replace(fleet_of(same), trace=TRACE)
    assert "- **ads-batch**: expected 3,100 → 2,650 USD a month, p95 wait 2 → 3 min\n" in markdown(comparison)
    assert "ads-batch: expected 3,100 → 2,650 USD a month" in text(comparison, 160)


def test_the_first_screen_sums_up_the_queues_of_each_stack() -> None:
    other = ExpectedQueue(queue="ads-other", then=None, now=replace(NOW, queue="ads-other", usd=350))
    stack = stack_of("ads-dev", None, sample("ads-dev"), compare=False)

    def shown(*queues: ExpectedQueue) -> str:
        console = terminal(width=80)
        with console.capture() as capture:
            comparison = replace(fleet_of(replace(stack, expected=queues), base=None), trace=TRACE)
            print_overview(console, comparison, kept="", program="fleet")
        (line,) = (line for line in capture.get().splitlines() if line.strip().startswith("ads-dev"))
        return line.split()[-1]

    assert shown(QUEUE, other) == "3,000"
    assert shown(QUEUE, replace(other, now=None, why="the trace has no job of it")) == "-"


def test_what_the_months_rest_on_is_said_once() -> None:
    partly = replace(TRACE, made_up=72, remarks=("Something is left out.",))
    first, second = about(fleet(trace=partly))
    assert "by a replay on both sides of traces/t.parquet: 1,972 jobs in 4.0 weeks, 72 of them made up" in first
    assert second == "Something is left out."
    assert markdown(fleet(trace=partly)).count("Something is left out.") == 1


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119.4, "119 s"), (120, "2 min"), (7199, "120 min"), (12600, "3.5 h")]
)
def test_waits_are_said_in_units_that_people_read(seconds: float, said: str) -> None:
    assert waiting(seconds) == said
