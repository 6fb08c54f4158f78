"""A login in the person's browser: authorization code with PKCE, which comes back to a loopback port.

Source: RFC 8252 (OAuth 2.0 for Native Apps), RFC 7636 (PKCE), RFC 9207 (who answers)
"""

from __future__ import annotations

import errno
import hmac
import os
import secrets
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from skate.errors import InputError, LoginError
from skate.oidc.issuers import IDENTITY_TEAM, RefusedByIssuerError, in_words, post

if TYPE_CHECKING:
    import httpx2

    from skate.oidc.issuers import Issuer

HOST: Final = "127.0.0.1"
"""Not `localhost`, which may be another machine's name. Source: RFC 8252, section 8.3"""
PATH: Final = "/callback"
WAIT_SECONDS: Final = 300.0
"""For the person to log in."""
POLL_SECONDS: Final = 0.2
VERIFIER_LENGTH: Final = 64
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>skate login</title>
<body style="font-family: sans-serif; margin: 4em"><h1>{head}</h1><p>{text}</p></body></html>
"""


@dataclass(frozen=True)
class Begun:
    """What an issuer gave for a login.

    Attributes:
        answer: of the token endpoint.
        nonce: what its ID token must have; None where the way in has none.
    """

    answer: dict[str, Any]
    nonce: str | None


def can_open(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser would open before the person's eyes."""
    if environment.get("BROWSER"):
        return True
    if environment.get("SSH_CONNECTION"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def log_in(
    issuer: Issuer,
    client_id: str,
    scopes: list[str],
    http: httpx2.Client,
    *,
    port: int | None,
    tell: Callable[[str], None],
) -> Begun:
    """Have the person log in in their browser.

    Args:
        issuer: where.
        client_id: as which program.
        scopes: what is asked for.
        http: what the issuer is asked with.
        port: of the redirect, where the issuer has it to the letter; else a free one.
        tell: says something to the person.

    Raises:
        InputError: the port is another program's, or the client is none of the issuer's.
        LoginError: they declined, or didn't log in in time.
    """
    from oauthlib.oauth2 import WebApplicationClient

    with _listening(port) as server:
        redirect = f"http://{HOST}:{server.server_port}{PATH}"
        client: Any = WebApplicationClient(client_id)
        verifier = client.create_code_verifier(VERIFIER_LENGTH)
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        server.state = state
        url = client.prepare_request_uri(
            issuer.authorization_endpoint,
            redirect_uri=redirect,
            scope=scopes,
            state=state,
            nonce=nonce,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
        if _opened(url):
            tell(f"Your browser opens, to log in at {issuer.issuer}. If it doesn't, open this in it:\n{url}")
        else:
            tell(
                "No browser could be opened. Open this in one on this machine (from another one, first: "
                f"ssh -L {server.server_port}:{HOST}:{server.server_port} THIS-MACHINE):\n{url}"
            )
        query = _answered(server, client_id)
    given = {name: values[0] for name, values in parse_qs(query).items()}
    unnamed = "" if issuer.authorization_response_iss_parameter_supported else issuer.issuer
    if given.get("iss", unnamed) != issuer.issuer:
        raise LoginError(
            f"The answer to the login is of another issuer than {issuer.issuer}; nothing was sent to it.",
            f"Log in again; if it stays so, tell {IDENTITY_TEAM}.",
        )
    if "error" in given:
        refused = RefusedByIssuerError(given["error"], given.get("error_description", ""))
        raise in_words(issuer.issuer, client_id, refused)
    # oauthlib takes no address without TLS, as that of a loopback port is.
    code = client.parse_request_uri_response(f"https://{HOST}{PATH}?{query}", state=state)["code"]
    body = client.prepare_request_body(code=code, redirect_uri=redirect, code_verifier=verifier)
    try:
        return Begun(post(http, issuer.token_endpoint, body), nonce)
    except RefusedByIssuerError as error:
        raise in_words(issuer.issuer, client_id, error) from error


def _opened(url: str) -> bool:
    """Whether a browser opens. Some commands for it end only with it: the redirect is waited for meanwhile."""
    if can_open():
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        return True
    return False


class _Server(HTTPServer):
    """Waits for one redirect. Nobody else may take its port meanwhile."""

    allow_reuse_address = sys.platform != "win32"
    state = ""
    query: str | None = None


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        given = parse_qs(url.query)
        state = given.get("state", [""])[0]
        if url.path != PATH or not hmac.compare_digest(state.encode(), self.server.state.encode()):
            # Of another login, or of a page that wants to disturb this one.
            self._page(404, "Nothing is here", "This address is for the answer to a login.")
            return
        self.server.query = url.query
        if "error" in given:
            self._page(200, "You are not logged in", "Your terminal says why. You can close this page.")
        else:
            self._page(200, "Back to your terminal", "It goes on there. You can close this page.")

    def _page(self, code: int, head: str, text: str) -> None:
        data = PAGE.format(head=head, text=text).encode()
        self.send_response(code)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: a request has the code in it."""


def _listening(port: int | None) -> _Server:
    try:
        server = _Server((HOST, port or 0), _Handler)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise InputError(
            f"The port {port}, to which the login comes back, can't be had: {error.strerror}.",
            "End the program that has it, or leave out --port, or name another that the client is registered with, or "
            "use --device.",
        ) from error
    server.timeout = POLL_SECONDS
    # A browser that opens a connection and sends nothing would hold up the others.
    server.RequestHandlerClass.timeout = 5  # type: ignore[attr-defined]
    return server


def _answered(server: _Server, client_id: str) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while server.query is None:
        if time.monotonic() > end:
            raise LoginError(
                f"Nobody logged in within {WAIT_SECONDS / 60:.0f} minutes.",
                "Log in again, or with --device. If the browser showed an error instead of a login, "
                f"{IDENTITY_TEAM} must have the client {client_id}, as a public one, with the redirect "
                f"http://{HOST}{PATH}, on any port (or on one, that you name with --port).",
            )
        server.handle_request()
    return server.query
