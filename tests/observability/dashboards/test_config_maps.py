from __future__ import annotations

import json
import re
import subprocess
import sys

from components.observability.dashboards.config_maps import FOLDERS, Dashboards, DashboardsArgs, dashboard_json
from components.observability.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION
from fleet.offline.registration import Registrations
from tests.observability.dashboards.shown import NAMES
from tests.recording import registrations_of

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
MAXIMUM = 1024 * 1024
"""Bytes of a ConfigMap that Kubernetes takes."""


def registrations() -> Registrations:
    return registrations_of(lambda: Dashboards("dashboards", DashboardsArgs(namespace="spark-system")))


def test_every_dashboard_is_in_a_folder_where_grafana_looks() -> None:
    found = {}
    for config_map in registrations().of_type(CONFIG_MAP):
        metadata = config_map.inputs["metadata"]
        assert metadata["namespace"] == "spark-system"
        assert metadata["labels"] == {DASHBOARD_LABEL: "true"}
        ((file, text),) = config_map.inputs["data"].items()
        found[file] = (metadata["annotations"][FOLDER_ANNOTATION], text)
    assert found == {
        f"{name}.json": (folder, dashboard_json(name)) for folder, names in FOLDERS.items() for name in names
    }
    assert set(found) == {f"{name}.json" for name in NAMES}


def test_kubernetes_takes_them() -> None:
    for config_map in registrations().of_type(CONFIG_MAP):
        assert len(json.dumps(config_map.inputs["data"])) < MAXIMUM // 4
        assert re.fullmatch(r"[a-z][a-z-]*", config_map.inputs["metadata"]["name"])


def test_the_program_never_loads_what_dashboards_are_made_with() -> None:
    code = "import sys, infra.program; print(any(name.startswith('grafana_foundation_sdk') for name in sys.modules))"
    # S603: this very Python.
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
