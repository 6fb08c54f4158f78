"""A node is empty too long by its pool's own time, where the pool has one."""

from __future__ import annotations

import pytest

from components.observability import series
from components.observability.groups import Record
from components.observability.objectives import Objectives
from components.observability.recording.nodes import nodes
from sizing.autoscaling_tags import LONGEST_UNNEEDED
from tests.observability.programs import Programs

OWNER = 'pool="ads-batch-main", queue="ads-batch", tenant="ads"'


@pytest.mark.parametrize(
    ("own", "minutes", "found"),
    [(None, 3, 0), (None, 5, 1), (30, 3, 0), (30, 5, 1), (300, 7, 0), (300, 61, 0), (300, 65, 1)],
)
def test_a_node_is_empty_too_long(programs: Programs, own: int | None, minutes: int, found: int) -> None:
    programs.holds(of_one_empty_node(own), f"sum({too_long(Objectives())})", minutes * 60, found)


def of_one_empty_node(own: int | None) -> dict[str, str]:
    """Series of a pool with one node, and maybe a time of its own in seconds."""
    return {
        f'{series.NODE_EMPTY}{{node="n", purpose="executor", {OWNER}}}': "1x200",
        f"{series.POOL_MAXIMUM}{{{OWNER}}}": "9x200",
        f"{series.POOL_MINIMUM}{{{OWNER}}}": "0x200",
        f'{series.POOL_NODES}{{purpose="executor", {OWNER}}}': "1x200",
        **({f"{series.POOL_UNNEEDED}{{{OWNER}}}": f"{own}x200"} if own else {}),
    }


def too_long(limits: Objectives) -> str:
    """The rule's expression."""
    (rule,) = (
        rule
        for rule in nodes("spark-dev", limits).rules
        if isinstance(rule, Record) and rule.series is series.POOL_NODES_EMPTY_TOO_LONG
    )
    return rule.expression


def test_no_pool_may_keep_its_nodes_for_longer_than_the_rule_waits() -> None:
    limits = Objectives(delay_after_scale_out=600)
    assert limits.empty_longer > LONGEST_UNNEEDED + limits.delay_after_scale_out


@pytest.mark.parametrize(("minutes", "found"), [(5, 0), (8, 0), (10, 1)])
def test_on_a_platform_with_other_settings_it_is_by_those(programs: Programs, minutes: int, found: int) -> None:
    programs.holds(
        of_one_empty_node(None),
        f"sum({too_long(Objectives(unneeded=300, delay_after_scale_out=120))})",
        minutes * 60,
        found,
    )
