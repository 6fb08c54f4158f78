"""The containers of a queue's logs page, beside its history server: the page and its signer.

Both carry what they run in the pod's own text, which only the deployer of the tenant's stack writes: a ConfigMap of the
queue's namespace could be changed by its jobs, whose drivers make their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as k8s

from components.access.iam import Statement
from components.queue.past_logs import signer
from components.software import page_server
from components.software.chart_values import resources
from components.software.page_http import HEALTH
from components.software.versions import ENVOY_IMAGE, PYTHON_IMAGE
from sizing import names
from sizing.arns import Arns
from sizing.history import LOGS_PAGE, LOGS_SIGNER

PORT: Final = 18081
"""Of the page, for the door's Envoys."""
IMAGES: Final = (ENVOY_IMAGE, PYTHON_IMAGE)
MODULE: Final = "components.queue.past_logs.program"
MODULES: Final = (MODULE, "components.queue.past_logs.kept")
LOADER: Final = """\
import importlib.abc, importlib.util, json, os, runpy, sys
SOURCES = json.loads(os.environ.pop("PROGRAM"))
class Carried(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, name, path=None, target=None):
        if any(each == name or each.startswith(name + ".") for each in SOURCES):
            return importlib.util.spec_from_loader(name, self)
    def is_package(self, name):
        return name not in SOURCES
    def get_source(self, name):
        return SOURCES.get(name, "")
sys.meta_path.append(Carried())
runpy.run_module(os.environ["MODULE"], run_name="__main__")
"""
"""Runs a program whose modules' sources are in the environment."""


@dataclass(frozen=True, kw_only=True)
class PastLogs:
    """Where the logs of queues are kept.

    Args:
        bucket: the platform's bucket of logs, encrypted by the key of its event logs.
    """

    bucket: str


def containers(arns: Arns, tenant: str, queue: str, logs: PastLogs) -> list[k8s.core.v1.ContainerArgsDict]:
    """The page and the signer that it asks.

    Args:
        arns: the account and region.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        logs: where they are kept.
    """
    configuration = signer.bootstrap(region=arns.region, bucket=logs.bucket, tenant=tenant, queue=queue)
    sources = {key.removesuffix(".py"): text for key, text in page_server.files(MODULES).items()}
    environment = {
        "BUCKET": logs.bucket,
        "FOLDER": names.queue_prefix(tenant, queue),
        "MODULE": MODULE,
        "PORT": str(PORT),
        # Kubernetes would put variables in the place of $(NAME).
        "PROGRAM": json.dumps(sources, sort_keys=True).replace("$", "\\u0024"),
        "QUEUE": names.namespace(tenant, queue),
        "SIGNER": f"http://127.0.0.1:{signer.PORT}",
    }
    healthy: k8s.core.v1.ProbeArgsDict = {"http_get": {"path": HEALTH, "port": PORT}, "timeout_seconds": 5}
    page, envoy = resources(LOGS_PAGE), resources(LOGS_SIGNER)
    return [
        {
            "name": LOGS_PAGE.name,
            "image": PYTHON_IMAGE,
            "command": ["python3", "-P", "-B", "-c", LOADER],
            "env": [{"name": name, "value": value} for name, value in sorted(environment.items())],
            "ports": [{"name": "logs", "container_port": PORT}],
            "readiness_probe": healthy,
            "liveness_probe": {**healthy, "period_seconds": 20},
            "resources": {"requests": page["requests"], "limits": page["limits"]},
            "security_context": _confined(),
        },
        {
            "name": LOGS_SIGNER.name,
            "image": ENVOY_IMAGE,
            # Its port is the pod's own: no probe reaches it.
            "command": ["/usr/local/bin/envoy"],
            "args": [
                "--config-yaml",
                json.dumps(configuration, sort_keys=True).replace("$", "\\u0024"),
                "--concurrency",
                "1",
                "--disable-hot-restart",
            ],
            "resources": {"requests": envoy["requests"], "limits": envoy["limits"]},
            "security_context": _confined(),
        },
    ]


def statements(arns: Arns, tenant: str, queue: str, logs: PastLogs) -> tuple[Statement, ...]:
    """What the pod's role may do for it, beside using the key: read what the queue's pods wrote."""
    prefix = names.queue_prefix(tenant, queue)
    return (
        Statement(sid="Logs", actions=("s3:GetObject",), resources=(arns.objects(logs.bucket, prefix),)),
        Statement(
            sid="LogsNames",
            actions=("s3:ListBucket",),
            resources=(arns.bucket(logs.bucket),),
            conditions={"StringLike": {"s3:prefix": f"{prefix}/*"}},
        ),
    )


def _confined() -> k8s.core.v1.SecurityContextArgsDict:
    return {
        "allow_privilege_escalation": False,
        "capabilities": {"drop": ["ALL"]},
        "read_only_root_filesystem": True,
    }
