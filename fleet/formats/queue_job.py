"""A job for a queue in the forms in which people start jobs."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from ruamel.yaml import YAML

from fleet.offline.queue_job import JobError, QueueJob
from sizing import names

MASTER: Final = "k8s://https://kubernetes.default.svc"
"""The API server as pods know it."""
CONNECT_PORT: Final = 15002
"""Of a Spark Connect server (`spark.connect.grpc.binding.port`)."""


class JobFormat(StrEnum):
    """How a job is written."""

    APPLICATION = "application"
    SPARK_SUBMIT = "spark-submit"
    SKATE = "skate"
    AIRFLOW = "airflow"
    NOTEBOOK = "notebook"


def written(job: QueueJob, form: JobFormat) -> str:
    """A job as text, with a newline at its end.

    Raises:
        JobError: in this form a driver would have to fetch a file of this machine, or a deadline has no meaning.
    """
    return _FORMS[form](job)


def as_application(job: QueueJob) -> str:
    """The SparkApplication, for kubectl."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    buffer = io.StringIO()
    yaml.dump(job.fetched().application, buffer)
    return buffer.getvalue()


def as_spark_submit(job: QueueJob) -> str:
    """A call of spark-submit in a pod of the queue."""
    spec = job.fetched().application["spec"]
    options = [
        ("--master", MASTER),
        ("--deploy-mode", "cluster"),
        ("--name", job.name),
        *([("--class", spec["mainClass"])] if "mainClass" in spec else []),
        *(("--conf", f"{key}={value}") for key, value in sorted(_settings(job).items())),
    ]
    lines = ["spark-submit", *(f"{option} {shlex.quote(value)}" for option, value in options)]
    lines.append(shlex.join([spec["mainApplicationFile"], *spec["arguments"]]))
    where = f"# In a pod of {job.card['namespace']}, as its service account {spec['driver']['serviceAccount']}."
    return f"{where}\n" + " \\\n  ".join(lines) + "\n"


def as_skate(job: QueueJob) -> str:
    """A call of skate, which uploads what is on this machine."""
    wanted, spec = job.wanted, job.application["spec"]
    options = ["--queue", job.card["namespace"], "--name", job.name, "--executors", str(job.executors)]
    if wanted.cores is not None:
        options += ["--executor-cores", str(wanted.cores)]
    if wanted.pool is not None:
        options += ["--pool", job.pool["name"]]
    if wanted.deadline is not None:
        options += ["--deadline", wanted.deadline]
    if "mainClass" in spec:
        options += ["--class", spec["mainClass"]]
    arguments = ["--", *spec["arguments"]] if spec["arguments"] else []
    return shlex.join(["skate", "submit", *options, spec["mainApplicationFile"], *arguments]) + "\n"


def as_airflow(job: QueueJob) -> str:
    """A file for Airflow's folder of DAGs: the job by Airflow's own operator, and by skate's."""
    task = job.name.replace("-", "_")
    return f'''"""The job {job.name} in the queue {job.card["namespace"]}, in two ways: keep one of the two."""

from airflow.sdk import DAG

from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator
from skate.airflow import SkateOperator

APPLICATION = {_literal(job.fetched().application)}

with DAG("{job.name}", schedule=None):
    # Of apache-airflow-providers-cncf-kubernetes: a worker waits while the job runs.
    SparkKubernetesOperator(
        task_id="{task}",
        namespace="{job.card["namespace"]}",
        template_spec={{"spark": APPLICATION}},
        get_logs=True,
        startup_timeout_seconds=24 * 3600,  # for its turn in the queue; then it is deleted
        delete_on_termination=False,  # the platform does it after a day
    )

with DAG("{job.name}-skate", schedule=None):
    # Of elastic-spark-client[airflow]: no worker waits, and a retry finds the job that runs.
    SkateOperator(task_id="{task}", queue="{job.card["namespace"]}", job=APPLICATION)
'''


