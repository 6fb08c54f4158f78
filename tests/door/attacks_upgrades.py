"""Requests that would become something else than requests: websockets, and what only HTTP/1.1 has, in HTTP/2."""

from __future__ import annotations

from typing import Final

from tests.door.attacks_requests import BAD, PEOPLE, STRANGER
from tests.door.attempts import (
    ADS,
    GOOD,
    GRAFANA,
    PROMETHEUS,
    Row,
    Send,
    Token,
    reaches,
    refused,
    send,
    send_h2,
)
from tests.door.wire import CLOSED

WEBSOCKET: Final = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
LIVE: Final = "/api/live/ws"


def websocket(origin: str = GRAFANA, path: str = LIVE, host: str = GRAFANA, token: Token | None = PEOPLE) -> Send:
    """A page that opens a websocket."""
    return send(host, path, token=token, headers=[*WEBSOCKET, ("Origin", f"https://{origin}")])


UPGRADES: Final = (
    Row(
        "another site's websocket", websocket("evil.example.com"), STRANGER, send(GRAFANA, LIVE, token=PEOPLE), GRAFANA
    ),
    Row("a tenant's page's websocket", websocket(ADS), STRANGER, send(GRAFANA, LIVE, token=PEOPLE), GRAFANA),
    Row(
        "a websocket without an origin",
        send(GRAFANA, LIVE, token=PEOPLE, headers=WEBSOCKET),
        STRANGER,
        send(GRAFANA, LIVE, token=PEOPLE),
        GRAFANA,
    ),
    Row("a websocket elsewhere at Grafana", websocket(path="/"), STRANGER, send(GRAFANA, token=PEOPLE), GRAFANA),
    Row("a websocket of somebody else", websocket(token=GOOD), STRANGER, send(GRAFANA, token=PEOPLE), GRAFANA),
    Row(
        "a websocket at a page to look at",
        websocket(PROMETHEUS, host=PROMETHEUS),
        STRANGER,
        send(PROMETHEUS, token=PEOPLE),
        PROMETHEUS,
    ),
    # Envoy Gateway switches upgrades off where request bodies have a limit.
    Row("a websocket", send(headers=[("Connection", "Upgrade"), ("Upgrade", "websocket")]), STRANGER, send()),
    Row(
        "a websocket without a login",
        send(token=None, headers=[("Connection", "Upgrade"), ("Upgrade", "websocket")]),
        refused(302, 401, 403),
        send(),
    ),
    Row(
        "an upgrade to HTTP/2 inside",
        send(
            headers=[
                ("Connection", "Upgrade, HTTP2-Settings"),
                ("Upgrade", "h2c"),
                ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
            ]
        ),
        reaches(ADS, upgrade=[], http2_settings=[]),
        send(),
    ),
    Row("HTTP/2: CONNECT", send_h2(method="CONNECT"), refused(400, 403, 404, 405, CLOSED), send_h2()),
    Row(
        "HTTP/2: a websocket without a login",
        send_h2(method="CONNECT", token=None, headers=[(":protocol", "websocket")]),
        refused(302, 400, 401, 403, 404, CLOSED),
        send_h2(),
    ),
    Row("HTTP/2: a header of one hop", send_h2(headers=[("connection", "upgrade")]), BAD, send_h2()),
    Row("HTTP/2: a coding of HTTP/1.1", send_h2(headers=[("transfer-encoding", "chunked")]), BAD, send_h2()),
    Row(
        "HTTP/2: a header in capitals",
        send_h2(headers=[("X-Capital", "a")]),
        BAD,
        send_h2(headers=[("x-capital", "a")]),
    ),
    Row(
        "HTTP/2: a line's end in a value",
        send_h2(headers=[("x-a", "b\r\nx-c: d")]),
        BAD,
        send_h2(headers=[("x-a", "b")]),
    ),
    Row(
        "HTTP/2: a length that isn't so",
        send_h2(headers=[("content-length", "10")], body=b"abc"),
        BAD,
        send_h2(headers=[("content-length", "3")], body=b"abc"),
    ),
)
