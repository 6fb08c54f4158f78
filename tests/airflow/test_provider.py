"""What Airflow knows of the client once that is installed: the connection type and its form."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.airflow.environment import CLIENT, Airflow
from tests.client.api_stand_in import QUEUE, StandIn

ENTRY_POINT = "apache_airflow_provider"
ASKED = """
import json
from airflow.providers_manager import ProvidersManager
from airflow.sdk.definitions.connection import Connection
manager = ProvidersManager()
hook = manager.hooks["skate"]
fields = [name for name in manager.connection_form_widgets if name.startswith("extra__skate__")]
print("ANSWER" + json.dumps({
    "package": hook.package_name,
    "hook": hook.hook_class_name,
    "name": hook.hook_name,
    "fields": fields,
    "sensitive": [name for name in fields if manager.connection_form_widgets[name].is_sensitive],
    "behaviour": manager.field_behaviours["skate"],
}))
"""
TESTED = """
from skate.airflow import SkateHook
print("ANSWER", SkateHook().test_connection())
with SkateHook().get_conn() as client:
    print("ANSWER", client.card("ads-batch").namespace)
"""


@pytest.fixture
def registered(airflow: Airflow) -> Airflow:
    """The client as it is installed: with what its distribution says of it."""
    entry_points = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]["entry-points"][ENTRY_POINT]
    about = airflow.home / "elastic_spark_client-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elastic-spark-client\nVersion: 0.1.0\n")
    lines = [f"[{ENTRY_POINT}]", *(f"{name} = {value}" for name, value in entry_points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return airflow


def answer(airflow: Airflow, program: str) -> list[str]:
    """What a program prints that Airflow's Python runs in its home folder, whose distributions it knows."""
    process = airflow.started("-c", f"import sys; sys.path.insert(0, {str(airflow.home)!r})\n{program}")
    log, _ = process.communicate(timeout=120)
    assert process.returncode == 0, log
    return [line.removeprefix("ANSWER").strip() for line in log.splitlines() if line.startswith("ANSWER")]


def test_airflow_offers_the_connection_type_with_its_form(registered: Airflow) -> None:
    (text,) = answer(registered, ASKED)
    found = json.loads(text)
    assert found["package"] == "elastic-spark-client"
    assert found["hook"] == "skate.airflow.hook.SkateHook"
    assert found["name"] == "elastic-spark"
    assert sorted(name.removeprefix("extra__skate__") for name in found["fields"]) == [
        "context",
        "kubeconfig",
        "kubeconfig_path",
        "queue",
    ]
    assert found["sensitive"] == ["extra__skate__kubeconfig"]
    assert found["behaviour"]["relabeling"] == {"password": "Token"}


def test_the_hook_is_a_client_as_the_connection_logs_in(airflow: Airflow, queue: StandIn) -> None:
    said, card = answer(airflow, TESTED)
    assert said == "(True, 'You are ana.')"
    assert card == QUEUE


def test_a_connection_that_does_not_lead_anywhere_says_what_to_do(airflow: Airflow, queue: StandIn) -> None:
    queue.code = 401
    said, *_ = answer(airflow, TESTED.splitlines()[1] + "\n" + TESTED.splitlines()[2])
    assert "doesn't accept your login" in said
    assert "Log in again" in said


def test_the_provider_is_named_without_loading_airflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import skate.airflow.provider as p, sys; p.get_provider_info(); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {name for name in done.stdout.split() if name == "airflow" or name.startswith("airflow.")}


def test_the_entry_point_is_there() -> None:
    declared = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]["entry-points"][ENTRY_POINT]
    (value,) = declared.values()
    module, _, name = value.partition(":")
    assert getattr(importlib.import_module(module), name)()["package-name"] == "elastic-spark-client"
    assert Path(CLIENT / f"{module.replace('.', '/')}.py").is_file()
