"""A node whose jobs' logs nobody reads is told of; one that just came, or where nothing runs, is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.observability.firing import assert_fires
from tests.observability.programs import Programs

ALERT = "ElasticSparkLogsNotRead"
MINUTES = 50
"""After which is looked; there are two values a minute."""


def executor(
    name: str = "etl-exec-1", started: int = 25, node: str = "n", pool: str = "ads-batch-main"
) -> dict[str, str]:
    """A pod whose container has run since a minute of the clock."""
    pod = f'namespace="ads-batch", pod="{name}", uid="{name}"'
    told = f"_x{2 * started} 1x200"
    return {
        f'kube_pod_nodeselectors{{{pod}, pool="{pool}"}}': told,
        f'kube_pod_info{{{pod}, node="n"}}': told,
        f'kube_pod_container_state_started{{{pod}, container="spark"}}': told.replace("1x", f"{60 * started}x"),
    }


def fluent_bit(values: str, node: str = "n", name: str = "tail.0") -> dict[str, str]:
    """How many records the one on a node has read of an input."""
    return {f'fluentbit_input_records_total{{node="{node}", pod="fluent-bit-{node}", name="{name}"}}': values}


ELSEWHERE = fluent_bit("0+9x200", node="other")
CASES: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "read as it is written": (executor() | fluent_bit("0+9x200"), False),
    "never read": (executor() | fluent_bit("0x200"), True),
    "not read since an hour": (executor() | fluent_bit("500x200"), True),
    "no Fluent Bit there": (executor() | ELSEWHERE, True),
    "only what Fluent Bit hands to itself": (
        executor() | fluent_bit("0x200") | fluent_bit("0+9x200", name="emitter_for_rewrite_tag.3"),
        True,
    ),
    "a node and a Fluent Bit that came with the job, and were read at once": (
        executor() | fluent_bit("_x52 300x140"),
        False,
    ),
    "one that has run for long and writes nothing": (executor(started=5) | fluent_bit("0+9x20 180x180"), False),
    "one that has run for long, and nobody ever read": (executor(started=5) | fluent_bit("0x200"), True),
    "a container that just started": (executor(started=47) | fluent_bit("0x200"), False),
    "nothing runs there": (fluent_bit("0x200"), False),
    "a place held for a gang, which writes nothing": (executor("tg-etl-executor-abc") | fluent_bit("0x200"), False),
    "the platform's own pods": (executor(pool="system") | fluent_bit("0x200"), False),
    "logs are switched off": (executor(), False),
}


@pytest.mark.parametrize(("given", "told"), CASES.values(), ids=CASES)
def test_a_node_whose_logs_nobody_reads(
    programs: Programs, tmp_path: Path, given: Mapping[str, str], told: bool
) -> None:
    assert_fires(programs, tmp_path, given, [ALERT], [ALERT] * told, MINUTES)
