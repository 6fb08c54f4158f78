"""The page of a queue's logs as in its pod: through a real signing Envoy, with moto's S3 behind TLS."""

from __future__ import annotations

import datetime
import gzip
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import boto3  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer

from components.queue.past_logs.kept import Kept
from components.queue.past_logs.program import Logs
from components.queue.past_logs.signer import bootstrap
from components.software.page_http import server as page_server
from tests.observability.prometheus import free_port
from tests.observability.query_gate.running import certificate_file, running_envoy, server

REGION = "us-east-1"
KEY = "AKIDEXAMPLE"


def packed(*messages: str) -> bytes:
    """An object as Fluent Bit writes it."""
    return gzip.compress("".join(json.dumps({"time": "t", "message": each}) + "\n" for each in messages).encode())


@contextmanager
def running_signer(folder: Path, certificate: Path, *, region: str, storage: int, agent: int) -> Iterator[str]:
    """The address of a real signing Envoy for `ads/batch/` in the bucket `logs`.

    Args:
        folder: for files; with `token`, the pod's own.
        certificate: that S3 shows.
        region: for which it signs.
        storage: the port of S3 on the loopback.
        agent: the port of what lends credentials.
    """
    port = free_port()
    configuration = bootstrap(
        region=region,
        bucket="logs",
        tenant="ads",
        queue="batch",
        endpoint=f"localhost:{storage}",
        certificates=str(certificate),
        port=port,
    )
    (folder / "envoy.json").write_text(json.dumps(configuration))
    environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{agent}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(folder / "token"),
    }
    with running_envoy(folder, environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_page(folder: Path, objects: Mapping[str, bytes], *, credentials: bool = True) -> Iterator[str]:
    """The page's address.

    Args:
        folder: for files.
        objects: by their keys in the bucket `logs`, of which the page shows `ads/batch/`.
        credentials: whether the agent gives any; without a signature S3 refuses.
    """
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    behind = f"http://{host}:{port}"
    s3 = boto3.client("s3", REGION, endpoint_url=behind, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    s3.create_bucket(Bucket="logs")
    for key, body in objects.items():
        s3.put_object(Bucket="logs", Key=key, Body=body)
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    given = {"AccessKeyId": KEY, "SecretAccessKey": "s", "Token": "t", "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    lent = threading.Event()

    def agent(handler: BaseHTTPRequestHandler) -> None:
        _send(handler, 200 if credentials else 404, json.dumps(given).encode() if credentials else b"")
        lent.set()

    def signed_only(handler: BaseHTTPRequestHandler) -> None:
        signature = handler.headers.get("authorization", "")
        if f"Credential={KEY}/" not in signature:
            _send(handler, 403, b"<Error><Code>AccessDenied</Code></Error>")
            return
        # Moto takes the signature itself as of its own host.
        request = urllib.request.Request(  # noqa: S310 - moto's
            behind + handler.path, headers={"Authorization": signature}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                _send(handler, answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                _send(handler, error.code, error.read())

    certificate = certificate_file(folder)
    (folder / "token").write_text("the-pods-own")
    with (
        server(agent) as lender,
        server(signed_only, certificate) as storage,
        running_signer(folder, certificate, region=REGION, storage=storage, agent=lender) as signer,
    ):
        page = page_server(Logs(Kept(signer, "logs", "ads/batch"), "ads-batch").respond, 0, "127.0.0.1")
        threading.Thread(target=page.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        address = f"http://127.0.0.1:{page.server_port}"
        _settle(address, lent, 200 if credentials else 502)
        yield address
        page.shutdown()
        page.server_close()
    moto.stop()


def ask(url: str, method: str = "GET") -> tuple[int, HTTPResponse, str]:
    """Status, headers' holder and text of an answer."""
    request = urllib.request.Request(url, method=method)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error, error.read().decode()  # type: ignore[return-value]


def _settle(address: str, lent: threading.Event, expected: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if lent.wait(0.1) and ask(f"{address}/logs/")[0] == expected:
            return
        time.sleep(0.1)
    raise AssertionError(f"The page never answers {expected}: {ask(f'{address}/logs/')}")


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
