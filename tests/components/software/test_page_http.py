from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator

import pytest

from components.software.page_http import HEALTH, STYLE, Refusal, Request, document, server


def respond(request: Request) -> str:
    if request.path == "/refused":
        raise Refusal(403, "Not <you>", "Ask & see.")
    if request.path == "/broken":
        raise ValueError("secret")
    return document("A <page>", f"<p>{request.cookie('IdToken')} {request.query}</p>")


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    running = server(respond, 0, "127.0.0.1")
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=5)
    yield client
    client.close()
    running.shutdown()
    running.server_close()


@pytest.mark.parametrize(
    ("path", "status", "shown"),
    [
        ("/?a=1", 200, "A &lt;page&gt;"),
        (HEALTH, 200, "Well"),
        ("/refused", 403, "Not &lt;you&gt;</h1><p>Ask &amp; see."),
        ("/broken", 500, "Something failed here"),
    ],
)
def test_every_answer_is_a_page_that_is_not_kept_and_has_no_script(
    connection: http.client.HTTPConnection, path: str, status: int, shown: str
) -> None:
    connection.request("GET", path)
    found = connection.getresponse()
    text = found.read().decode()
    assert (found.status, found.getheader("Cache-Control")) == (status, "no-store")
    assert "default-src 'none'; style-src 'sha256-" in (found.getheader("Content-Security-Policy") or "")
    assert shown in text
    assert "secret" not in text
    assert "<script" not in text
    assert f"<style>{STYLE}</style>" in text


def test_head_is_answered_as_get_without_the_page(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/")
    found = connection.getresponse()
    assert found.read() == b""
    assert int(found.getheader("Content-Length") or 0) > 0
    connection.request("GET", "/")
    assert connection.getresponse().status == 200


def test_what_writes_is_refused_as_a_page(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", body="x")
    found = connection.getresponse()
    assert found.status == 501
    assert "to look at" in found.read().decode()


@pytest.mark.parametrize(
    ("header", "value"),
    [("IdToken=a.b.c; x=y", "a.b.c"), ("x=y", ""), ("", ""), ("IdToken", ""), ("bad[=1; =;", "")],
)
def test_cookies_are_read_and_faulty_ones_are_none(header: str, value: str) -> None:
    assert Request(path="/", query="", headers={"cookie": header}).cookie("IdToken") == value
