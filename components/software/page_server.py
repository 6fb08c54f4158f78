"""The pod's part of a page of the platform's own: a program of the standard library, from a ConfigMap.

The program's files lie in the pod as they lie here, so that it imports the same names in both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pulumi_kubernetes as k8s

from components.software.chart_values import resources
from components.software.page_http import HEALTH
from components.software.versions import PYTHON_IMAGE
from sizing.system import Workload

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = "/opt/page"
SHARED: Final = "components.software.page_http"
USER: Final = 65532
VOLUME: Final = "program"


def _key(module: str) -> str:
    return f"{module}.py"


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def files(modules: Sequence[str]) -> dict[str, str]:
    """The data of the ConfigMap: the source of a program's modules and of what all such programs share.

    Args:
        modules: by their full names; each on the standard library and on others of them alone.
    """
    return {_key(module): (ROOT / _path(module)).read_text() for module in sorted({*modules, SHARED})}


def checksum(data: Mapping[str, str]) -> dict[str, str]:
    """The annotation of the pod by which a changed program starts new pods: Python reads it when it starts."""
    content = "".join(f"{key}\0{text}\0" for key, text in sorted(data.items()))
    return {"checksum/program": hashlib.sha256(content.encode()).hexdigest()}


def volume(config_map: str, data: Mapping[str, str]) -> k8s.core.v1.VolumeArgsDict:
    """The volume with the program: keys have no slashes, paths do."""
    items: list[k8s.core.v1.KeyToPathArgsDict] = [
        {"key": key, "path": _path(key.removesuffix(".py"))} for key in sorted(data)
    ]
    return {"name": VOLUME, "config_map": {"name": config_map, "items": items}}


def pod_security() -> k8s.core.v1.PodSecurityContextArgsDict:
    """As whom such a pod runs: nobody."""
    return {"run_as_non_root": True, "run_as_user": USER, "seccomp_profile": {"type": "RuntimeDefault"}}


def container(
    module: str, workload: Workload, port: int, environment: Mapping[str, str]
) -> k8s.core.v1.ContainerArgsDict:
    """The container of a page's program.

    Args:
        module: that is run, by its full name.
        workload: its size.
        port: on which the program answers.
        environment: the program's settings.
    """
    granted = resources(workload)
    return {
        "name": "page",
        "image": PYTHON_IMAGE,
        # -P: nothing is imported from where it happens to start.
        "command": ["python3", "-P", "-B", "-m", module],
        "env": [
            {"name": name, "value": value} for name, value in sorted({**environment, "PYTHONPATH": PROGRAM}.items())
        ],
        "ports": [{"name": "http", "container_port": port}],
        "readiness_probe": {"http_get": {"path": HEALTH, "port": port}},
        "liveness_probe": {"http_get": {"path": HEALTH, "port": port}, "period_seconds": 20, "timeout_seconds": 5},
        "resources": {"requests": granted["requests"], "limits": granted["limits"]},
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
            "read_only_root_filesystem": True,
        },
        "volume_mounts": [{"name": VOLUME, "mount_path": PROGRAM, "read_only": True}],
    }
