"""Expressions use only what is there: metrics and labels that real components were recorded with, or that we make."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest

from components.observability import kube_state, series
from components.observability.alerts import alert_groups
from components.observability.groups import Record, rule_file
from components.observability.objectives import FAST_BURNS, SLOW_BURNS
from components.observability.promql import duration
from components.observability.recording import recording_groups
from tests.observability import recorded, story
from tests.observability.expressions import metric_names, selections, walk
from tests.observability.programs import Programs

NOT_RECORDED = {
    # Of every target, by Prometheus itself: https://prometheus.io/docs/concepts/jobs_instances/
    "up": {"job", "instance", "namespace", "pod"},
    # Fluent Bit's, with the node that its monitor adds: fluent/fluent-bit v5.1.1, src/flb_input.c, src/flb_output.c
    **{
        f"fluentbit_{metric}": {"name", "node", "pod"}
        for metric in (
            "input_ingestion_paused",
            "input_records_total",
            "output_errors_total",
            "output_retries_failed_total",
        )
    },
    # EKS Pod Identity's: aws/eks-pod-identity-agent, pkg/handlers, internal/credsretriever
    "pod_identity_cache_errors": {"code", "type"},
    "pod_identity_http_response": {"code"},
    # The door's: Envoy 1.39, asked by hand at /stats/prometheus; envoyproxy/gateway, internal/message/metrics.go
    "envoy_cluster_manager_cds_update_rejected": {"job"},
    "envoy_http_downstream_rq_xx": {"envoy_http_conn_manager_prefix", "envoy_response_code_class", "job"},
    "envoy_listener_manager_lds_update_rejected": {"job"},
    "watchable_panics_recovered_total": set(),
    # Prometheus' own: prometheus/prometheus, rules/manager.go
    "prometheus_rule_evaluation_failures_total": {"rule_group"},
}
"""Metrics that no recorded answer can have, with their labels."""
NOT_RECORDED_VALUES = {
    # A queue has it only while it is preempted from: apache/yunikorn-core, pkg/metrics/queue.go (QueuePreempting)
    ("yunikorn_queue_resource", "state", "preempting"),
}
TARGET_LABELS = {"job", "instance", "namespace", "pod", "container", "endpoint", "service"}
"""Which Prometheus' operator puts on everything that it scrapes."""
GROUPS = (*story.constants(), *recording_groups(story.PLATFORM), *alert_groups(story.PLATFORM))
RULES = [(group.name, rule) for group in GROUPS for rule in group.rules]
EXPRESSIONS = [
    (f"{group} {number}", rule.expression)
    for number, (group, rule) in enumerate(RULES)
    if not rule.expression.startswith("vector(")
]


def known() -> dict[str, set[str]]:
    """Every metric that expressions may use, with its labels."""
    windows = {duration(w) for burn in (*FAST_BURNS, *SLOW_BURNS) for w in (burn.long, burn.short)}
    ours = [*series.SERIES, *(series.scale_out_late_ratio(window) for window in windows)]
    return (
        {name: set(labels) | TARGET_LABELS for name, labels in recorded.labels_by_metric().items()}
        | {name: set(labels) for name, labels in kube_state.METRICS.items()}
        | {one.name: set(one.labels) for one in ours}
        | NOT_RECORDED
    )


KNOWN = known()


def made_labels(expression: str) -> Iterator[str]:
    """Labels that an expression adds by itself."""
    for node in walk(promql_parser.parse(expression)):
        if isinstance(node, promql_parser.Call) and node.func.name == "label_replace":
            yield node.args[1].val


def used_labels(expression: str) -> Iterator[str]:
    """Labels by which an expression groups or joins."""
    for node in walk(promql_parser.parse(expression)):
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql_parser.AggregateExpr) and modifier is not None:
            yield from modifier.labels
        elif isinstance(node, promql_parser.BinaryExpr) and modifier is not None:
            yield from (modifier.matching.labels if modifier.matching else ())
            yield from modifier.group_labels or ()


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS, ids=[title for title, _ in EXPRESSIONS])
def test_only_metrics_and_labels_are_used_that_exist(title: str, expression: str) -> None:
    found = selections(expression)
    assert found, title
    assert {one.metric for one in found} <= KNOWN.keys()
    assert [(one.metric, label) for one in found for label in one.labels - KNOWN[one.metric]] == []


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS, ids=[title for title, _ in EXPRESSIONS])
def test_groupings_and_joins_are_by_labels_that_their_metrics_have(title: str, expression: str) -> None:
    there = set(made_labels(expression)).union(*(KNOWN[name] for name in metric_names(expression)))
    assert set(used_labels(expression)) - there == set(), title


def test_labels_that_are_used_are_found_wherever_they_stand() -> None:
    expression = 'sum by (a) (x * on (b) group_left (c) y) unless on (d) label_replace(z, "e", "$1", "f", "(.*)")'
    assert set(used_labels(expression)) == {"a", "b", "c", "d"}
    assert set(made_labels(expression)) == {"e"}


def test_states_of_queues_are_those_that_yunikorn_was_recorded_with() -> None:
    told: dict[tuple[str, str], set[str]] = {}
    for file in recorded.FOLDER.glob("*.txt"):
        for family in recorded.families(file.name):
            for sample in family.samples:
                for label, value in sample.labels.items():
                    told.setdefault((sample.name, label), set()).add(value)
    unknown = set()
    for _, expression in EXPRESSIONS:
        for node in walk(promql_parser.parse(expression)):
            if isinstance(node, promql_parser.VectorSelector) and node.name in recorded.labels_by_metric():
                for matcher in node.matchers.matchers:
                    values = told.get((node.name, matcher.name))
                    if values is not None and matcher.op == promql_parser.MatchOp.Equal and matcher.value not in values:
                        unknown.add((node.name, matcher.name, matcher.value))
    assert unknown == NOT_RECORDED_VALUES


def test_every_exception_is_needed() -> None:
    used = set().union(*(metric_names(expression) for _, expression in EXPRESSIONS))
    assert NOT_RECORDED.keys() <= used


def test_all_of_kube_state_metrics_that_is_collected_is_used() -> None:
    used = set().union(*(metric_names(expression) for _, expression in EXPRESSIONS))
    assert kube_state.METRICS.keys() <= used


def test_every_series_of_ours_is_made_and_none_is_made_that_is_not_written_down() -> None:
    made = {rule.series.name for _, rule in RULES if isinstance(rule, Record)}
    by_kube_state_metrics = {one.name for one in series.SERIES if one.name.startswith("elastic_spark_queue_")}
    assert {one.name for one in series.SERIES} - by_kube_state_metrics <= made
    assert made <= KNOWN.keys()


def test_prometheus_accepts_every_rule_and_its_templates(programs: Programs, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rule_file(GROUPS)))
    done = subprocess.run(
        [programs.promtool, "check", "rules", "--lint=all", "--lint-fatal", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_names_of_groups_are_unique() -> None:
    names = [group.name for group in GROUPS]
    assert len(names) == len(set(names))
