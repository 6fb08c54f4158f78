"""Counts the words of each day that has ended, by Airflow's own operator for Spark on Kubernetes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator
from airflow.sdk import DAG

with DAG(
    "word-count",
    # Airflow 3 calls a run by the day on which it starts; the application asks for the day before.
    schedule="0 2 * * *",
    start_date=datetime(2026, 11, 29, tzinfo=timezone.utc),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
):
    SparkKubernetesOperator(
        task_id="word_count",
        namespace="ads-batch",
        # Beside this file; Airflow fills in what is in braces there.
        application_file="application.yaml",
        kubernetes_conn_id="spark_dev",
        get_logs=True,
        # It stays for a day, so that `skate why` and `skate status` have something to look at.
        delete_on_termination=False,
    )
