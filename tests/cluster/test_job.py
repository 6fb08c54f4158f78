"""What `fleet job` prints, on a real API server with the platform's admission, and by a real spark-submit."""

from __future__ import annotations

import ast
import subprocess
import tempfile

import pytest

from components.queue.queue import DRIVER_ACCOUNT
from fleet.formats.queue_job import JobFormat, connect_server, written
from fleet.offline.queue_job import QueueJob, Wanted, card_of, job_for
from infra.settings.yaml_reader import read_yaml
from sizing import names
from sizing.quantities import parse_bytes
from tests import samples
from tests.cluster.cluster import Cluster, User
from tests.cluster.spark import TIMEOUT_SECONDS, Spark
from tests.cluster.tables import TENANTS

WANTED = (
    Wanted(),
    Wanted(executors=2, cores=1),
    Wanted(main="s3a://example-ads-raw/etl.py", arguments=("--date", "2026-11-29"), name="nightly"),
    Wanted(main="s3a://example-ads-raw/job.jar", main_class="com.example.Job", deadline="2099-11-30T07:00:00+01:00"),
)
QUEUES = [(stack, queue) for stack in TENANTS for queue in sorted(samples.tenant(stack)["queues"])]


def job_in(stack: str, queue: str, wanted: Wanted) -> QueueJob:
    return job_for(card_of(stack, samples.sample_registrations(stack), queue), wanted)


def _words(line: str) -> list[str]:
    """The arguments of a call of spark-submit, as a shell hands them over."""
    script = f"spark-submit() {{ printf '%s\\0' \"$@\"; }}\n{line}"
    done = subprocess.run(["bash", "-euc", script], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.removesuffix("\0").split("\0")


def submitter(job: QueueJob) -> User:
    return User(
        "engineer",
        (names.tenant_group(job.card["tenant"], "submitter"), names.tenant_group(job.card["tenant"], "owner")),
    )


@pytest.mark.parametrize(("stack", "queue"), QUEUES)
@pytest.mark.parametrize("wanted", WANTED)
def test_the_application_is_admitted_as_it_is(cluster: Cluster, stack: str, queue: str, wanted: Wanted) -> None:
    job = job_in(stack, queue, wanted)
    with cluster.made(submitter(job), read_yaml(written(job, JobFormat.APPLICATION))) as made:
        assert made["spec"]["dynamicAllocation"]["maxExecutors"] == job.executors
        assert made["spec"]["executor"]["cores"] == job.shape["cores"]


@pytest.mark.parametrize(("stack", "queue"), QUEUES)
def test_the_application_for_airflow_is_admitted_with_the_labels_of_its_operator(
    cluster: Cluster, stack: str, queue: str
) -> None:
    job = job_in(stack, queue, Wanted())
    tree = ast.parse(written(job, JobFormat.AIRFLOW))
    (value,) = (node.value for node in tree.body if isinstance(node, ast.Assign))
    application = ast.literal_eval(value)
    # apache-airflow-providers-cncf-kubernetes, SparkKubernetesOperator: what a task and its try are called.
    labels = {
        "dag_id": "spark-pi",
        "task_id": "spark_pi",
        "run_id": "manual__2026",
        "spark_kubernetes_operator": "True",
    }
    for role in ("driver", "executor"):
        application["spec"][role]["labels"] = {**application["spec"][role].get("labels", {}), **labels}
    with cluster.made(submitter(job), application):
        pass


@pytest.mark.parametrize(("stack", "queue"), QUEUES)
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(executors=2, cores=1)])
def test_the_server_for_a_notebook_is_admitted(cluster: Cluster, stack: str, queue: str, wanted: Wanted) -> None:
    job = job_in(stack, queue, wanted)
    with cluster.made(submitter(job), connect_server(job)) as made:
        assert made["spec"]["executor"]["cores"] == job.shape["cores"]


def test_spark_submit_takes_the_line_and_its_driver_is_admitted(cluster: Cluster, spark: Spark) -> None:
    """As it is, but for the API server's address and how this machine shows who it is."""
    job = job_in("ads-dev", "batch", Wanted(executors=2, name="by-line", deadline="2099-11-30T07:00:00+01:00"))
    words = _words(written(job, JobFormat.SPARK_SUBMIT))
    words[words.index("--master") + 1] = f"k8s://{cluster.plane.server}"
    # There is no Maven Central here, and nothing is run.
    packages = next(word for word in words if word.startswith("spark.jars.packages="))
    words = [word for index, word in enumerate(words) if packages not in words[index : index + 2]]
    with tempfile.NamedTemporaryFile("w", suffix=".token") as token:
        token.write(cluster.admin.token("ads-batch", DRIVER_ACCOUNT))
        token.flush()
        here = {
            "spark.kubernetes.authenticate.submission.caCertFile": str(cluster.plane.authority),
            "spark.kubernetes.authenticate.submission.oauthTokenFile": token.name,
            "spark.kubernetes.submission.waitAppCompletion": "false",
            "spark.kubernetes.driver.pod.name": "by-line-driver",
        }
        options = [f"--conf={key}={value}" for key, value in here.items()]
        done = subprocess.run(
            [str(spark.home / "bin" / "spark-submit"), *options, *words],
            env=spark.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    pod = cluster.admin.read(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "by-line-driver", "namespace": "ads-batch"}}
    )
    cluster.remove(pod)
    assert pod["metadata"]["annotations"][names.DEADLINE_ANNOTATION] == "2099-11-30T06:00:00Z"
    assert pod["spec"]["nodeSelector"] == {names.POOL_LABEL: names.DRIVER_POOL}
    (driver,) = (c for c in pod["spec"]["containers"] if c["name"] == "spark-kubernetes-driver")
    assert parse_bytes(driver["resources"]["requests"]["memory"]) == 4 * 2**30
