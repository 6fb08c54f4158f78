"""The Spark operator's own webhook, behind the API server: the real program, where there is one.

It runs with its account's token and rights, makes its certificate and writes it into its configurations, as in a
cluster. Nothing routes services here: its service is another name of this machine.

Source: kubeflow/spark-operator v2.5.2, charts/spark-operator-chart/templates/webhook, cmd/operator/webhook/start.go
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import urllib3

from components.software.operator_rights import WEBHOOK, WEBHOOK_CERTIFICATE
from components.software.spark_operator import API_BURST, API_QPS, WEBHOOK_TIMEOUT_SECONDS
from sizing import names
from tests.cluster.api import Object, RefusedError
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.certificates import LOOPBACK
from tests.cluster.cluster import OPERATOR_WEBHOOK, Cluster
from tests.cluster.control_plane import free_ports, running
from tests.cluster.logins import login_of
from tests.cluster.objects import SPARK_KINDS
from tests.operator_rows import named

PROGRAM: Final = "SPARK_OPERATOR_BINARY"
"""Environment variable that names the operator's program."""
SERVICE: Final = f"{WEBHOOK}-svc"
LOCK: Final = f"{WEBHOOK}-lock"
GROUP: Final = "sparkoperator.k8s.io"
ADMISSION: Final = "admissionregistration.k8s.io/v1"
CALLED_SECONDS: Final = 60
POLL_SECONDS: Final = 0.2
DENIED: Final = "denied the request"
"""What the API server says of a webhook that was asked and refused, in any words."""


def program_here() -> Path | str:
    """The operator's program, or why there is none."""
    path = os.environ.get(PROGRAM, "")
    if not path:
        return f"needs the Spark operator's program: {PROGRAM} names none"
    if not os.access(path, os.X_OK):
        return f"{PROGRAM} names {path}, which is no program"
    return Path(path)


@contextmanager
def operator_webhook(cluster: Cluster, program: Path) -> Iterator[None]:
    """The webhook sees all applications, and the pods that come of them, while this is entered.

    Raises:
        StartError: it did not start.
        TimeoutError: the API server doesn't call it.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, health = free_ports(2)
        stack.callback(_remove_what_it_made, cluster)
        for thing in (_service(), *configurations(port)):
            cluster.admin.create(thing)
            stack.callback(cluster.remove, thing)
        login_of(cluster, OPERATOR_WEBHOOK, folder / "kubeconfig")
        command = [str(program), *_arguments(folder, port, health)]
        process = stack.enter_context(running(command, folder / "spark-operator.log"))
        process.wait_until_ready(f"http://{LOOPBACK}:{health}/readyz", urllib3.PoolManager(retries=False))
        _wait_until_called(cluster)
        yield


def configurations(port: int) -> list[Object]:
    """What the chart makes of the platform's values, without the authority's certificate, which the webhook puts in.

    Args:
        port: of its service.
    """
    pods = _webhook("mutate", "", "v1", "Pod", port, operations=("CREATE",))
    launched = {"matchLabels": {f"{GROUP}/launched-by-spark-operator": "true"}}
    mutating = [{**pods, "name": f"mutate--v1-pod.{GROUP}", "objectSelector": launched}]
    return [
        {
            "apiVersion": ADMISSION,
            "kind": kind,
            "metadata": {"name": WEBHOOK},
            "webhooks": [*before, *_of_kinds(verb, port)],
        }
        for kind, verb, before in (
            ("MutatingWebhookConfiguration", "mutate", mutating),
            ("ValidatingWebhookConfiguration", "validate", []),
        )
    ]


def _of_kinds(verb: str, port: int) -> list[Object]:
    return [_webhook(verb, kind.group, kind.version, kind.kind, port) for kind in SPARK_KINDS]


def _webhook(
    verb: str, group: str, version: str, kind: str, port: int, operations: Sequence[str] = ("CREATE", "UPDATE")
) -> Object:
    path = f"{verb}-{group.replace('.', '-')}-{version}-{kind.lower()}"
    service = {"name": SERVICE, "namespace": names.SYSTEM_NAMESPACE, "port": port, "path": f"/{path}"}
    rule = {"apiGroups": [group], "apiVersions": [version], "resources": [f"{kind.lower()}s"]}
    return {
        "name": f"{path}.{GROUP}",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": service},
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": WEBHOOK_TIMEOUT_SECONDS,
        "rules": [{**rule, "operations": list(operations)}],
    }


def _arguments(folder: Path, port: int, health: int) -> list[str]:
    """The chart's, and those that are about this machine."""
    return [
        "webhook",
        "start",
        f"--webhook-secret-name={WEBHOOK_CERTIFICATE}",
        f"--webhook-secret-namespace={names.SYSTEM_NAMESPACE}",
        f"--webhook-svc-name={SERVICE}",
        f"--webhook-svc-namespace={names.SYSTEM_NAMESPACE}",
        f"--webhook-port={port}",
        f"--mutating-webhook-name={WEBHOOK}",
        f"--validating-webhook-name={WEBHOOK}",
        f"--kube-api-qps={API_QPS}",
        f"--kube-api-burst={API_BURST}",
        "--leader-election=true",
        f"--leader-election-lock-name={LOCK}",
        f"--leader-election-lock-namespace={names.SYSTEM_NAMESPACE}",
        f"--kubeconfig={folder / 'kubeconfig'}",
        f"--webhook-cert-dir={folder / 'certificates'}",
        f"--health-probe-bind-address={LOOPBACK}:{health}",
    ]


def _service() -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE, "namespace": names.SYSTEM_NAMESPACE},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }


def _wait_until_called(cluster: Cluster) -> None:
    """Each kind is refused for a name that only the webhook dislikes, where no queue is."""
    end = time.monotonic() + CALLED_SECONDS
    for shape in (application, scheduled, connect):
        said = ""
        thing = named("1", shape())
        while DENIED not in said:
            if time.monotonic() > end:
                raise TimeoutError(f"the API server doesn't call the operator's webhook for {thing['kind']}: {said}")
            time.sleep(POLL_SECONDS)
            try:
                cluster.admin.create(thing, dryRun="All")
            except RefusedError as error:
                said = error.message


def _remove_what_it_made(cluster: Cluster) -> None:
    metadata = {"namespace": names.SYSTEM_NAMESPACE}
    for api_version, kind, name in (
        ("v1", "Secret", WEBHOOK_CERTIFICATE),
        ("coordination.k8s.io/v1", "Lease", LOCK),
    ):
        cluster.remove({"apiVersion": api_version, "kind": kind, "metadata": {**metadata, "name": name}})
