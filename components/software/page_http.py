"""What the platform's own pages behind the door share as programs: HTTP, and how a page looks and fails.

It runs in a pod from a ConfigMap (`components.software.page_server`) and so knows the standard library alone.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

HEALTH: Final = "/healthz"
"""Answered without a token, for the kubelet; before the program's own paths."""
IDLE_SECONDS: Final = 30
"""On a connection on which nothing moves."""
STYLE: Final = """
:root { color-scheme: light dark; --line: #d9dee5; --quiet: #5b6675; --link: #0b5cad; --page: #f6f8fa; --card: #fff }
@media (prefers-color-scheme: dark) {
  :root { --line: #30363d; --quiet: #9aa5b1; --link: #6cb6ff; --page: #0d1117; --card: #161b22 }
}
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: var(--page); overflow-wrap: anywhere }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.6rem; margin: 0 0 1rem } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }
a { color: var(--link) } p { margin: .3rem 0 } .quiet { color: var(--quiet) }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)) }
li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer: no script, nothing from elsewhere, in nobody's frame."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a program gets to see of a request.

    Args:
        path: without the query.
        query: undecoded.
        headers: by their names in lower case; of several, the last.
    """

    path: str
    query: str
    headers: Mapping[str, str]

    def cookie(self, name: str) -> str:
        """The value of a cookie; "" where there is none, or none that can be read."""
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return found.value if found else ""


@dataclass(frozen=True, kw_only=True)
class Text:
    """An answer that is text and no page, sent as it comes.

    Args:
        pieces: of it, none of which is waited for by the others.
        download: the name under which a browser keeps it; "": it is shown.
    """

    pieces: Iterable[str]
    download: str = ""


class Refusal(Exception):
    """An answer other than a page: what is wrong and what to do, for the person's eyes."""

    def __init__(self, status: int, title: str, sentence: str) -> None:
        super().__init__(title)
        self.status, self.title, self.sentence = status, title, sentence


def document(title: str, body: str) -> str:
    """A whole page.

    Args:
        title: as text.
        body: as HTML, in which all text is escaped.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def answer(respond: Callable[[Request], str | Text], request: Request) -> tuple[int, str | Text]:
    """The status and the page of a request; whatever fails is a page, never a trace.

    Args:
        respond: the program: the page of a request, or its text. It raises `Refusal` for any other answer.
        request: to answer.
    """
    if request.path == HEALTH:
        return 200, document("Well", "")
    try:
        return 200, respond(request)
    except Refusal as refusal:
        return refusal.status, document(refusal.title, f"<p>{escape(refusal.sentence)}</p>")
    except Exception as error:
        print(f"{request.path!r} failed: {type(error).__name__}", file=sys.stderr, flush=True)
        return 500, document("Something failed here", "<p>Try again; if it stays, tell who runs the platform.</p>")


def server(respond: Callable[[Request], str | Text], port: int, address: str = "") -> ThreadingHTTPServer:
    """A server that answers GET and HEAD by a program; `serve_forever` runs it.

    Args:
        respond: see `answer`.
        port: to listen on; 0: any.
        address: to listen on; "": all.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(*answer(respond, Request(path=parts.path, query=parts.query, headers=headers)))

        def do_HEAD(self) -> None:
            self.do_GET()

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            self.close_connection = True
            self._send(code, document("This can't be answered", "<p>Pages here are to look at: GET and HEAD.</p>"))

        def version_string(self) -> str:
            return "elastic-spark"

        def log_message(self, *_: object) -> None:
            """Envoy's log has each request already."""

        def _send(self, status: int, page: str | Text) -> None:
            if isinstance(page, Text):
                self._stream(status, page)
                return
            body = page.encode()
            self.send_response(status)
            for name, value in {**HEADERS, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _stream(self, status: int, text: Text) -> None:
            """By its end the connection ends: a piece that fails leaves what a client knows to be cut."""
            self.close_connection = True
            self.send_response(status)
            for name, value in {**HEADERS, "Content-Type": "text/plain; charset=utf-8"}.items():
                self.send_header(name, value)
            if text.download:
                self.send_header("Content-Disposition", f'attachment; filename="{text.download}"')
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command == "HEAD":
                return
            for piece in text.pieces:
                if data := piece.encode(errors="replace"):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.write(b"0\r\n\r\n")

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    return Server((address, port), Handler)
