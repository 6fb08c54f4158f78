"""DAGs of one task each, by the name of what is tried with it; loaded by a real Airflow."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import DAG
from skate.airflow import SkateOperator

QUEUE = os.environ.get("JOBS_QUEUE", "ads-batch")
JOB = {
    "metadata": {"name": "nightly"},
    "spec": {
        "type": "Python",
        "mainApplicationFile": "local:///opt/spark/examples/src/main/python/pi.py",
        "arguments": ["{{ dag.dag_id }}"],
    },
}
SOON = {"poll_interval": 0.5}
RETRIES = {"retries": 2, "retry_delay": timedelta(0), **SOON}

with DAG("waits", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, deferrable=False, **RETRIES)

with DAG("defers", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, deferrable=True, **RETRIES)

with DAG("waits_once", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, deferrable=False, **SOON)

with DAG("submits", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, wait_for_completion=False)

with DAG("main", schedule=None):
    SkateOperator(
        task_id="job",
        queue=QUEUE,
        main="local:///opt/job.py",
        arguments=["--run", "{{ run_id }}"],
        options={"executors": 3},
        wait_for_completion=False,
    )

with DAG("file", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job_file="nightly.yaml", wait_for_completion=False)

with DAG("given", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, job_id="nightly-{{ run_id }}", wait_for_completion=False)

with DAG("due", schedule=None):
    SkateOperator(
        task_id="job",
        queue=QUEUE,
        job=JOB,
        deadline="{{ dag_run.run_after + macros.timedelta(hours=4) }}",
        wait_for_completion=False,
    )

with DAG("due_soon", schedule=None):
    SkateOperator(task_id="job", queue=QUEUE, job=JOB, deadline=timedelta(hours=4), wait_for_completion=False)

with DAG("mapped", schedule=None):
    SkateOperator.partial(
        task_id="job", spark_queue=QUEUE, main="local:///opt/job.py", wait_for_completion=False
    ).expand(arguments=[["a"], ["b"]])

with DAG("of_the_connection", schedule=None):
    SkateOperator(task_id="job", job=JOB, wait_for_completion=False)

for deferrable in (False, True):
    with DAG(f"{'defers' if deferrable else 'waits'}_not_long", schedule=None):
        SkateOperator(
            task_id="job",
            queue=QUEUE,
            job=JOB,
            deferrable=deferrable,
            **SOON,
            execution_timeout=timedelta(seconds=6),
        )

for number, wrong in enumerate(
    [
        {"job": JOB, "main": "local:///opt/job.py"},
        {},
        {"main": "local:///opt/job.py", "options": {"executers": 3}},
        {"job": JOB, "arguments": ["a"]},
        {"job_file": "missing.yaml"},
        {"job_file": "wrong.yaml"},
        {"job": JOB, "deadline": "2026-11-30T06:00:00"},
    ]
):
    with DAG(f"wrong_{number}", schedule=None):
        SkateOperator(task_id="job", queue=QUEUE, wait_for_completion=False, **RETRIES, **wrong)