def as_notebook(job: QueueJob) -> str:
    """Cells for a notebook on a machine with kubectl and pyspark[connect]: a Spark Connect server, and a session."""
    if job.wanted.deadline is not None:
        raise JobError("--deadline is of a job; a notebook's server ends when somebody ends it: leave it out")
    spec, server = job.application["spec"], connect_server(job)
    namespace, name = job.card["namespace"], server["metadata"]["name"]
    return f'''# A Spark Connect server in the queue {namespace}, and a session on it.
# It takes pyspark[connect]=={spec["sparkVersion"]}, and kubectl with the rights of a submitter.
import json
import subprocess

from pyspark.sql import SparkSession

SERVER = {_literal(server)}
KUBECTL = ["kubectl", "--namespace", "{namespace}"]

subprocess.run([*KUBECTL, "apply", "--filename", "-"], input=json.dumps(SERVER), text=True, check=True)
ready = ["--for=jsonpath={{.status.state}}=Ready", "--timeout=15m"]
subprocess.run([*KUBECTL, "wait", *ready, "sparkconnect/{name}"], check=True)
forward = subprocess.Popen([*KUBECTL, "port-forward", "pod/{name}-server", "{CONNECT_PORT}"])
spark = SparkSession.builder.remote("sc://localhost:{CONNECT_PORT}").getOrCreate()

# %%
spark.range(1_000_000).selectExpr("sum(id)").show()

# %% When you are done: until then the server holds a driver's place.
spark.stop()
forward.terminate()
subprocess.run([*KUBECTL, "delete", "sparkconnect/{name}"], check=True)
'''


def connect_server(job: QueueJob) -> dict[str, Any]:
    """A Spark Connect server with the job's executors; of the server's own size admission sees to it.

    Source: kubeflow/spark-operator v2.5.2, api/v1alpha1/sparkconnect_types.go
    """
    spec, executor = job.application["spec"], job.application["spec"]["executor"]
    labels = executor.get("labels")
    conf = {
        "spark.kubernetes.executor.request.cores": executor["coreRequest"],
        "spark.executor.memoryOverhead": executor["memoryOverhead"],
        **{f"spark.kubernetes.executor.label.{key}": value for key, value in (labels or {}).items()},
    }
    return {
        "apiVersion": "sparkoperator.k8s.io/v1alpha1",
        "kind": "SparkConnect",
        "metadata": {"name": "notebook" if job.wanted.name is None else job.name, "namespace": job.card["namespace"]},
        "spec": {
            "sparkVersion": spec["sparkVersion"],
            "image": spec["image"],
            "sparkConf": conf,
            "server": {},
            "executor": {"cores": executor["cores"], "memory": executor["memory"]},
            "dynamicAllocation": {
                "enabled": True,
                "shuffleTrackingEnabled": True,
                "maxExecutors": job.executors,
            },
        },
    }


def _settings(job: QueueJob) -> Mapping[str, str]:
    """Spark's settings of the queue, with this job's executors."""
    executor, label = job.application["spec"]["executor"], f"spark.kubernetes.executor.label.{names.POOL_LABEL}"
    return {
        **job.card["conf"],
        "spark.dynamicAllocation.maxExecutors": str(job.executors),
        "spark.executor.cores": str(executor["cores"]),
        "spark.kubernetes.executor.request.cores": executor["coreRequest"],
        "spark.executor.memory": executor["memory"],
        "spark.executor.memoryOverhead": executor["memoryOverhead"],
        **({} if job.pool["default"] else {label: job.pool["identity"]}),
        **_due(job),
    }


def _due(job: QueueJob) -> Mapping[str, str]:
    """The deadline as admission takes it of a driver: in UTC, and whole seconds."""
    if job.wanted.deadline is None:
        return {}
    due = datetime.fromisoformat(job.wanted.deadline).astimezone(UTC).replace(tzinfo=None)
    key = f"spark.kubernetes.driver.annotation.{names.DEADLINE_ANNOTATION}"
    return {key: f"{due.isoformat(timespec='seconds')}Z"}


def _literal(value: object, indent: str = "") -> str:
    """A value of JSON as Python writes it, a line for each of its entries."""
    inner = f"{indent}    "
    match value:
        case dict() if value:
            entries = [f"{json.dumps(key)}: {_literal(each, inner)}" for key, each in value.items()]
        case list() if value:
            entries = [_literal(each, inner) for each in value]
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}\n{''.join(f'{inner}{entry},{chr(10)}' for entry in entries)}{indent}{closing}"


_FORMS: Final[Mapping[JobFormat, Callable[[QueueJob], str]]] = {
    JobFormat.APPLICATION: as_application,
    JobFormat.SPARK_SUBMIT: as_spark_submit,
    JobFormat.SKATE: as_skate,
    JobFormat.AIRFLOW: as_airflow,
    JobFormat.NOTEBOOK: as_notebook,
}
