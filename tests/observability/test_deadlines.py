"""How long jobs have until their deadlines, and which are past them, by the real rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from components.observability import series
from components.observability.alerts import alert_groups
from components.observability.groups import Record, rule_file
from components.observability.objectives import Objectives
from components.observability.recording import recording_groups
from components.observability.recording.deadlines import deadlines
from tests.observability.programs import Programs

RULES: Final = {rule.series: rule.expression for rule in deadlines(Objectives()).rules if isinstance(rule, Record)}
MINUTES: Final = 60
ALERT: Final = "ElasticSparkJobPastDeadline"


def driver(name: str, deadline: str, values: str = "1x120", **labels: str) -> dict[str, str]:
    """What kube-state-metrics tells of a driver, every half minute; promtool's clock begins in 1970."""
    pod = {"namespace": "ads-batch", "pod": name, "uid": "1", "submitter": "jane", "deadline": deadline, **labels}
    told = ", ".join(f'{key}="{value}"' for key, value in pod.items())
    return {f"kube_pod_annotations{{{told}}}": values}


QUEUES: Final = {
    f'elastic_spark_queue_max_apps{{tenant="ads", queue="{queue}"}}': "5x120" for queue in ("ads-batch", "ads-adhoc")
}
ENDED: Final = 'kube_pod_status_phase{namespace="ads-batch", pod="etl-driver", uid="1", phase="%s"}'
AT_TEN: Final = "1970-01-01T00:10:00Z"


def asked(expression: str, minutes: float, values: Mapping[str, float]) -> dict[str, object]:
    """What an expression must give then: values by labels."""
    wanted = [{"labels": labels, "value": value} for labels, value in values.items()]
    return {"expr": expression, "eval_time": f"{int(minutes * MINUTES)}s", "exp_samples": wanted}


def passes(programs: Programs, folder: Path, inputs: Mapping[str, str], *tests: Mapping[str, object]) -> None:
    """Whether promtool has these values, with all rules of a platform."""
    rules, file = folder / "rules.json", folder / "test.json"
    rules.write_text(json.dumps(rule_file([*recording_groups("spark-dev"), *alert_groups("spark-dev")])))
    one = {
        "interval": "30s",
        "input_series": [{"series": key, "values": values} for key, values in {**QUEUES, **inputs}.items()],
        "promql_expr_test": list(tests),
    }
    file.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": "30s", "tests": [one]}))
    done = subprocess.run([programs.promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def left(pod: str = "etl-driver", queue: str = "ads-batch") -> str:
    return f'elastic_spark:job:deadline_seconds{{tenant="ads", queue="{queue}", pod="{pod}"}}'


def missed(batch: int, adhoc: int = 0) -> dict[str, float]:
    of = 'elastic_spark:queue:deadlines_missed{tenant="ads", queue="%s"}'
    return {of % "ads-batch": batch, of % "ads-adhoc": adhoc}


@pytest.mark.parametrize(
    "deadline",
    [
        "2000-01-01T00:00:00Z",
        "2026-11-30T06:00:00Z",
        "2027-03-01T23:59:59Z",
        "2028-02-29T12:34:56Z",
        "2028-12-31T23:00:00Z",
        "2099-12-31T23:59:59Z",
    ],
)
def test_a_deadline_is_counted_in_seconds(programs: Programs, deadline: str) -> None:
    """Of the years that admission takes, without the chain of rules."""
    programs.holds(driver("etl-driver", deadline), f"sum({RULES[series.DEADLINE]})", 0, int(digits(deadline)))
    moment = datetime.fromisoformat(deadline).astimezone(UTC).timestamp()
    number = 'elastic_spark:pod:deadline_utc{namespace="ads-batch", pod="etl-driver", uid="1"}'
    programs.holds({number: f"{digits(deadline)}x10"}, f"sum({RULES[series.JOB_DEADLINE]})", 60, moment - 60)


def digits(deadline: str) -> str:
    return "".join(filter(str.isdigit, deadline))


@pytest.mark.parametrize("strange", ["", "soon", "2027-03-01T06:00:00+01:00", "2027-03-01T06:00Z", "20270301060000"])
def test_what_is_no_time_in_utc_is_none(programs: Programs, strange: str) -> None:
    programs.holds(driver("etl-driver", strange), f"count({RULES[series.DEADLINE]}) or vector(0)", 60, 0)


def test_a_job_counts_down_past_its_deadline_until_its_driver_has_ended(programs: Programs, tmp_path: Path) -> None:
    one = series.JOB_DEADLINE.name
    ended = {ENDED % "Succeeded": "0x39 1x80", ENDED % "Running": "1x39 0x80"}
    passes(
        programs,
        tmp_path,
        {**driver("etl-driver", AT_TEN), **ended},
        asked(one, 4, {left(): 6 * MINUTES}),
        asked(one, 10, {left(): 0}),
        asked(one, 15, {left(): -5 * MINUTES}),
        asked(one, 25, {}),
    )


def test_each_job_is_of_its_queue_and_seen_twice_is_one(programs: Programs, tmp_path: Path) -> None:
    inputs = {
        **driver("etl-driver", AT_TEN, instance="a"),
        **driver("etl-driver", AT_TEN, instance="b"),
        **driver("report-driver", "1970-01-01T00:20:00Z", uid="2", namespace="ads-adhoc"),
    }
    expected = {left(): 5 * MINUTES, left("report-driver", "ads-adhoc"): 15 * MINUTES}
    passes(programs, tmp_path, inputs, asked(series.JOB_DEADLINE.name, 5, expected))


def test_a_missed_deadline_counts_once_even_if_the_job_is_tried_again(programs: Programs, tmp_path: Path) -> None:
    one = series.DEADLINES_MISSED.name
    inputs = {
        # The second try's driver is another pod of the same name.
        **driver("etl-driver", AT_TEN, "1x29 _x80", uid="1"),
        **driver("etl-driver", AT_TEN, "_x34 1x80", uid="2"),
        # Was late when it was submitted.
        **driver("late-driver", "1970-01-01T00:05:00Z", "_x40 1x80", uid="3", namespace="ads-adhoc"),
    }
    passes(
        programs,
        tmp_path,
        inputs,
        asked(one, 10, missed(0)),
        asked(one, 10.5, missed(1)),
        asked(one, 11, missed(0)),
        asked(f"sum(sum_over_time({one}[1h]))", 55, {"{}": 2}),
    )


def test_an_alert_names_each_job_that_is_past_its_deadline(programs: Programs, tmp_path: Path) -> None:
    inputs = {
        **driver("etl-driver", AT_TEN, "1x39 _x80"),
        **driver("next-driver", "1970-01-01T01:00:00Z", uid="2"),
        **driver("late-driver", AT_TEN, uid="3"),
    }
    alert = f'ALERTS{{alertname="{ALERT}", alertstate="firing", audience="tenant", severity="warning", %s}}'
    both = {alert % f'tenant="ads", queue="ads-batch", pod="{pod}"': 1.0 for pod in ("etl-driver", "late-driver")}
    of = f'ALERTS{{alertname="{ALERT}"}}'
    passes(
        programs,
        tmp_path,
        inputs,
        asked(of, 10, {}),
        asked(of, 11.5, both),
        # One has gone, whoever removed it.
        asked(of, 30, dict([both.popitem()])),
    )
