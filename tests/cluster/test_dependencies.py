"""Modules, jars, files and environments on S3: the driver fetches them by its queue's role, and the operator never.

A real spark-submit with the operator's arguments and environment makes the driver's pod; what that pod says then runs
here, and so do its executors, on an S3 that knows who comes.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from components.admission.spark_settings_rows import S3A_FILE_SYSTEM
from components.software import submission
from tests import samples
from tests.cluster import artifacts
from tests.cluster.api import Object
from tests.cluster.application_shapes import application
from tests.cluster.cluster import OPERATOR, Cluster
from tests.cluster.kubelet import Node
from tests.cluster.objects import objects_of
from tests.cluster.operator_submission import arguments, driver_pod
from tests.cluster.pod_shapes import DRIVER, ENGINEER, NAMESPACE
from tests.cluster.spark import TIMEOUT_SECONDS, Spark
from tests.cluster.spark_packages import packages_here
from tests.cluster.tables import PLATFORM
from tests.spark.pod_identity import pod_identity
from tests.spark.s3 import S3, s3_server

BUCKET: Final = "ads-jobs"
QUEUES_KEY: Final = "ASIAQUEUE"
PLACES: Final = {
    "pyFiles": ("spark.submit.pyFiles", f"s3a://{BUCKET}/lib/modules.zip"),
    "jars": ("spark.jars", f"s3a://{BUCKET}/lib/echo.jar"),
    "files": ("spark.files", f"s3a://{BUCKET}/etc/settings.conf"),
    "archives": ("spark.archives", f"s3a://{BUCKET}/env/packed.tar.gz#environment"),
}
"""Settings and addresses by the fields of `deps`."""
DEPS: Final = {field: [address] for field, (_, address) in PLACES.items()}
CONF: Final = {
    # The image has S3A here, and there is no place for an event log.
    "spark.eventLog.enabled": "false",
    "spark.pyspark.python": "./environment/bin/python",
}


def job(conf: dict[str, str], **changes: Any) -> Object:  # noqa: ANN401
    """An application whose main file is on S3."""
    return application(
        type="Python",
        mainClass=...,
        mainApplicationFile=f"s3a://{BUCKET}/main.py",
        executor={"cores": 1, "memory": "512m", "instances": 1},
        sparkConf={**CONF, **conf},
        **changes,
    )


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        objects: dict[str, str | bytes] = {
            "main.py": Path(__file__).with_name("dependency_job.py").read_text(),
            "lib/modules.zip": artifacts.zipped({"from_zip.py": "def who(number):\n    return f'zip {number}'\n"}),
            "lib/echo.jar": artifacts.jar(),
            "etc/settings.conf": "from the file",
            "env/packed.tar.gz": artifacts.packed_environment({"from_environment.py": "WHO = 'environment'\n"}),
        }
        server.make(BUCKET, objects)
        server.seen.clear()
        yield server


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the platform puts into the operator's pod."""
    things = objects_of(samples.platform_registrations(PLATFORM))
    (config,) = (thing for thing in things if thing["metadata"].get("name") == submission.CONFIG_MAP)
    folder = tmp_path_factory.mktemp("submission")
    for name, text in config["data"].items():
        (folder / name).write_text(text)
    return folder


@dataclass(frozen=True)
class Operator:
    """Submits applications as the operator does.

    Args:
        cluster: where.
        spark: the one in its image.
        folder: for its token.
        class_path: the folder of its files, or empty without them.
        elsewhere: settings of every job, of which it may know: an S3 that isn't asked could be.
    """

    cluster: Cluster
    spark: Spark
    folder: Path
    class_path: str
    elsewhere: dict[str, str]

    def submit(self, made: Object) -> subprocess.CompletedProcess[str]:
        """How its spark-submit ends."""
        plane = self.cluster.plane
        token = self.folder / "operators-token"
        token.write_text(self.cluster.admin.token(OPERATOR.namespace, OPERATOR.name))
        conf = {
            "spark.kubernetes.authenticate.submission.caCertFile": str(plane.authority),
            "spark.kubernetes.authenticate.submission.oauthTokenFile": str(token),
            **self.elsewhere,
        }
        return subprocess.run(
            [*self.spark.command(f"--master=k8s://{plane.server}", conf=conf), *arguments(made)],
            env={**self.spark.environment(), submission.ENVIRONMENT["name"]: self.class_path},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )


@pytest.fixture
def operator(cluster: Cluster, spark: Spark, s3: S3, files: Path, tmp_path: Path) -> Operator:
    return Operator(cluster, spark, tmp_path, str(files), s3.conf)


@contextmanager
def driver_of(cluster: Cluster, operator: Operator, thing: Object) -> Iterator[Object]:
    """The pod of an application that an engineer submits and the operator takes on."""
    with cluster.made(ENGINEER, thing) as made:
        done = operator.submit(made)
        assert done.returncode == 0, done.stderr[-4000:]
        pod = {"apiVersion": "v1", "kind": "Pod", **cluster.admin.request("GET", _pods(driver_pod(made)))}
        try:
            yield pod
        finally:
            cluster.remove(pod)


