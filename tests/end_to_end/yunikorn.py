"""YuniKorn's scheduler and its admission controller: the real programs.

Source: apache/yunikorn-release, helm-charts/yunikorn/templates; apache/yunikorn-k8shim v1.9.0, pkg/cmd
"""

from __future__ import annotations

import os
import select
import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import urllib3

from fleet.offline.registration import Registrations
from sizing import names
from tests.cluster.api import Object
from tests.cluster.certificates import LOOPBACK
from tests.cluster.cluster import RBAC, SCHEDULER, Account, Cluster
from tests.cluster.control_plane import Process, StartError, running
from tests.cluster.logins import login_of
from tests.end_to_end.chart_arguments import chart_values

ADMISSION: Final = Account(names.SYSTEM_NAMESPACE, "yunikorn-admission-controller")
SERVICE: Final = "yunikorn-admission-controller-service"
SERVICE_ADDRESS: Final = "127.0.89.89"
"""Of this machine alone: the API server asks a service at port 443, which the program's configuration leaves out."""
SERVICE_PORT: Final = 443
SCHEDULER_PORT: Final = 9080
ADMISSION_PORT: Final = 9089
"""Written into the programs."""
READ: Final = ("get", "list", "watch")
CALLED_SECONDS: Final = 60


@contextmanager
def yunikorn(cluster: Cluster, platform: Registrations, scheduler: Path, admission: Path) -> Iterator[None]:
    """Both work while this is entered.

    Raises:
        StartError: one did not start, or another program has its port.
    """
    with ExitStack() as stack:
        for port in (SCHEDULER_PORT, ADMISSION_PORT):
            _expect_free("", port)
        defaults = chart_values(platform, "yunikorn")["yunikornDefaults"]
        for thing in (_config_map(defaults), *_scheduler_rights(), *_admission_things()):
            cluster.admin.apply(thing)
            stack.callback(cluster.remove, thing)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = cluster.plane.folder
        environment = _environment(login_of(cluster, SCHEDULER, folder / "scheduler"))
        http = urllib3.PoolManager(retries=False)
        process = stack.enter_context(running([str(scheduler)], log / "yunikorn-scheduler.log", environment))
        process.wait_until_ready(f"http://{LOOPBACK}:{SCHEDULER_PORT}/ws/v1/scheduler/healthcheck", http)
        stack.callback(_remove_configurations, cluster)
        stack.enter_context(_service_port())
        environment = _environment(login_of(cluster, ADMISSION, folder / "admission"))
        process = stack.enter_context(running([str(admission)], log / "yunikorn-admission.log", environment))
        _wait_for_admission(cluster, process)
        yield


def _environment(kubeconfig: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "NAMESPACE": names.SYSTEM_NAMESPACE, "KUBECONFIG": str(kubeconfig)}


def _config_map(data: Mapping[str, str]) -> Object:
    metadata = {"name": "yunikorn-defaults", "namespace": names.SYSTEM_NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}


def _scheduler_rights() -> Iterator[Object]:
    """Beside those that `tests.cluster.cluster` gives it: Kubernetes' own roles of a scheduler."""
    for role in ("system:kube-scheduler", "system:volume-scheduler"):
        yield _binding("ClusterRole", role, f"tests:yunikorn-{role.partition(':')[2]}", SCHEDULER, cluster_wide=True)


def _admission_things() -> Iterator[Object]:
    """Of the chart: the admission controller's account, its rights, its secret and its service."""
    home = {"namespace": names.SYSTEM_NAMESPACE}
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ADMISSION.name, **home}}
    configurations = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]
    everywhere = [
        _rule("admissionregistration.k8s.io", configurations, (*READ, "create", "patch", "update", "delete")),
        _rule("", ["namespaces"], READ),
        _rule("scheduling.k8s.io", ["priorityclasses"], READ),
    ]
    at_home = [_rule("", ["secrets"], (*READ, "update")), _rule("", ["configmaps"], READ)]
    name = f"tests:{ADMISSION.name}"
    yield {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": everywhere}
    yield _binding("ClusterRole", name, name, ADMISSION, cluster_wide=True)
    yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": name, **home}, "rules": at_home}
    yield _binding("Role", name, name, ADMISSION, cluster_wide=False)
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "admission-controller-secrets", **home}}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE, **home},
        "spec": {"type": "ExternalName", "externalName": SERVICE_ADDRESS},
    }


def _rule(group: str, resources: list[str], verbs: Sequence[str]) -> Object:
    return {"apiGroups": [group], "resources": resources, "verbs": list(verbs)}


def _binding(kind: str, role: str, name: str, account: Account, *, cluster_wide: bool) -> Object:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding" if cluster_wide else "RoleBinding",
        "metadata": {"name": name, **({} if cluster_wide else {"namespace": names.SYSTEM_NAMESPACE})},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}],
    }


def _expect_free(address: str, port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            where = f"{address or 'every address'}, port {port}"
            raise StartError(f"YuniKorn needs {where}, which this process can't have: {error}") from error


@contextmanager
def _service_port() -> Iterator[None]:
    """What comes to the service goes to the program."""
    _expect_free(SERVICE_ADDRESS, SERVICE_PORT)
    with _Service((SERVICE_ADDRESS, SERVICE_PORT), _ToTheProgram) as service:
        thread = threading.Thread(target=service.serve_forever, daemon=True)
        thread.start()
        yield
        service.shutdown()
        thread.join()


class _Service(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _ToTheProgram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """One connection, until either side has had enough."""
        with suppress(OSError), socket.create_connection((LOOPBACK, ADMISSION_PORT)) as program:
            other = {self.request: program, program: self.request}
            while ready := select.select(list(other), [], [])[0]:
                for source in ready:
                    if not (data := source.recv(65536)):
                        return
                    other[source].sendall(data)


def _configurations(cluster: Cluster) -> list[Object]:
    group = "admissionregistration.k8s.io/v1"
    return [
        {"apiVersion": group, "kind": kind, **found}
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        for found in cluster.admin.items(group, kind)
        if found["metadata"]["name"].startswith("yunikorn")
    ]


def _wait_for_admission(cluster: Cluster, process: Process) -> None:
    """Wait until the API server is told of it, and it answers: what comes before passes without it."""
    end = time.monotonic() + CALLED_SECONDS
    while len(_configurations(cluster)) < 2 or not _answers():
        if process.popen.poll() is not None or time.monotonic() > end:
            raise StartError(f"YuniKorn's admission controller doesn't work:\n{process.log.read_text()[-4000:]}")
        time.sleep(0.2)


def _answers() -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((LOOPBACK, ADMISSION_PORT)) == 0


def _remove_configurations(cluster: Cluster) -> None:
    for configuration in _configurations(cluster):
        cluster.remove(configuration)
