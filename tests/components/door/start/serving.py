"""What the start page's program needs around it in tests: an API server to ask, and somebody who runs it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from components.door.start.program import Objects

ACCOUNT_TOKEN: Final = "account"  # noqa: S105 - of a test's API server


@contextmanager
def api(found: dict[str, Objects], asked: list[str] | None = None) -> Iterator[str]:
    """An API server that lists objects to who has the service account's token.

    Args:
        found: the objects, by path.
        asked: gets the paths that it is asked for.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            known = self.path in found and self.headers["Authorization"] == f"Bearer {ACCOUNT_TOKEN}"
            self.send_response(200 if known else 403)
            self.end_headers()
            self.wfile.write(json.dumps({"items": found.get(self.path, [])}).encode())

        def log_message(self, *_: object) -> None:
            pass

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(served: ThreadingHTTPServer) -> Iterator[int]:
    """A server that answers; gives its port."""
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield served.server_port
    finally:
        served.shutdown()
        served.server_close()
