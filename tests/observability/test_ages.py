"""How old the oldest node and the oldest AMI of a pool are, by the real rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

import pytest

from components.observability import series
from components.observability.groups import Record
from components.observability.objectives import Objectives
from components.observability.promql import days
from components.observability.recording.ages import ages
from tests.observability.programs import Programs

DAY: Final = 86400
RULES: Final = {rule.series: rule.expression for rule in ages(Objectives()).rules if isinstance(rule, Record)}
MAIN: Final = 'tenant="ads", queue="ads-batch", pool="ads-batch-main"'


def node(name: str, pool: str, created: int, release: str = "") -> dict[str, str]:
    """What kube-state-metrics tells of a node, by the second; promtool's clock begins in 1970."""
    said = f', ami_release="{release}"' if release else ""
    return {
        f'kube_node_labels{{node="{name}", instance="a", {pool}{said}}}': "1x200",
        f'kube_node_created{{node="{name}", instance="a"}}': f"{created}x200",
    }


def both(found: Mapping[str, str]) -> dict[str, str]:
    """The same as two replicas of kube-state-metrics tell it while one takes over from the other."""
    return {**found, **{name.replace('instance="a"', 'instance="b"'): values for name, values in found.items()}}


@pytest.mark.parametrize(
    "day",
    ["1970-01-01", "1972-02-29", "1999-12-31", "2000-02-29", "2000-03-01", "2026-09-30", "2027-01-31", "2099-12-31"],
)
def test_a_date_is_counted_in_days(programs: Programs, day: str) -> None:
    expected = (date.fromisoformat(day) - date(1970, 1, 1)).days
    programs.holds({"given": f"{day.replace('-', '')}x5"}, f"sum({days('given')})", 60, expected)


def test_the_oldest_node_of_a_pool_tells_its_age(programs: Programs) -> None:
    given = both({**node("n", MAIN, 600), **node("m", MAIN, 1200), **node("d", 'pool="driver"', 1800)})
    rule = RULES[series.POOL_OLDEST_NODE]
    programs.holds(given, f'sum({rule} and on (pool) kube_node_labels{{pool="ads-batch-main"}})', 3600, 3000)
    programs.holds(given, f'sum({rule} and on (pool) kube_node_labels{{pool="driver"}})', 3600, 1800)


def test_the_oldest_release_of_a_pool_is_the_one_that_counts(programs: Programs) -> None:
    given = both({**node("n", MAIN, 0, "v20260930"), **node("m", MAIN, 0, "v20261110"), **node("o", MAIN, 0)})
    programs.holds(given, f"sum({RULES[series.POOL_OLDEST_AMI_RELEASE]})", 3600, 20260930)


@pytest.mark.parametrize("strange", ["latest", "v2026", "20260930", "v20260930-x"])
def test_what_is_no_release_is_none(programs: Programs, strange: str) -> None:
    given = node("n", MAIN, 0, strange)
    programs.holds(given, f"count({RULES[series.POOL_OLDEST_AMI_RELEASE]}) or vector(0)", 3600, 0)


def test_an_ami_is_as_old_as_its_release(programs: Programs) -> None:
    given = {
        f"{series.POOL_OLDEST_AMI_RELEASE}{{{MAIN}}}": "19700102x20000",
        f"{series.POOL_OLDEST_NODE}{{{MAIN}}}": "7x20000",
    }
    at = 3 * DAY
    assert datetime.fromtimestamp(at, UTC).date() == date(1970, 1, 4)
    programs.holds(given, f"sum({RULES[series.POOL_OLDEST_AMI]})", at, 2 * DAY)


def test_of_a_pool_that_says_no_release_the_oldest_node_is_all_that_is_known(programs: Programs) -> None:
    given = {f"{series.POOL_OLDEST_NODE}{{{MAIN}}}": "7x200"}
    programs.holds(given, f"sum({RULES[series.POOL_OLDEST_AMI]})", 3600, 7)


def test_a_node_that_says_nothing_counts_by_its_age_where_that_is_more(programs: Programs) -> None:
    given = {
        f"{series.POOL_OLDEST_AMI_RELEASE}{{{MAIN}}}": "19700102x20000",
        f"{series.POOL_OLDEST_NODE}{{{MAIN}}}": f"{2 * DAY + 1}x20000",
    }
    programs.holds(given, f"sum({RULES[series.POOL_OLDEST_AMI]})", 3 * DAY, 2 * DAY + 1)
