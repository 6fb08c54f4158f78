"""KWOK in the place of kubelets: pods that have a node run without a container, and have a log that a test writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import urllib3

from tests.cluster.api import Object
from tests.cluster.certificates import LOOPBACK
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import free_ports, running
from tests.cluster.objects import CustomKind, apply_all
from tests.end_to_end.nodes import register

STAGES: Final = Path(__file__).parent / "kubelet.yaml"
EXIT_CODE: Final = "tests/exit-code"
"""Annotation that a pod gets when its container is to end; see `kubelet.yaml`."""
LOGS: Final = "kwok.x-k8s.io/v1alpha1"


class Kubelets:
    """What a kubelet does, as far as a test says how it goes.

    Args:
        cluster: whose pods run.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._folder = cluster.plane.folder / "pods"
        self._folder.mkdir()

    def log(self, namespace: str, pod: str, *lines: str) -> None:
        """A pod's containers print lines; it may come later.

        Source of the format: kubernetes v1.36, staging/src/k8s.io/cri-client/pkg/logs/logs.go
        """
        path = self._folder / f"{namespace}.{pod}.log"
        is_new = not path.exists()
        with path.open("a") as file:
            for line in lines:
                file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z stdout F {line}\n")
        if is_new:
            self._know(namespace, pod, path)

    def end(self, pod: Object, code: int = 0) -> None:
        """A pod's containers end, with the exit code 0 or 1."""
        self._cluster.admin.merge(pod, {"metadata": {"annotations": {EXIT_CODE: str(code)}}})

    def _know(self, namespace: str, pod: str, path: Path) -> None:
        metadata = {"name": pod, "namespace": namespace}
        wanted = {"apiVersion": LOGS, "kind": "Logs", "metadata": metadata, "spec": {"logs": [{"logsFile": str(path)}]}}
        self._cluster.admin.create(wanted)


@contextmanager
def kubelets(cluster: Cluster, program: Path, nodes: Iterable[Object]) -> Iterator[Kubelets]:
    """Nodes are there, and pods run on them, while this is entered.

    Raises:
        StartError: KWOK did not start.
    """
    _define_logs(cluster)
    (port,) = free_ports(1)
    serving = cluster.plane.issuer.server("kwok")
    command = [
        str(program),
        f"--kubeconfig={cluster.plane.kubeconfig}",
        f"--config={STAGES}",
        "--manage-all-nodes",
        f"--node-port={port}",
        f"--server-address={LOOPBACK}:{port}",
        f"--tls-cert-file={serving.certificate}",
        f"--tls-private-key-file={serving.key}",
        "--enable-crds=Logs",
    ]
    with running(command, cluster.plane.folder / "kwok.log") as process:
        process.wait_until_ready(f"http://{LOOPBACK}:{port}/healthz", urllib3.PoolManager(retries=False))
        for node in nodes:
            register(cluster, node)
        yield Kubelets(cluster)


def _define_logs(cluster: Cluster) -> None:
    """The kind by which KWOK is told where a pod's log is; its name is a plural already."""
    group, _, version = LOGS.partition("/")
    definition = CustomKind(group, version, "Log").definition()
    definition["spec"]["names"]["kind"] = "Logs"
    refused = apply_all(cluster.admin, [definition])
    assert not refused, refused
