"""Requests to the letter, as no well-behaved library would send them."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import h2.config
import h2.connection
import h2.events

from tests.door.upstream import MARK

LOOPBACK: Final = "127.0.0.1"
SECONDS: Final = 15
CLOSED: Final = 0
"""In the place of a status: the connection ended without an answer."""
Header = tuple[str, str]
_marks = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP; `CLOSED`: none came.
        headers: in order, and those that came after the body, last.
        body: whole.
        mark: of the request, by which backends know it.
    """

    status: int
    headers: tuple[Header, ...]
    body: bytes
    mark: str

    def header(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def echo(self) -> dict[str, Any]:
        """What the backend says that it got."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def sent_on(self, name: str) -> list[str]:
        """Values of a header as the backend got them."""
        return [value for key, value in self.echo["headers"] if key.lower() == name.lower()]


def new_mark() -> str:
    """Another one each time."""
    return f"m{next(_marks)}"


def answers(port: int) -> bool:
    """Whether HTTP is spoken at a port."""
    return request(port, "nobody", tls=False).status != CLOSED


def connected(port: int, *, tls: bool = True, name: str = "localhost", protocol: str = "http/1.1") -> socket.socket:
    """A connection; the certificate isn't looked at, as the balancer is a stand-in."""
    plain = socket.create_connection((LOOPBACK, port), timeout=SECONDS)
    if not tls:
        return plain
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    return context.wrap_socket(plain, server_hostname=name)


def written(host: str | None, method: str, target: str, headers: Iterable[Header], body: bytes, mark: str) -> bytes:
    """A request of HTTP/1.1; without a host if there is none, and of no length unless headers or a body say one."""
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [] if host is None else [f"Host: {host}"]
    lines += [f"{MARK}: {mark}"] if mark else []
    found = list(headers)
    lines += [f"{name}: {value}" for name, value in found]
    if body and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in found):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def request(
    port: int,
    host: str | None,
    target: str = "/",
    *,
    method: str = "GET",
    headers: Sequence[Header] = (),
    body: bytes = b"",
    tls: bool = True,
    name: str = "localhost",
) -> Answer:
    """The answer to one request on a connection of its own."""
    mark = new_mark()
    return exchanged(port, written(host, method, target, headers, body, mark), mark, method=method, tls=tls, name=name)


def exchanged(
    port: int, sent: bytes, mark: str, *, method: str = "GET", tls: bool = True, name: str = "localhost"
) -> Answer:
    """The first answer to bytes."""
    with connected(port, tls=tls, name=name) as there:
        response = http.client.HTTPResponse(there, method=method)
        try:
            there.sendall(sent)
            response.begin()
            body = b"" if response.status == http.client.SWITCHING_PROTOCOLS else response.read()
            return Answer(response.status, tuple(response.getheaders()), body, mark)
        except (http.client.HTTPException, OSError):
            return Answer(CLOSED, (), b"", mark)
        finally:
            response.close()


def request_h2(port: int, headers: Sequence[Header], body: bytes = b"") -> Answer:
    """The answer to one request of HTTP/2, whose headers are sent as they are."""
    mark = new_mark()
    config = h2.config.H2Configuration(
        client_side=True,
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
        validate_inbound_headers=False,
    )
    state = h2.connection.H2Connection(config)
    with connected(port, protocol="h2") as there:
        try:
            state.initiate_connection()
            state.send_headers(1, [*headers, (MARK, mark)], end_stream=not body)
            if body:
                state.send_data(1, body, end_stream=True)
            there.sendall(state.data_to_send())
            return _answer(state, there, mark)
        except OSError:
            return Answer(CLOSED, (), b"", mark)


def _answer(state: h2.connection.H2Connection, there: socket.socket, mark: str) -> Answer:
    found: tuple[Header, ...] = ()
    whole = b""
    while block := there.recv(65536):
        for event in state.receive_data(block):
            match event:
                case h2.events.ResponseReceived():
                    found = tuple((_text(name), _text(value)) for name, value in event.headers or ())
                case h2.events.TrailersReceived():
                    found += tuple((_text(name), _text(value)) for name, value in event.headers or ())
                case h2.events.DataReceived():
                    whole += event.data or b""
                case h2.events.StreamReset() | h2.events.ConnectionTerminated():
                    return Answer(CLOSED, (), b"", mark)
                case h2.events.StreamEnded():
                    return Answer(int(dict(found)[":status"]), found, whole, mark)
        there.sendall(state.data_to_send())
    return Answer(CLOSED, (), b"", mark)


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
