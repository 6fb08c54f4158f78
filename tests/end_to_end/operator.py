"""The Spark operator's controller: the real program, with the real spark-submit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlparse

import urllib3

from components.software import submission
from fleet.offline.registration import Registrations
from sizing import names
from tests.cluster.certificates import LOOPBACK
from tests.cluster.cluster import OPERATOR, Cluster
from tests.cluster.control_plane import free_ports, running
from tests.cluster.logins import login_of
from tests.cluster.spark import Spark
from tests.end_to_end.chart_arguments import chart_values, controller_arguments, controller_environment


@contextmanager
def operator_controller(cluster: Cluster, platform: Registrations, program: Path, spark: Spark) -> Iterator[Path]:
    """The controller works while this is entered; gives its log.

    Args:
        cluster: on which the platform is.
        platform: whose values it has.
        program: the operator's.
        spark: whose spark-submit it runs.

    Raises:
        StartError: it did not start.
    """
    values = chart_values(platform, "spark-operator")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = folder / "submission"
        files.mkdir()
        for name, text in _submission_files(cluster).items():
            (files / name).write_text(text)
        kubeconfig = login_of(cluster, OPERATOR, folder / "kubeconfig")
        address = urlparse(cluster.plane.server)
        environment = {
            **{name: value for name, value in spark.environment().items() if name != "SPARK_SUBMIT_OPTS"},
            **controller_environment(values, {submission.FOLDER: str(files)}),
            # Of spark-submit, which is a process of its own; in a pod the account's token is where both look.
            "KUBECONFIG": str(kubeconfig),
            "KUBERNETES_SERVICE_HOST": str(address.hostname),
            "KUBERNETES_SERVICE_PORT": str(address.port),
        }
        health, metrics = free_ports(2)
        command = [
            str(program),
            *controller_arguments(values),
            f"--kubeconfig={kubeconfig}",
            f"--metrics-bind-address={LOOPBACK}:{metrics}",
            f"--health-probe-bind-address={LOOPBACK}:{health}",
        ]
        log = cluster.plane.folder / "spark-operator-controller.log"
        process = stack.enter_context(running(command, log, environment))
        process.wait_until_ready(f"http://{LOOPBACK}:{health}/readyz", urllib3.PoolManager(retries=False))
        yield log


def _submission_files(cluster: Cluster) -> dict[str, str]:
    """What the platform puts into the operator's pod."""
    metadata = {"namespace": names.SYSTEM_NAMESPACE, "name": submission.CONFIG_MAP}
    found: dict[str, str] = cluster.admin.read({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})["data"]
    return found
