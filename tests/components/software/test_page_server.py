from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from components.software.page_server import SHARED, checksum, container, files, volume
from sizing.system import Workload

SIZE = Workload(name="page", replicas=2, cpu=50, memory=64 * 2**20)


def test_the_program_runs_from_the_volume_alone(tmp_path: Path) -> None:
    data = files([SHARED])
    mounted: Any = volume("page", data)
    for item in mounted["config_map"]["items"]:
        target = tmp_path / item["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(data[item["key"]])
    code = f"import {SHARED} as m; print(m.__file__)"
    ran = subprocess.run(
        [sys.executable, "-P", "-S", "-B", "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(tmp_path / "components/software/page_http.py")


def test_a_changed_program_changes_the_pod() -> None:
    assert checksum({"a.py": "1"}) != checksum({"a.py": "2"})
    assert checksum({"a.py": "1"}) == checksum({"a.py": "1"})


def test_the_container_writes_nothing_and_may_nothing() -> None:
    found = container(SHARED, SIZE, 8080, {"A": "1"})
    assert found["security_context"] == {
        "allow_privilege_escalation": False,
        "capabilities": {"drop": ["ALL"]},
        "read_only_root_filesystem": True,
    }
    assert found["env"] == [{"name": "A", "value": "1"}, {"name": "PYTHONPATH", "value": "/opt/page"}]
