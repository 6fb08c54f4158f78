"""Which alerts fire, by promtool, with all rules over series as they are scraped."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.observability.alerts import alert_groups
from components.observability.groups import rule_file
from components.observability.recording import recording_groups
from tests.observability.programs import Programs


def assert_fires(
    programs: Programs, folder: Path, given: Mapping[str, str], among: Iterable[str], told: Iterable[str], minutes: int
) -> None:
    """Assert which of some alerts fire.

    Args:
        programs: with promtool.
        folder: for its files.
        given: series and their values in promtool's notation, one every 30 seconds.
        among: the alerts that are looked at.
        told: those that fire.
        minutes: after the first of the values.
    """
    rules, file = folder / "rules.json", folder / "test.json"
    rules.write_text(json.dumps(rule_file([*recording_groups("spark-dev"), *alert_groups("spark-dev")])))
    asked = {
        "expr": f'count by (alertname) (ALERTS{{alertname=~"{"|".join(among)}", alertstate="firing"}})',
        "eval_time": f"{minutes}m",
        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in told],
    }
    inputs = [{"series": key, "values": values} for key, values in given.items()]
    one = {"interval": "30s", "input_series": inputs, "promql_expr_test": [asked]}
    file.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": "30s", "tests": [one]}))
    done = subprocess.run([programs.promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
