"""What a reader of a preview sees of a queue's reach, in every format."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import pytest

from fleet.formats.html import page
from fleet.formats.markdown import markdown
from fleet.formats.markdown_queues import MAXIMUM_REACHED
from fleet.formats.reach import reach_lines, reach_summary
from fleet.formats.report import preview_form, to_json
from fleet.formats.terminal import terminal
from fleet.formats.text import print_preview
from fleet.formats.text_reach import SHOWN
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.reached import Reached
from fleet.offline.registration import Registrations
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.formats.pages import Element, article, parsed
from tests.fleet.offline.recorded import sample, tenant_with

SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:research/explore/warehouse-x7Y8z9"  # noqa: S105
EVERYTHING = (
    "s3://example-partner-clicks/daily",
    "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "s3://example-research",
    "s3://example-research/tables",
    "metastore.example.internal:9083",
    "https://iceberg.example.com/catalog, warehouse clicks",
    "reference",
    "brokers",
    "10.70.4.0/24, TCP 9094",
    "warehouse.research.example.com, TCP 5432",
    "WAREHOUSE_PASSWORD",
    SECRET,
    "KAFKA_LOGIN",
    "fair, 24 executors a job, backfill",
)
PLACE = {"host": "db.example.com", "ports": [5432], "purpose": "jdbc"}


def alone(registrations: Registrations, stack: str = "research-dev") -> FleetComparison:
    return fleet_of(stack_of(stack, None, registrations, compare=False), base=None)


def text(comparison: FleetComparison, *, width: int = 80, resources: bool = False) -> str:
    written = io.StringIO()
    print_preview(terminal(file=written, width=width), comparison, resources=resources)
    return written.getvalue()


@cache
def with_places(count: int) -> Registrations:
    places = {f"place{number:02}": {**PLACE, "host": f"db{number:02}.example.com"} for number in range(count)}
    return tenant_with(("queues.batch.reach", places))


def reach_of(root: Element, queue: str, stack: str = "research-dev") -> Element:
    (found,) = [one for one in article(root, stack).all("details", "reach") if queue in one.all("summary")[0].words]
    return found


def rows(table: Element) -> dict[str, str]:
    return {row.all("th")[0].words: row.words for row in table.all("tr") if row.all("td")}


@pytest.mark.parametrize("form", [text, markdown, page])
def test_everything_that_jobs_reach_is_in_every_format(form: Any) -> None:  # noqa: ANN401
    shown = form(alone(sample("research-dev")))
    start, end = (shown.rindex("Jobs"), len(shown)) if form is text else (0, len(shown))
    for each in EVERYTHING:
        assert each in shown[start:end], each


def test_the_json_has_it_by_the_words_of_the_settings() -> None:
    (stack,) = json.loads(to_json(preview_form(alone(sample("research-dev")))))["stacks"]
    (queue,) = stack["queues"]
    assert queue["data"][1] == {"bucket": "example-research", "prefix": "", "access": "readWrite", "kmsKey": None}
    assert queue["catalogs"][2] == {
        "name": "partners",
        "kind": "rest",
        "address": "https://iceberg.example.com/catalog",
        "warehouse": "clicks",
    }
    assert queue["databases"][0] == {"name": "reference", "access": "read"}
    assert queue["reach"][0] == {"name": "brokers", "address": "10.70.4.0/24", "ports": [9094], "purpose": "kafka"}
    assert queue["secrets"][1] == {"name": "WAREHOUSE_PASSWORD", "arn": SECRET}


def test_the_terminals_lines_fit_80_columns_but_for_what_one_copies() -> None:
    shown = text(alone(sample("research-dev")))
    lines = shown[shown.index("Queues") : shown.index("Pools")].splitlines()
    long = [line.strip() for line in lines if len(line) > 80]
    assert sorted(line.split(":")[2] for line in long) == ["kms", "secretsmanager", "ssm"]
    assert all(" " not in line.removeprefix("key ") for line in long)


def test_on_a_wide_terminal_a_thing_takes_one_line() -> None:
    shown = text(alone(sample("research-dev")), width=150)
    (line,) = [line for line in shown.splitlines() if "WAREHOUSE_PASSWORD" in line]
    assert line.endswith(SECRET)


def test_a_queue_that_reaches_nothing_says_how_its_jobs_share_it() -> None:
    shown = text(alone(sample("demo-kind"), "demo-kind"))
    start = shown.index(" demo-try: fifo")
    assert shown[start : shown.index("Pools")].split() == ["demo-try:", "fifo"]
    assert reach_summary(reach_lines(Reached())) == "nothing else"


def test_much_of_one_kind_is_counted_where_not_everything_is_asked_for() -> None:
    few, many = alone(with_places(SHOWN), "ads-dev"), alone(with_places(SHOWN + 3), "ads-dev")
    assert "more, which" not in text(few)
    assert "and 3 more, which --resources names" in text(many)
    whole = text(many, resources=True)
    assert "place10" in whole
    assert "more, which" not in whole


def test_a_comment_has_so_many_lines_a_stack_and_counts_the_rest() -> None:
    shown = markdown(alone(with_places(MAXIMUM_REACHED + 3), "ads-dev"))
    data = len(tenant_data())
    assert f"| {data + 3} more: the whole preview has it all |" in shown
    assert shown.count("`place") == MAXIMUM_REACHED - data


def tenant_data() -> list[Any]:
    (found,) = json.loads(to_json(preview_form(alone(sample("ads-dev"), "ads-dev"))))["stacks"][0]["queues"]
    data: list[Any] = found["data"]
    return data


def test_an_address_is_no_link_and_ends_no_cell_in_a_comment() -> None:
    shown = markdown(alone(sample("research-dev")))
    (line,) = [line for line in shown.splitlines() if "iceberg.example.com" in line]
    assert "`https://iceberg.example.com/catalog, warehouse clicks`" in line


def test_on_the_page_a_line_says_how_much_and_the_rest_is_folded() -> None:
    root = parsed(page(alone(sample("research-dev"))))
    found = reach_of(root, "research-explore")
    said = "Jobs of research-explore reach 2 data locations, 3 catalogs, 2 databases, 2 places, 2 secrets"
    assert found.all("summary")[0].words == said
    assert "open" not in found.attributes
    assert len(rows(found)) == 11
    assert article(root, "research-dev").attributes["data-words"].count("warehouse.research.example.com")


def test_on_the_page_each_queue_has_its_own_and_one_without_has_none() -> None:
    root = parsed(page(alone(sample("search-dev"), "search-dev")))
    assert list(rows(reach_of(root, "search-scheduled", "search-dev"))) == ["s3://example-search-index/crawl"]
    assert not article(parsed(page(alone(sample("demo-kind"), "demo-kind"))), "demo-kind").all("details", "reach")


def test_on_the_page_what_changes_is_open_and_says_what_it_was() -> None:
    after = tenant_with(
        ("queues.explore.reach.warehouse.ports", [5432, 5433]),
        ("queues.explore.reach.api", {"cidr": "10.70.5.0/24", "ports": [8443], "purpose": "api"}),
        ("queues.explore.secrets.KAFKA_LOGIN", ...),
        stack="research-dev",
    )
    root = parsed(page(fleet_of(stack_of("research-dev", sample("research-dev"), after))))
    found = reach_of(root, "research-explore")
    assert "open" in found.attributes
    assert found.all("summary")[0].words.endswith("3 places, 1 secret 1 added, 1 changed, 1 removed")
    lines = rows(found)
    assert lines["warehouse changed"].endswith("TCP 5432 → warehouse.research.example.com, TCP 5432, 5433")
    assert "api added" in lines
    assert "KAFKA_LOGIN removed" in lines
    assert "lake" in lines


def test_two_locations_of_one_name_are_two_lines() -> None:
    both = [{"bucket": "example-research", "access": access} for access in ("read", "readWrite")]
    found = alone(tenant_with(("queues.explore.data", both), stack="research-dev"))
    cells = [row.all("td") for row in reach_of(parsed(page(found)), "research-explore").all("tr") if row.all("td")]
    assert [how.words for what, how, _ in cells if what.words == "data"] == ["read", "read and write"]
