"""The Spark operator's own program takes each argument that its chart makes of the platform's values."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from components.software.chart import ChartSource
from components.software.spark_operator import SparkOperator, SparkOperatorArgs
from components.software.versions import SPARK_OPERATOR
from sizing import names, system
from tests.components.software.releases import values
from tests.recording import registrations_of

PROGRAM = "SPARK_OPERATOR_BINARY"
CHART = "SPARK_OPERATOR_CHART"
"""Environment variables that name the operator's program, of the chart's version, and the folder of its chart."""


@pytest.fixture(scope="module")
def program() -> str:
    path = os.environ.get(PROGRAM, "")
    if not os.access(path, os.X_OK):
        pytest.skip(f"needs the Spark operator's program: {PROGRAM} names {path or 'none'}")
    return path


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What the pods of the rendered chart run, with its arguments."""
    helm, chart = shutil.which("helm"), os.environ.get(CHART, "")
    if helm is None:
        pytest.skip("needs helm on PATH")
    if not Path(chart, "Chart.yaml").exists():
        pytest.skip(f"needs the Spark operator's chart: {CHART} names {chart or 'none'}")
    assert yaml.safe_load(Path(chart, "Chart.yaml").read_text())["version"] == SPARK_OPERATOR.version
    args = SparkOperatorArgs(
        namespace=names.SYSTEM_NAMESPACE, source=ChartSource(), workload=system.operator(30), workers=30
    )
    file = tmp_path_factory.mktemp("chart") / "values.json"
    file.write_text(json.dumps(values(registrations_of(lambda: SparkOperator("so", args)))))
    rendered = subprocess.run(
        [helm, "template", "so", chart, "--values", file, "--api-versions", "monitoring.coreos.com/v1/PodMonitor"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    deployments = [thing for thing in yaml.safe_load_all(rendered) if thing and thing["kind"] == "Deployment"]
    containers = [found for thing in deployments for found in thing["spec"]["template"]["spec"]["containers"]]
    return [[*container.get("command", []), *container["args"]] for container in containers]


def parse(program: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Has the program read its arguments, the last of which has it end with that."""
    return subprocess.run([program, *arguments, "--help"], capture_output=True, text=True, timeout=60, check=False)


def test_each_argument_is_taken(program: str, commands: list[list[str]]) -> None:
    assert {" ".join(command[:2]) for command in commands} == {"controller start", "webhook start"}
    for command in commands:
        assert len(command) > 5
        done = parse(program, command)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("wrong", ["--no-such-flag=1", "--controller-threads=many"])
def test_what_it_does_not_take_is_found(program: str, wrong: str) -> None:
    assert parse(program, ["controller", "start", wrong]).returncode != 0
