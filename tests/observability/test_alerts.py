"""Every alert by promtool's unit tests: that it fires, that it does not, and what it does when its data is missing.

Series are as they are scraped, and recorded ones come from the real rules wherever that takes few lines; where it would
take many, the recorded series are given, and tests.observability.test_story shows that the rules record them.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from components.observability.alerts import alert_groups
from components.observability.groups import Alert, rule_file
from tests.observability.alert_cases import CASES, FURTHER_FIRES, FURTHER_QUIET
from tests.observability.alert_series import Series
from tests.observability.alerts import alerts_of
from tests.observability.programs import Programs

PLATFORM = "spark-dev"
ALERTS = {alert.name: alert for alert in alerts_of(alert_groups(PLATFORM))}


def cases() -> Iterator[tuple[str, str, Series, Mapping[str, str] | None]]:
    """A test's title, an alert's name, series, and its labels if it fires."""
    for name, case in CASES.items():
        yield f"{name} fires", name, case.fires, case.labels
        yield f"{name} does not fire", name, case.quiet, None
        if case.silent:
            yield f"{name} is silent without data", name, {}, None
        else:
            yield f"{name} fires without data", name, {}, _labels_of_absence(name)
    for title, (name, series) in FURTHER_QUIET.items():
        yield f"{name} does not fire: {title}", name, series, None
    for title, (name, series, labels) in FURTHER_FIRES.items():
        yield f"{name} fires: {title}", name, series, labels


def _labels_of_absence(name: str) -> Mapping[str, str]:
    """`absent` gives the labels that it looked for by equality."""
    return {
        "ElasticSparkAutoscalerDown": {"activity": "main"},
        "ElasticSparkYuniKornDown": {"state": "active"},
        "ElasticSparkOperatorDown": {"controller": "sparkapplication"},
    }.get(name, {})


TESTS = list(cases())


def test_every_alert_has_its_cases() -> None:
    assert CASES.keys() == ALERTS.keys()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The alerts alone: recorded series are given."""
    file = tmp_path_factory.mktemp("rules") / "rules.json"
    file.write_text(json.dumps(rule_file(alert_groups(PLATFORM))))
    return file


@pytest.mark.parametrize(("title", "name", "series", "labels"), TESTS, ids=[test[0] for test in TESTS])
def test_alerts(
    programs: Programs,
    rules: Path,
    tmp_path: Path,
    title: str,
    name: str,
    series: Series,
    labels: Mapping[str, str] | None,
) -> None:
    alert = ALERTS[name]
    expected = [] if labels is None else [_expected(alert, labels)]
    test = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "name": title,
                "interval": "1m",
                "input_series": [{"series": key, "values": values} for key, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count by (alertname) (ALERTS{{alertname="{name}", alertstate="firing"}})',
                        "eval_time": "1h",
                        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1}] if expected else [],
                    },
                    {
                        "expr": f'ALERTS{{alertname="{name}", alertstate="firing"}}',
                        "eval_time": "1h",
                        "exp_samples": [{"labels": _as_series(labels), "value": 1} for labels in expected],
                    },
                ],
            }
        ],
    }
    file = tmp_path / "test.json"
    file.write_text(json.dumps(test))
    done = subprocess.run([programs.promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _expected(alert: Alert, labels: Mapping[str, str]) -> Mapping[str, str]:
    fixed = {"alertname": alert.name, "alertstate": "firing", "audience": alert.audience, "severity": alert.severity}
    return {"__name__": "ALERTS", **fixed, **labels}


def _as_series(labels: Mapping[str, str]) -> str:
    matchers = ", ".join(f"{key}={json.dumps(value)}" for key, value in labels.items() if key != "__name__")
    return f"ALERTS{{{matchers}}}"


@pytest.mark.parametrize("name", [name for name, alert in ALERTS.items() if alert.audience == "tenant"])
def test_a_tenants_alert_says_which_tenant(name: str) -> None:
    assert "tenant" in CASES[name].labels


def test_texts_say_whom_and_how_much() -> None:
    assert [alert.name for alert in ALERTS.values() if alert.summary.endswith(".")] == []
    assert [alert.name for alert in ALERTS.values() if not alert.description.endswith(".")] == []
