from __future__ import annotations

import re
from typing import Any

import pytest

from sizing.nodes import Resources
from sizing.quantities import GIB, MIB, parse_cpu
from sizing.shapes import executor_shapes
from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import (
    ALWAYS,
    CREDENTIALS,
    CREDENTIALS_TRIES,
    IVY_FOLDER,
    NO_NODE_ROLE,
    EventLogs,
    job_defaults,
    queue_properties,
)

EVENTS = EventLogs(location="s3a://demo-events/ads/batch/spark-events", region="eu-central-1")
SHAPE = executor_shapes(Resources(cpu=15_610, memory=57 * GIB, pods=20))[0]


def properties(**changes: Any) -> dict[str, str]:  # noqa: ANN401
    given: dict[str, Any] = {
        "namespace": "ads-batch",
        "driver_account": "spark-driver",
        "executor_account": "spark-executor",
        "shape": SHAPE,
        "max_executors": 12,
        "driver": Resources(cpu=2000, memory=8 * GIB),
        "image": OFFICIAL,
        "events": EVENTS,
        "of_queue": {},
    }
    return queue_properties(**(given | changes))


def mebibytes(text: str) -> int:
    assert text.endswith("m")
    return int(text[:-1]) * MIB


def test_executors_are_asked_for_quickly_and_within_what_spark_takes() -> None:
    delay = ALWAYS["spark.kubernetes.allocation.batch.delay"]
    assert delay.endswith("ms")
    assert int(delay.removesuffix("ms")) > 100
    assert int(ALWAYS["spark.kubernetes.allocation.batch.size"]) * 1000 / int(delay.removesuffix("ms")) >= 100


def test_metrics_have_names_that_no_application_changes() -> None:
    assert ALWAYS["spark.metrics.namespace"] == "spark"
    for instance in ("*", "driver"):
        assert ALWAYS[f"spark.metrics.conf.{instance}.sink.prometheusServlet.path"] == "/metrics/prometheus"


SHOWN_TO_NOBODY = (
    "spark.acme.credential",
    "spark.acme.credentials.json",
    "spark.acme.dbCredentials",
    "spark.hadoop.javax.jdo.option.ConnectionPassword",
    "spark.acme.passwd",
    "spark.acme.passphrase",
    "spark.acme.pwd",
    "spark.acme.apiKey",
    "spark.acme.api-key",
    "spark.acme.api_key",
    "spark.acme.private.key",
    "spark.hadoop.fs.azure.account.key.acme",
    "spark.hadoop.fs.s3a.access.key",
    "spark.hadoop.fs.s3a.secret.key",
    "spark.sql.catalog.partners.token",
)


@pytest.mark.parametrize("name", SHOWN_TO_NOBODY)
def test_what_is_called_like_a_secret_is_shown_to_nobody(name: str) -> None:
    assert re.search(ALWAYS["spark.redaction.regex"], name)


def test_what_the_platform_itself_sets_is_shown() -> None:
    hidden = re.compile(ALWAYS["spark.redaction.regex"])
    settings = {key: value for key, value in properties().items() if key != "spark.redaction.regex"}
    assert len(settings) > 20
    assert [pair for pair in settings.items() if any(hidden.search(text) for text in pair)] == []


def test_what_moves_with_its_node_hands_over_first() -> None:
    assert ALWAYS["spark.decommission.enabled"] == ALWAYS["spark.storage.decommission.enabled"] == "true"


def test_without_a_region_there_is_nothing_of_s3() -> None:
    assert job_defaults(None) == dict(ALWAYS)
    assert not [key for key in job_defaults(None) if key.startswith(("spark.eventLog.", "spark.hadoop.fs.s3a."))]


def test_s3_is_reached_with_the_queues_own_rights() -> None:
    defaults = job_defaults("eu-central-1")
    tries = defaults["spark.hadoop.fs.s3a.aws.credentials.provider"].split(",")
    classes = dict(
        pair.split("=") for pair in defaults["spark.hadoop.fs.s3a.aws.credentials.provider.mapping"].split(",")
    )
    assert list(classes) == tries
    assert len(set(tries)) == CREDENTIALS_TRIES, "a name that comes twice is tried once"
    assert set(classes.values()) == {CREDENTIALS}
    assert defaults["spark.hadoop.fs.s3a.endpoint.region"] == "eu-central-1"
    assert defaults["spark.eventLog.enabled"] == "true"


def test_no_jvm_of_a_job_asks_its_node_for_credentials() -> None:
    defaults = job_defaults("eu-central-1")
    assert {key for key, value in defaults.items() if NO_NODE_ROLE in value} == {
        "spark.driver.defaultJavaOptions",
        "spark.executor.defaultJavaOptions",
    }


def test_spark_submit_gets_what_an_application_gets_by_admission() -> None:
    assert job_defaults("eu-central-1").items() <= properties().items()
    assert properties()["spark.eventLog.dir"] == EVENTS.location
    assert properties()["spark.kubernetes.namespace"] == "ads-batch"
    assert properties()["spark.kubernetes.authenticate.driver.serviceAccountName"] == "spark-driver"
    assert properties()["spark.kubernetes.authenticate.executor.serviceAccountName"] == "spark-executor"
    assert properties()["spark.dynamicAllocation.maxExecutors"] == "12"


def test_the_official_image_fetches_what_it_lacks_for_event_logs_and_nothing_otherwise() -> None:
    assert properties()["spark.jars.packages"] == "org.apache.hadoop:hadoop-aws:3.4.1"
    assert properties()["spark.jars.ivy"] == IVY_FOLDER
    assert "spark.jars.packages" not in properties(events=None)


def test_pods_request_the_queues_shape_and_stay_within_its_drivers_size() -> None:
    found = properties()
    assert parse_cpu(found["spark.kubernetes.executor.request.cores"]) == SHAPE.request.cpu
    executor = mebibytes(found["spark.executor.memory"]) + mebibytes(found["spark.executor.memoryOverhead"])
    assert executor == SHAPE.request.memory
    driver = mebibytes(found["spark.driver.memory"]) + mebibytes(found["spark.driver.memoryOverhead"])
    assert driver <= 8 * GIB
    assert parse_cpu(found["spark.kubernetes.driver.request.cores"]) == 2000
