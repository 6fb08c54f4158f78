"""The signing Envoy, a real one: what it signs, checked by botocore's own algorithm, and what it refuses."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from tests.components.queue.past_logs.running import running_signer
from tests.observability.query_gate.running import certificate_file, server

REGION = "eu-central-1"
KEY, SECRET, SESSION, POD_TOKEN = "AKIDEXAMPLE", "a-secret", "a/session+token=", "the-pods-own"
LIST = "/logs?list-type=2&delimiter=/&prefix=ads/batch/"
OBJECT = "/logs/ads/batch/spark-1f/ads-batch-driver/spark-2026-11-30-x.gz"

Seen = list[tuple[str, dict[str, str]]]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Seen]]:
    """A signer's address, and what came to S3 through it."""
    folder, seen = tmp_path_factory.mktemp("signer"), Seen()
    certificate = certificate_file(folder)
    (folder / "token").write_text(POD_TOKEN)
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    given = {
        "AccessKeyId": KEY,
        "SecretAccessKey": SECRET,
        "Token": SESSION,
        "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }

    def credentials(handler: BaseHTTPRequestHandler) -> None:
        _answer(handler, 200 if handler.headers["authorization"] == POD_TOKEN else 401, json.dumps(given))

    def s3(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.path, {key.lower(): value for key, value in handler.headers.items()}))
        _answer(handler, 200, "what S3 says")

    with (
        server(credentials) as agent,
        server(s3, certificate) as storage,
        running_signer(folder, certificate, region=REGION, storage=storage, agent=agent) as address,
    ):
        _wait_until_signed(address, seen, folder)
        yield address, seen


@pytest.mark.parametrize(
    "path",
    [
        LIST,
        f"{LIST}spark-1f/",
        f"{LIST}spark-1f/ads-batch-driver/",
        f"{LIST}spark-1f/ads-batch-driver/spark-",
        f"{LIST}&continuation-token=1a%2Bb%2Fc%3D%3D",
        OBJECT,
    ],
)
def test_what_the_queue_owns_is_asked_for_with_a_signature_that_holds(signer: tuple[str, Seen], path: str) -> None:
    address, seen = signer
    seen.clear()
    assert _ask(address + path) == (200, "what S3 says")
    ((came, headers),) = seen
    assert came == path
    assert headers["x-amz-security-token"] == SESSION
    assert headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    scheme, _, rest = headers["authorization"].partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "AWS4-HMAC-SHA256"
    assert fields["Credential"] == f"{KEY}/{headers['x-amz-date'][:8]}/{REGION}/s3/aws4_request"
    signed = fields["SignedHeaders"].split(";")
    assert {"host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"} <= set(signed)
    assert fields["Signature"] == _signature(came, {name: headers[name] for name in signed})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", OBJECT),
        ("DELETE", OBJECT),
        ("POST", f"{LIST}spark-1f/"),
        ("GET", OBJECT.replace("/batch/", "/adhoc/")),
        ("GET", OBJECT.replace("/ads/", "/search/")),
        ("GET", OBJECT.replace("/logs/", "/events/")),
        ("GET", OBJECT.replace("/spark-1f/", "/spark-1f/../../adhoc/")),
        ("GET", OBJECT.replace("/spark-1f/", "/spark-1f%2F..%2F")),
        ("GET", f"{OBJECT}?acl"),
        ("GET", "/"),
        ("GET", "/logs"),
        ("GET", "/logs?list-type=2"),
        ("GET", LIST.replace("batch/", "batch2/")),
        ("GET", LIST.replace("ads/batch/", "")),
        ("GET", f"{LIST}../adhoc/"),
        ("GET", f"{LIST}&prefix=ads/adhoc/"),
        ("GET", f"{LIST}%2e%2e/adhoc/"),
    ],
)
def test_anything_else_does_not_leave_the_pod(signer: tuple[str, Seen], method: str, path: str) -> None:
    address, seen = signer
    seen.clear()
    assert _ask(address + path, method)[0] in (400, 404)
    assert seen == []


def _signature(path: str, headers: dict[str, str]) -> str:
    """What AWS expects, as botocore computes it."""
    parts = urlsplit(path)
    request = AWSRequest("GET", f"https://{headers['host']}{parts.path}", headers, params=dict(parse_qsl(parts.query)))
    request.context["timestamp"] = headers["x-amz-date"]
    auth = S3SigV4Auth(Credentials(KEY, SECRET, SESSION), "s3", REGION)
    signature: str = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return signature


def _ask(url: str, method: str = "GET") -> tuple[int, str]:
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        connection.putrequest(method, url.partition(parts.netloc)[2], skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def _answer(handler: BaseHTTPRequestHandler, status: int, text: str) -> None:
    handler.send_response(status)
    handler.send_header("content-length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text.encode())


def _wait_until_signed(address: str, seen: Seen, folder: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if _ask(address + LIST)[0] == 200 and "authorization" in seen[-1][1]:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.1)
    raise AssertionError(f"Nothing is signed:\n{(folder / 'envoy.log').read_text()}")
