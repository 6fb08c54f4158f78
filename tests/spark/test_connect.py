"""A real Spark Connect server with all that the platform gives it serves, and writes its event log to S3."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import pytest

from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import EVENT_LOG_FOLDER, IVY
from tests.cluster.control_plane import free_ports
from tests.cluster.spark import Spark
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.pod_identity import PodIdentity, pod_identity
from tests.spark.rendered import HERE, PROPERTIES
from tests.spark.s3 import S3
from tests.spark.stand_in import REGION

EVENTS_BUCKET = "connect-events"
"""Of its own, so that no history server of other tests shows it."""
ANALYZE = "/spark.connect.SparkConnectService/AnalyzePlan"
SESSION, SPARK_VERSION = 1, 10
"""Fields of its request. Source: apache/spark 4.0, sql/connect/common/src/main/protobuf/spark/connect/base.proto"""


@pytest.fixture
def server(spark: Spark, packages: Path, s3: S3, tmp_path: Path) -> Iterator[tuple[int, PodIdentity]]:
    """A server's port, and the agent of its pod, whose first answer is a refusal."""
    s3.make(EVENTS_BUCKET, {"events/": ""})
    (port,) = free_ports(1)
    here = {IVY: str(packages), EVENT_LOG_FOLDER: f"s3a://{EVENTS_BUCKET}/events"}
    conf = {**PROPERTIES, **HERE, **s3.conf, **here, "spark.connect.grpc.binding.port": str(port)}
    command = spark.command(
        "--master=local[1]", "--class=org.apache.spark.sql.connect.service.SparkConnectServer", conf=conf
    )
    with pod_identity(tmp_path, "ASIACONNECT", failures=[404]) as identity, (tmp_path / "log").open("wb") as log:
        s3.known[identity.key] = identity.session_token
        with subprocess.Popen(
            [*command, "spark-internal"],
            env={**spark.environment(), **identity.environment, "SPARK_LOCAL_IP": "127.0.0.1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                yield port, identity
            finally:
                process.kill()


def text(field: int, value: bytes) -> bytes:
    """A field of a message of Protocol Buffers that is shorter than 128 bytes."""
    return bytes([field << 3 | 2, len(value)]) + value


def test_it_serves_a_client_and_logs_as_its_pods_service_account(server: tuple[int, PodIdentity], s3: S3) -> None:
    port, identity = server
    request = text(SESSION, str(uuid.uuid4()).encode()) + text(SPARK_VERSION, b"")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        grpc.channel_ready_future(channel).result(timeout=TIMEOUT_SECONDS)
        answer = channel.unary_unary(ANALYZE)(request, timeout=60)
    assert OFFICIAL.spark_version.encode() in answer
    assert identity.failures == type(identity.failures)(), "the first call failed"
    assert ("ASIACONNECT", REGION) in s3.seen
    assert identity.node_asked == []
    end = time.monotonic() + 60
    while not any("/appstatus_local-" in key for key in s3.keys(EVENTS_BUCKET)):
        assert time.monotonic() < end, s3.keys(EVENTS_BUCKET)
        time.sleep(0.5)
