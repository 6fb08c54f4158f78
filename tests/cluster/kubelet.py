"""Runs the pods of a Spark job on this machine, as a kubelet and the image's entrypoint would.

Source: apache/spark 4.0, resource-managers/kubernetes/docker/src/main/dockerfiles/spark/entrypoint.sh
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.cluster.api import Object, RefusedError
from tests.cluster.cluster import Cluster
from tests.cluster.spark import Spark

ADDRESS: Final = "127.0.0.1"
"""Of every pod."""
MOUNT_SECONDS: Final = 30
CONF_FOLDER: Final = "/opt/spark/conf"
EXECUTOR: Final = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A machine with an image of Spark, and what is different about it.

    Args:
        cluster: whose pods it runs.
        spark: the image's.
        class_path: what the image has beside Spark's own jars.
        environment: what every container has, whatever its pod says.
        conf: settings of drivers, whatever their pods say.
        folder: for what pods keep; each has a folder in it, by its name.
    """

    cluster: Cluster
    spark: Spark
    class_path: str
    environment: Mapping[str, str]
    conf: Mapping[str, str]
    folder: Path

    @contextmanager
    def running(self, pod: Object) -> Iterator[subprocess.Popen[bytes]]:
        """A pod's process, which doesn't outlast the context; what it prints is in `log(pod)`."""
        self._say(pod, "Running", ready=True)
        work = self._place(pod)
        environment = {**self.spark.environment(), **self._environment(pod), **self.environment}
        command = self._command(pod, environment)
        with self.log(pod).open("wb") as output:
            process = subprocess.Popen(
                command, cwd=work, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def log(self, pod: Object) -> Path:
        """What the pod's process prints."""
        return self.folder / f"{pod['metadata']['name']}.log"

    def _home(self, pod: Object) -> Path:
        name: str = pod["metadata"]["name"]
        return self.folder / name

    def _place(self, pod: Object) -> Path:
        """The pod's working folder, beside which is that of its configuration."""
        home = self._home(pod)
        for name in ("work", "conf", "local"):
            (home / name).mkdir(parents=True)
        for volume in pod["spec"]["volumes"]:
            if "configMap" in volume and volume["name"].startswith("spark-conf-volume"):
                for file, text in self._config_map(pod, volume["configMap"]["name"]).items():
                    (home / "conf" / file).write_text(text)
        return home / "work"

    def _config_map(self, pod: Object, name: str) -> dict[str, str]:
        """What it holds, once it is there: a driver makes its executors' after them."""
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/configmaps/{name}"
        end = time.monotonic() + MOUNT_SECONDS
        while True:
            try:
                data: dict[str, str] = self.cluster.admin.request("GET", path)["data"]
            except RefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
            else:
                return data

    def _environment(self, pod: Object) -> dict[str, str]:
        home = self._home(pod)
        given = {variable["name"]: _value(pod, variable) for variable in _container(pod).get("env", [])}
        return {**given, "SPARK_CONF_DIR": str(home / "conf"), "SPARK_LOCAL_DIRS": str(home / "local")}

    def _command(self, pod: Object, environment: Mapping[str, str]) -> Sequence[str]:
        role, *arguments = _container(pod)["args"]
        if role == "executor":
            return self._executor(environment)
        here = [argument.replace(CONF_FOLDER, environment["SPARK_CONF_DIR"]) for argument in arguments]
        conf = {
            "spark.driver.bindAddress": environment["SPARK_DRIVER_BIND_ADDRESS"],
            "spark.driver.extraClassPath": self.class_path,
            **self.conf,
        }
        return [*self.spark.command("--deploy-mode=client", conf=conf), *here]

    def _executor(self, environment: Mapping[str, str]) -> list[str]:
        options = [value for key, value in environment.items() if re.fullmatch(r"SPARK_JAVA_OPT_\d+", key)]
        parameters = {
            "driver-url": "SPARK_DRIVER_URL",
            "executor-id": "SPARK_EXECUTOR_ID",
            "cores": "SPARK_EXECUTOR_CORES",
            "app-id": "SPARK_APPLICATION_ID",
            "hostname": "SPARK_EXECUTOR_POD_IP",
            "resourceProfileId": "SPARK_RESOURCE_PROFILE_ID",
            "podName": "SPARK_EXECUTOR_POD_NAME",
        }
        return [
            str(self.spark.java / "bin" / "java"),
            *options,
            f"-Xmx{environment['SPARK_EXECUTOR_MEMORY']}",
            "-cp",
            f"{environment['SPARK_CONF_DIR']}:{self.spark.home}/jars/*:{self.class_path}",
            EXECUTOR,
            *(part for name, key in parameters.items() for part in (f"--{name}", environment[key])),
        ]

    def _say(self, pod: Object, phase: str, *, ready: bool) -> None:
        status = {
            "phase": phase,
            "podIP": ADDRESS,
            "podIPs": [{"ip": ADDRESS}],
            "conditions": [{"type": "Ready", "status": str(ready)}],
        }
        path = self.cluster.admin.path(pod, "status")
        self.cluster.admin.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")


def _container(pod: Object) -> dict[str, Any]:
    container: dict[str, Any] = pod["spec"]["containers"][0]
    return container


def _value(pod: Object, variable: Mapping[str, Any]) -> str:
    if "value" in variable:
        return str(variable["value"])
    field = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
    known: dict[str, str] = {"status.podIP": ADDRESS, "metadata.name": pod["metadata"]["name"]}
    return known.get(field, "")
