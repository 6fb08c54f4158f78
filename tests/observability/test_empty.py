"""A node is empty too long by its pool's own time, where the pool has one."""

from __future__ import annotations

import pytest

from components.observability import series
from components.observability.groups import Record
from components.observability.objectives import Objectives, empty_limit
from components.observability.recording.nodes import nodes
from sizing.autoscaling_tags import LONGEST_UNNEEDED
from tests.observability.programs import Programs

OWNER = 'pool="ads-batch-main", queue="ads-batch", tenant="ads"'


@pytest.mark.parametrize(
    ("own", "minutes", "found"),
    [(None, 5, 0), (None, 7, 1), (30, 5, 0), (30, 7, 1), (300, 7, 0), (300, 63, 0), (300, 67, 1)],
)
def test_a_node_is_empty_too_long(programs: Programs, own: int | None, minutes: int, found: int) -> None:
    given = {
        f'{series.NODE_EMPTY}{{node="n", purpose="executor", {OWNER}}}': "1x200",
        f"{series.POOL_MAXIMUM}{{{OWNER}}}": "9x200",
        f"{series.POOL_MINIMUM}{{{OWNER}}}": "0x200",
        f'{series.POOL_NODES}{{purpose="executor", {OWNER}}}': "1x200",
        **({f"{series.POOL_UNNEEDED}{{{OWNER}}}": f"{own}x200"} if own else {}),
    }
    (rule,) = (
        rule
        for rule in nodes("spark-dev", Objectives()).rules
        if isinstance(rule, Record) and rule.series is series.POOL_NODES_EMPTY_TOO_LONG
    )
    programs.holds(given, f"sum({rule.expression})", minutes * 60, found)


def test_no_pool_may_keep_its_nodes_for_longer_than_the_rule_waits() -> None:
    assert Objectives().empty_longer == empty_limit(LONGEST_UNNEEDED) > LONGEST_UNNEEDED
