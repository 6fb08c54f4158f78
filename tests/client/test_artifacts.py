"""Files of jobs in the queue's folder, by moto's S3 and STS."""

from __future__ import annotations

import asyncio
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
import urllib3
from moto.server import ThreadedMotoServer
from skate.artifacts import PART_BYTES, ArtifactStore
from skate.card import QueueCard
from skate.errors import InputError, LoginError, NotAllowedError, SkateError

from tests.client.api_stand_in import QUEUE, kubeconfig, served
from tests.client.cards import ARTIFACTS, card
from tests.client.command import skate, wait_for

BUCKET = ARTIFACTS["bucket"]
ROLE = "arn:aws:iam::111122223333:role/spark-dev-queue-ads-batch.upload"


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of a server of moto's with the platform's bucket."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody who is logged in to AWS."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def s3(moto: str) -> Any:  # noqa: ANN401
    """The bucket, empty, as its owner sees it."""
    client = boto3.client("s3", endpoint_url=moto, region_name="eu-central-1")
    try:
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    except client.exceptions.BucketAlreadyOwnedByYou:
        for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=found["Key"])
    return client


def queue(**changes: Any) -> QueueCard:  # noqa: ANN401
    """A queue with a folder for files."""
    return card(artifacts=ARTIFACTS | {"uploadRoleArn": ROLE} | changes)


def upload(store: ArtifactStore, *files: Path, **given: Any) -> dict[Path, str]:  # noqa: ANN401
    """What `upload` gives."""
    return asyncio.run(store.upload(files, **given))


def keys(s3: Any) -> list[str]:  # noqa: ANN401
    """What is in the bucket."""
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_file_is_kept_by_its_content_under_its_own_name(moto: str, s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    file = tmp_path / "job.py"
    file.write_text("print(1)\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert upload(ArtifactStore(queue(), moto), file, file) == {
        file: f"s3a://{BUCKET}/ads/batch/uploads/{digest}/job.py"
    }
    assert keys(s3) == [f"ads/batch/uploads/{digest}/job.py"]
    file.write_text("print(2)\n")
    upload(ArtifactStore(queue(), moto), file)
    assert len(keys(s3)) == 2


def test_what_is_there_is_not_sent_again(moto: str, s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    file = tmp_path / "job.py"
    file.write_text("print(1)\n")
    (address,) = upload(ArtifactStore(queue(), moto), file).values()
    key = address.removeprefix(f"s3a://{BUCKET}/")
    before = s3.head_object(Bucket=BUCKET, Key=key)["LastModified"]
    told: list[tuple[str, int, int]] = []
    upload(ArtifactStore(queue(), moto), file, progress=lambda *now: told.append(now))
    assert s3.head_object(Bucket=BUCKET, Key=key)["LastModified"] == before
    assert told == [("job.py", 9, 9)]


def test_a_large_file_goes_in_parts_and_its_progress_is_told(moto: str, s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    file = tmp_path / "environment.tar.gz"
    file.write_bytes(bytes(range(256)) * (PART_BYTES // 128))
    told: list[tuple[str, int, int]] = []
    (address,) = upload(ArtifactStore(queue(), moto), file, progress=lambda *now: told.append(now)).values()
    body = s3.get_object(Bucket=BUCKET, Key=address.removeprefix(f"s3a://{BUCKET}/"))["Body"].read()
    assert body == file.read_bytes()
    assert told[-1] == ("environment.tar.gz", file.stat().st_size, file.stat().st_size)


def test_an_upload_that_breaks_off_leaves_nothing_and_starts_over(
    moto: str,
    s3: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    file = tmp_path / "environment.tar.gz"
    file.write_bytes(b"x" * (3 * PART_BYTES))
    with _breaking(moto, after=1) as address, pytest.raises(SkateError, match="starts over"):
        upload(ArtifactStore(queue(), address), file)
    assert keys(s3) == []
    upload(ArtifactStore(queue(), moto), file)
    assert len(keys(s3)) == 1


def test_an_application_is_remembered_as_it_was_submitted(moto: str, s3: Any) -> None:  # noqa: ANN401
    store = ArtifactStore(queue(), moto)
    application = {"metadata": {"name": "nightly"}, "spec": {"type": "Python"}}
    assert asyncio.run(store.recall("nightly")) is None
    asyncio.run(store.remember(application))
    assert keys(s3) == ["ads/batch/skate/jobs/nightly.json"]
    assert asyncio.run(store.recall("nightly")) == application


def test_what_is_no_file_is_refused_before_anything_is_sent(moto: str, s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    file = tmp_path / "job.py"
    file.touch()
    for wrong in (tmp_path, tmp_path / "none.py"):
        with pytest.raises(InputError, match="no file of this machine"):
            upload(ArtifactStore(queue(), moto), file, wrong)
    assert keys(s3) == []


def test_a_queue_without_a_role_for_uploads_takes_no_files() -> None:
    for without in (card(), queue(uploadRoleArn=None)):
        with pytest.raises(InputError, match="takes no files"):
            ArtifactStore(without)


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("AccessDenied", NotAllowedError, "purpose `submitter`"),
        ("ExpiredToken", LoginError, "has expired"),
        ("InvalidClientTokenId", LoginError, "has expired"),
        ("RegionDisabledException", LoginError, "RegionDisabledException"),
    ],
)
def test_what_aws_refuses_is_said_with_who_can_help(
    code: str, error: type[SkateError], words: str, tmp_path: Path
) -> None:
    file = tmp_path / "job.py"
    file.touch()
    with _refusing(code) as address, pytest.raises(error, match=words):
        upload(ArtifactStore(queue(), address), file)


def test_without_a_login_to_aws_one_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    file = tmp_path / "job.py"
    file.touch()
    with pytest.raises(LoginError, match="no login to AWS"):
        upload(ArtifactStore(queue(), "http://127.0.0.1:9"), file)


@contextmanager
def _serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server that answers every request so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if self.raw_requestline and self.parse_request():
                answer(self)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _refusing(code: str) -> Any:  # noqa: ANN401
    """STS that refuses with a code."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{code}</Message></Error></ErrorResponse>".encode()

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(403)
        request.send_header("Content-Type", "text/xml")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return _serving(answer)


def _breaking(moto: str, after: int) -> Any:  # noqa: ANN401
    """Moto behind a line that breaks after some parts of an upload."""
    parts = 0

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal parts
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if "partNumber" in request.path:
            parts += 1
            if parts > after:
                request.connection.close()
                return
        got = urllib3.request(request.command, moto + request.path, body=body, headers=dict(request.headers))
        content = got.data
        request.send_response(got.status)
        for name, value in got.headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return _serving(answer)


def test_a_job_that_nobody_waits_for_is_remembered_too(
    moto: str,
    s3: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    job = tmp_path / "job.yaml"
    job.write_text("spec: {mainApplicationFile: 'local:///opt/job.py'}\n")
    with served() as cluster:
        cluster.add_card(artifacts=ARTIFACTS | {"uploadRoleArn": ROLE})
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "kubeconfig", cluster.url)))
        monkeypatch.setenv("SKATE_CONFIG", str(tmp_path))
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
        assert skate("submit", "--detach", "--queue", QUEUE, "--id", "nightly", str(job)).code == 0
        wait_for(lambda: keys(s3) == ["ads/batch/skate/jobs/nightly.json"])
        cluster.objects = {key: thing for key, thing in cluster.objects.items() if key[0] != "sparkapplications"}
        again = skate("rerun", "nightly", "--queue", QUEUE, "--detach")
        assert (again.code, len(cluster.jobs())) == (0, 1)