def _pods(name: str = "") -> str:
    return f"/api/v1/namespaces/{NAMESPACE}/pods" + (f"/{name}" if name else "")


def properties(cluster: Cluster, pod: Object) -> dict[str, str]:
    """What spark-submit tells a driver."""
    (name,) = (v["configMap"]["name"] for v in pod["spec"]["volumes"] if v["name"] == "spark-conf-volume-driver")
    data = cluster.admin.request("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/{name}")["data"]
    assert not data.keys() & submission.FILES.keys(), "they are the operator's alone"
    lines = (line for line in data["spark.properties"].splitlines() if not line.startswith("#"))
    return {key: value.replace("\\", "") for key, value in (line.split("=", 1) for line in lines)}


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(job({}, deps=DEPS), id="fields"),
        pytest.param(job(dict(PLACES.values())), id="settings"),
        pytest.param(job({"spark.hadoop.fs.s3a.impl": S3A_FILE_SYSTEM}, deps=DEPS), id="with Hadoop's own class"),
        pytest.param(job({}, deps=DEPS, hadoopConf={"fs.s3a.impl": S3A_FILE_SYSTEM}), id="by hadoopConf"),
    ],
)
def test_the_operator_hands_addresses_on_and_asks_nobody(
    cluster: Cluster, operator: Operator, s3: S3, thing: Object
) -> None:
    s3.seen.clear()
    with driver_of(cluster, operator, thing) as pod:
        told = properties(cluster, pod)
    assert {key: told[key] for key, _ in PLACES.values()} == dict(PLACES.values())
    assert pod["spec"]["containers"][0]["args"][-1] == f"s3a://{BUCKET}/main.py"
    assert "spark.hadoop.fs.s3a.impl" not in told
    assert not s3.seen


def test_without_its_files_the_operator_would_look_them_up_itself(
    cluster: Cluster, spark: Spark, s3: S3, tmp_path: Path
) -> None:
    operator = Operator(cluster, spark, tmp_path, "", s3.conf)
    with cluster.made(ENGINEER, job({}, deps=DEPS)) as made:
        done = operator.submit(made)
    assert done.returncode != 0
    assert f"Class {S3A_FILE_SYSTEM} not found" in done.stderr


def test_a_job_uses_them_in_its_driver_and_its_workers_by_its_queues_role(
    cluster: Cluster, operator: Operator, spark: Spark, s3: S3, tmp_path: Path
) -> None:
    packages = packages_here()
    assert packages, "needs the packages of jobs, which `make test-cluster` fetches into the cache"
    token = tmp_path / "drivers-token"
    token.write_text(cluster.admin.token(DRIVER.namespace, DRIVER.name))
    mounted = "spark.kubernetes.authenticate.driver.mounted"
    conf = {
        "spark.driver.host": "127.0.0.1",
        "spark.kubernetes.driver.master": cluster.plane.server,
        f"{mounted}.caCertFile": str(cluster.plane.authority),
        f"{mounted}.oauthTokenFile": str(token),
    }
    with ExitStack() as stack:
        identity = stack.enter_context(pod_identity(tmp_path, QUEUES_KEY))
        s3.known[identity.key] = identity.session_token
        s3.seen.clear()
        node = Node(
            cluster=cluster,
            spark=spark,
            class_path=f"{packages}/jars/*",
            environment=identity.environment,
            conf=conf,
            folder=tmp_path / "node",
        )
        pod = stack.enter_context(driver_of(cluster, operator, job({}, deps=DEPS)))
        driver = stack.enter_context(node.running(pod))
        executor = _executor_of(cluster, driver, pod, node.log(pod))
        stack.enter_context(node.running(executor))
        driver.wait(TIMEOUT_SECONDS)
        printed = node.log(pod).read_text()
        assert driver.returncode == 0, printed[-4000:] + node.log(executor).read_text()[-4000:]
        folders = [node.folder / name["metadata"]["name"] / "work" / "environment" for name in (pod, executor)]
    (line,) = (line for line in printed.splitlines() if line.startswith("{"))
    found = json.loads(line)
    assert found == {
        "driver": [str(folders[0]), "environment", "zip 0", "from the file"],
        "workers": [[str(folders[1]), "environment", "zip 1", "from the file"]],
        "jar": ["row 0", "row 1"],
    }
    assert {key for key, _ in s3.seen} == {QUEUES_KEY}


def _executor_of(cluster: Cluster, driver: subprocess.Popen[bytes], pod: Object, log: Path) -> Object:
    """The pod of the executor that a driver asks for."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < end and driver.poll() is None:
        found: Sequence[Object] = cluster.admin.items("v1", "Pod", NAMESPACE, labelSelector="spark-role=executor")
        for executor in found:
            if executor["metadata"]["ownerReferences"][0]["uid"] == pod["metadata"]["uid"]:
                return {"apiVersion": "v1", "kind": "Pod", **executor}
        time.sleep(0.2)
    pytest.fail(f"no executor came:\n{log.read_text()[-4000:]}")
