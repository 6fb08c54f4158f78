"""What a queue costs is shared among those who submitted what runs there, as the Spark operator's drivers tell."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from components.observability import series
from components.observability.objectives import Objectives
from components.observability.recording.costs import costs
from components.observability.recording.waiting import waiting
from tests.observability.programs import Programs

EXPRESSION = next(
    r.expression for r in costs(Objectives()).rules if getattr(r, "series", None) == series.SUBMITTER_COST
)
JOBS = next(r.expression for r in waiting(Objectives()).rules if getattr(r, "series", None) == series.SUBMITTER_JOBS)
COST = 'elastic_spark:queue:cost_usd_per_hour{tenant="ads", queue="ads-batch"}'


def executor(name: str, driver: str, cpu: float) -> dict[str, str]:
    """An executor on a node, and who made it."""
    pod = f'namespace="ads-batch", pod="{name}", uid="{name}"'
    container = f'{pod}, container="spark-kubernetes-executor", node="n", resource="cpu", unit="core"'
    return {
        f"kube_pod_container_resource_requests{{{container}}}": f"{cpu}x10",
        f'kube_pod_info{{{pod}, node="n", created_by_kind="Pod", created_by_name="{driver}"}}': "1x10",
    }


def driver(name: str, submitter: str) -> dict[str, str]:
    """A driver that says whose it is."""
    pod = f'namespace="ads-batch", pod="{name}", uid="{name}"'
    container = f'{pod}, container="spark-kubernetes-driver", node="d", resource="cpu", unit="core"'
    return {
        f"kube_pod_container_resource_requests{{{container}}}": "1x10",
        f'kube_pod_info{{{pod}, node="d", created_by_kind="SparkApplication", created_by_name="etl"}}': "1x10",
        f'kube_pod_annotations{{{pod}, submitter="{submitter}"}}': "1x10",
    }


ENDED = {'elastic_spark:pod:ended{namespace="ads-batch", pod="b-exec-1", uid="b-exec-1"}': "1x10"}
TWO = {
    COST: "12x10",
    **driver("a", "jane"),
    **driver("b", "arn:aws:sts::111122223333:assumed-role/ads/joe"),
    **executor("a-exec-1", "a", 4),
    **executor("a-exec-2", "a", 4),
    **executor("b-exec-1", "b", 4),
}


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        (TWO, {"jane": 8, "arn:aws:sts::111122223333:assumed-role/ads/joe": 4}),
        ({**TWO, **ENDED}, {"jane": 12}),
        # Of a notebook nobody is known: its share is nobody's.
        ({**TWO, **executor("c-exec-1", "c", 12)}, {"jane": 4, "arn:aws:sts::111122223333:assumed-role/ads/joe": 2}),
        ({COST: "12x10"}, {}),
    ],
    ids=["two submitters", "what has ended", "a driver of nobody's", "nothing runs"],
)
def test_a_queues_cost_is_shared_by_what_executors_request(
    programs: Programs, tmp_path: Path, given: Mapping[str, str], shares: Mapping[str, float]
) -> None:
    wanted = [
        {"labels": f'{{tenant="ads", queue="ads-batch", submitter="{who}"}}', "value": usd}
        for who, usd in shares.items()
    ]
    passes(programs, tmp_path, EXPRESSION, given, wanted)


def placed(name: str, pool: str) -> str:
    return f'elastic_spark:pod:placed_after_seconds{{namespace="ads-batch", pod="{name}", uid="{name}", pool="{pool}"}}'


JUST = {placed("a", "driver"): "3x10", placed("b", "driver"): "0x10", placed("c", "driver"): "5x10"}
OF_JANE = 'kube_pod_annotations{namespace="ads-batch", pod="c", uid="c", submitter="jane"}'


@pytest.mark.parametrize(
    ("given", "jobs"),
    [
        ({**TWO, **JUST}, {"jane": 1, "arn:aws:sts::111122223333:assumed-role/ads/joe": 1}),
        ({**TWO, **JUST, OF_JANE: "1x10"}, {"jane": 2, "arn:aws:sts::111122223333:assumed-role/ads/joe": 1}),
        # Executors have the annotation too, and are no jobs.
        ({**TWO, placed("a", "ads-batch-main"): "3x10"}, {}),
        # Placed long ago.
        (TWO, {}),
        # Two of kube-state-metrics tell of it.
        (
            {
                placed("a", "driver"): "3x10",
                **{
                    f'{one[:-1]}, instance="{n}"}}': "1x10"
                    for n in "xy"
                    for one in driver("a", "jane")
                    if "annotations" in one
                },
            },
            {"jane": 1},
        ),
    ],
    ids=["one each", "two of one", "an executor", "earlier", "seen twice"],
)
def test_a_job_counts_for_who_submitted_it_when_its_driver_is_placed(
    programs: Programs, tmp_path: Path, given: Mapping[str, str], jobs: Mapping[str, float]
) -> None:
    wanted = [
        {"labels": f'{{tenant="ads", queue="ads-batch", submitter="{who}"}}', "value": count}
        for who, count in jobs.items()
    ]
    passes(programs, tmp_path, JOBS, given, wanted)


def passes(
    programs: Programs,
    folder: Path,
    expression: str,
    given: Mapping[str, str],
    wanted: Sequence[Mapping[str, object]],
) -> None:
    """Whether promtool has these values of an expression."""
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in given.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": "5m", "exp_samples": wanted}],
    }
    file = folder / "test.json"
    file.write_text(json.dumps({"evaluation_interval": "1m", "rule_files": [], "tests": [test]}))
    done = subprocess.run([programs.promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
