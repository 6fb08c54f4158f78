"""What stands behind the door in tests: it answers with what it got, and remembers it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

MARK: Final = "x-test-mark"
"""A header by which a request is known again."""
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Got:
    """A request as a backend got it."""

    who: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: int

    def values(self, name: str) -> list[str]:
        """Of a header, in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Upstream:
    """A backend.

    Attributes:
        who: its name in answers.
        port: where it is.
        got: all that reached it.
    """

    who: str
    port: int = 0
    got: list[Got] = field(default_factory=list)

    def marked(self, mark: str) -> list[Got]:
        """The requests with a mark."""
        return [each for each in self.got if mark in each.values(MARK)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextmanager
def upstreams(who: Sequence[str], address: str = LOOPBACK) -> Iterator[list[Upstream]]:
    """Backends of these names, each on a port of its own at an address of this machine."""
    made, servers = [], []
    for name in who:
        upstream = Upstream(name)
        server = _Server((address, 0), _handler(upstream))
        upstream.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        made.append(upstream)
        servers.append(server)
    try:
        yield made
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self._body()
            got = Got(upstream.who, self.command, self.path, tuple(self.headers.items()), len(body))
            upstream.got.append(got)
            if self.headers.get("Upgrade") == "websocket":
                self.send_response(101)
                self.send_header("Connection", "Upgrade")
                self.send_header("Upgrade", "websocket")
                self.end_headers()
                self.close_connection = True
                return
            text = json.dumps({"who": got.who, "method": got.method, "path": got.path, "headers": got.headers}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Set-Cookie", "tracking=1; Domain=example.com")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
            """It remembers instead."""

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

    return Handler
