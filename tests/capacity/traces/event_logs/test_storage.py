from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from capacity.errors import CapacityError
from capacity.traces.event_logs import storage
from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import logs_among
from capacity.traces.event_logs.importing import imported
from tests.capacity.traces.event_logs.framed import CODECS
from tests.capacity.traces.event_logs.written import simple, text

PREFIX = "ads/batch/spark-events"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The platform's bucket of events, with two jobs of a queue in it."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(storage, "_systems", {})
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="spark-dev-events")
    packed = CODECS["zstd"](text(*simple("spark-1")))
    client.put_object(Bucket="spark-dev-events", Key=f"{PREFIX}/eventlog_v2_spark-1/events_1_spark-1.zstd", Body=packed)
    client.put_object(Bucket="spark-dev-events", Key=f"{PREFIX}/eventlog_v2_spark-1/appstatus_spark-1", Body=b"")
    client.put_object(Bucket="spark-dev-events", Key=f"{PREFIX}/spark-2", Body=text(*simple("spark-2")))
    yield "s3://spark-dev-events"
    server.stop()


def test_logs_of_a_bucket_are_read_where_they_lie(bucket: str, tmp_path: Path) -> None:
    logs = logs_among(storage.files_of(f"{bucket}/ads/"))
    assert [log.place for log in logs] == [f"{bucket}/{PREFIX}/eventlog_v2_spark-1", f"{bucket}/{PREFIX}/spark-2"]
    runs = imported(logs, tmp_path / "journal", options=Options(), workers=1, skip=lambda what, why: pytest.fail(why))
    assert {(run.job, run.queue) for run in runs} == {("spark-1", "ads-batch"), ("spark-2", "ads-batch")}


def test_one_log_may_be_named(bucket: str) -> None:
    assert [file.size for file in storage.files_of(f"{bucket}/{PREFIX}/spark-2")] == [len(text(*simple("spark-2")))]


def test_a_bucket_that_is_not_there_is_an_error(bucket: str) -> None:
    with pytest.raises(CapacityError, match="s3://other/logs can't be listed"):
        storage.files_of("s3://other/logs")
