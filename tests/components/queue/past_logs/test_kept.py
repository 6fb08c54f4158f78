"""What is kept, read from moto's S3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from components.queue.past_logs.kept import Kept, NotReadableError

APPLICATION, POD = "spark-1f", "ads-batch-driver"
FILE = "spark-20261130T200000-abcdefgh.gz"


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """Logs of a queue, of more applications than a page of S3 has, beside another queue's."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    s3 = boto3.client("s3", "us-east-1", endpoint_url=address, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    s3.create_bucket(Bucket="logs")
    text = "".join(json.dumps({"message": message, "output": "stdout"}) + "\n" for message in ("one", "<b>two\nthree"))
    objects = {
        f"ads/batch/{APPLICATION}/{POD}/{FILE}": gzip.compress(text.encode()),
        f"ads/batch/{APPLICATION}/{POD}/cut.gz": gzip.compress(text.encode())[:-12],
        "ads/batch2/spark-other/pod/x.gz": b"",
        **{f"ads/batch/many-{number:04}/pod/x.gz": b"" for number in range(1001)},
    }
    for key, body in objects.items():
        s3.put_object(Bucket="logs", Key=key, Body=body, ACL="public-read")
    yield Kept(address, "logs", "ads/batch")
    server.stop()


def test_applications_pods_and_logs_are_found(kept: Kept) -> None:
    assert kept.folders() == [*(f"many-{number:04}" for number in range(1001)), APPLICATION]
    assert kept.folders(APPLICATION) == [POD]
    assert kept.files(APPLICATION, POD) == ["cut.gz", FILE]


def test_a_log_is_its_messages(kept: Kept) -> None:
    assert list(kept.lines(APPLICATION, POD, FILE)) == ["one", "<b>two\nthree"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ((APPLICATION, POD, "absent.gz"), "S3 answers 404"),
        ((APPLICATION, POD, "cut.gz"), "can't be read to its end"),
        (("..", POD, FILE), "is called '..'"),
        ((APPLICATION, "a/b", FILE), "is called 'a/b'"),
        ((APPLICATION, POD, "x.gz?acl"), "is called"),
    ],
)
def test_what_cannot_be_read_says_why(kept: Kept, path: tuple[str, str, str], says: str) -> None:
    with pytest.raises(NotReadableError, match=says.replace("?", r"\?")):
        list(kept.lines(*path))
