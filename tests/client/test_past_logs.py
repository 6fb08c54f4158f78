"""Logs of pods that are gone, by moto's CloudWatch and S3, as `skate logs` reads them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any, Final

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from tests.client.api_stand_in import QUEUE, StandIn
from tests.client.command import skate

APP: Final = f"spark-{'5f' * 16}"
OTHER: Final = f"spark-{'77' * 16}"
GROUP: Final = "/elastic-spark/spark-dev/queue/ads-batch"
BUCKET: Final = "spark-dev-logs"
REGION: Final = "eu-central-1"
DRIVER: Final = "spark-kubernetes-driver"
NOW: Final = int(time.time() * 1000) - 600_000
"""Ten minutes ago, in milliseconds; CloudWatch takes no events of more than 14 days ago."""
EXECUTOR: Final = "spark-kubernetes-executor"
PLACE: Final = {  # in the account in which moto sees the tests
    "bucket": BUCKET,
    "prefix": "ads/batch/",
    "logGroup": GROUP,
    "readersRoleArn": "arn:aws:iam::123456789012:role/spark-dev-queue-ads.logs",
    "cloudWatchDays": 30,
    "logDays": 365,
}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of a server of moto's."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def aws(moto: str, cluster: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is logged in to AWS, where nothing is kept yet of the queue's jobs."""
    for name, value in {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": REGION,
        "SKATE_QUEUE": QUEUE,
    }.items():
        monkeypatch.setenv(name, value)
    cluster.add_card(logs=PLACE, cluster={"name": "spark-dev", "region": REGION, "accountId": "111122223333"})
    client("logs").create_log_group(logGroupName=GROUP)
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.fixture(autouse=True)
def emptied(aws: None) -> Iterator[None]:
    """Nothing is kept afterwards."""
    yield
    client("logs").delete_log_group(logGroupName=GROUP)
    bucket = boto3.resource("s3", region_name=REGION).Bucket(BUCKET)
    bucket.objects.delete()
    bucket.delete()


def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """A service of AWS."""
    return boto3.client(service, region_name=REGION)


def stream(name: str, *messages: str) -> None:
    """Keep messages in CloudWatch."""
    logs = client("logs")
    logs.create_log_stream(logGroupName=GROUP, logStreamName=name)
    for number, message in enumerate(messages):
        event = {"timestamp": NOW + number, "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=[event])


def kept(key: str, *messages: str) -> None:
    """Keep messages in S3."""
    lines = "".join(json.dumps({"time": "2026-11-29T09:00:00Z", "message": message}) + "\n" for message in messages)
    client("s3").put_object(Bucket=BUCKET, Key=f"ads/batch/{key}.gz", Body=gzip.compress(lines.encode()))


def test_the_drivers_log_is_read_from_cloudwatch_and_no_other() -> None:
    stream(f"{APP}/a-driver/{DRIVER}", "one", "two\n  with a trace")
    stream(f"{APP}/a-exec-1/{EXECUTOR}", "of an executor")
    stream(f"{OTHER}/b-driver/{DRIVER}", "of another job")
    assert skate("logs", APP).out == "one\ntwo\n  with a trace\n"


def test_an_executor_is_told_from_those_whose_numbers_end_alike() -> None:
    stream(f"{APP}/a-exec-1/{EXECUTOR}", "of the first")
    stream(f"{APP}/a-exec-11/{EXECUTOR}", "of the eleventh")
    assert skate("logs", APP, "--executor", "1").out == "of the first\n"


def test_what_cloudwatch_no_longer_has_is_read_from_s3_in_order() -> None:
    kept(f"{APP}/a-driver/{DRIVER}-20261129T090200-bbbb", "three")
    kept(f"{APP}/a-driver/{DRIVER}-20261129T090100-cccc", "one", "two")
    kept(f"{APP}/a-exec-1/{EXECUTOR}-20261129T090100-dddd", "of an executor")
    assert skate("logs", APP).out == "one\ntwo\nthree\n"
    assert skate("logs", APP, "--tail", "1").out == "three\n"


def test_many_events_are_read_to_the_last() -> None:
    logs = client("logs")
    name = f"{APP}/a-driver/{DRIVER}"
    logs.create_log_stream(logGroupName=GROUP, logStreamName=name)
    events = [{"timestamp": NOW + number, "message": f"line {number}"} for number in range(9000)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=events)
    ten_thousand_and_more = [{"timestamp": NOW + 100_000 + number, "message": "more"} for number in range(3000)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=ten_thousand_and_more)
    assert len(skate("logs", APP).out.splitlines()) == 12000


def test_the_log_of_a_job_whose_pods_are_gone_is_found_by_its_name(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "COMPLETED", sparkApplicationId=APP, driverInfo={"podName": "report-driver"})
    stream(f"{APP}/report-driver/{DRIVER}", "from long ago")
    assert skate("logs", "report-0a1b2c3d").out == "from long ago\n"


def test_a_queue_without_a_log_group_has_its_logs_in_s3() -> None:
    client("logs").delete_log_group(logGroupName=GROUP)
    kept(f"{APP}/a-driver/{DRIVER}-20261129T090100-cccc", "one")
    shown = skate("logs", APP)
    client("logs").create_log_group(logGroupName=GROUP)
    assert shown.out == "one\n"


def test_where_nothing_is_kept_it_says_for_how_long_it_is() -> None:
    shown = skate("logs", APP)
    assert shown.code == 2
    assert "kept for 365 days" in shown.err


def test_a_queue_that_keeps_no_logs_says_who_can_change_that(cluster: StandIn) -> None:
    cluster.add_card()
    shown = skate("logs", APP)
    assert shown.code == 2
    assert "Whoever runs the platform" in shown.err


def test_who_has_no_role_for_logs_is_told_the_page_that_shows_them(cluster: StandIn) -> None:
    place = {key: value for key, value in PLACE.items() if key != "readersRoleArn"}
    page = "https://ads-batch.spark.example.com/logs/"
    cluster.add_card(logs={**place, "page": page})
    shown = skate("logs", APP)
    assert shown.code == 2
    assert f"A browser shows them to who may read logs: {page}{APP}/" in shown.err.replace("\n", "")


def test_a_login_to_aws_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    shown = skate("logs", APP)
    assert shown.code == 3
    assert "aws sso login" in shown.err


def test_why_a_job_that_is_gone_failed_is_read_from_what_its_driver_wrote() -> None:
    trace = [
        "Traceback (most recent call last):",
        '  File "/opt/spark/work-dir/job.py", line 3, in <module>',
        "KeyError: 7",
    ]
    stream(f"{APP}/a-driver/{DRIVER}", *trace)
    record = skate("why", APP, "--json").json
    assert (record["kind"], "job.py:3" in record["what"]) == ("exception in the program", True)
