"""An issuer of ID tokens on a loopback port, and how the API server is told of it as EKS tells its own."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sizing.values import Json
from tests.cluster.certificates import LOOPBACK, Authority

KEY_ID: Final = "tests"
DISCOVERY: Final = "/.well-known/openid-configuration"
TOKEN_SECONDS: Final = 600
_BYTES: Final = 32
"""Of a coordinate, or a part of a signature, on the curve P-256 (RFC 7518, sections 3.4 and 6.2)."""


@dataclass(frozen=True)
class Issuer:
    """Signs what tests would say of somebody.

    Attributes:
        url: as its tokens have it in `iss`, wherever its documents are.
        discovery: where they are.
        authority: the PEM file of who issued its certificate.
    """

    url: str
    discovery: str
    authority: Path
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def token(self, **claims: Json) -> str:
        """An ID token that is valid now, unless the claims say otherwise; a claim that is None is left out."""
        now = int(time.time())
        whole = {"iss": self.url, "iat": now, "exp": now + TOKEN_SECONDS, **claims}
        header = _part({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"})
        body = _part({key: value for key, value in whole.items() if value is not None})
        r, s = decode_dss_signature(self._key.sign(f"{header}.{body}".encode(), ec.ECDSA(hashes.SHA256())))
        return f"{header}.{body}.{_base64(r.to_bytes(_BYTES) + s.to_bytes(_BYTES))}"

    def documents(self) -> dict[str, Json]:
        """What it serves, by path."""
        keys = self.discovery.removesuffix(DISCOVERY) + "/keys"
        public = self._key.public_key().public_numbers()
        key = {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": KEY_ID,
            "x": _base64(public.x.to_bytes(_BYTES)),
            "y": _base64(public.y.to_bytes(_BYTES)),
        }
        return {DISCOVERY: {"issuer": self.url, "jwks_uri": keys}, "/keys": {"keys": [key]}}


@contextmanager
def issuer_at(url: str, folder: Path) -> Iterator[Issuer]:
    """An issuer that serves its documents on a loopback port, by a certificate of its own authority.

    Args:
        url: what its tokens say of it.
        folder: for its certificates.
    """
    authority = Authority(folder)
    pair = authority.server("issuer")
    served: dict[str, Json] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(served.get(self.path)).encode()
            self.send_response(200 if self.path in served else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        issuer = Issuer(url, f"https://{LOOPBACK}:{server.server_port}{DISCOVERY}", authority.certificate)
        served |= issuer.documents()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield issuer
        finally:
            server.shutdown()


def authentication(oidc: Mapping[str, Json], issuer: Issuer) -> Json:
    """A configuration of the API server that trusts what an association of EKS says, at an issuer of tests.

    Args:
        oidc: as registered, `oidc` of an `aws.eks.IdentityProviderConfig`.
        issuer: which has its URL.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration,
    which says what the flags `--oidc-...` are in it; EKS's fields are called like these.
    """
    required = oidc.get("requiredClaims") or {}
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [
            {
                "issuer": {
                    "url": oidc["issuerUrl"],
                    "discoveryURL": issuer.discovery,
                    "certificateAuthority": issuer.authority.read_text(),
                    "audiences": [oidc["clientId"]],
                },
                "claimMappings": {
                    "username": {"claim": oidc["usernameClaim"], "prefix": oidc["usernamePrefix"]},
                    "groups": {"claim": oidc["groupsClaim"], "prefix": oidc["groupsPrefix"]},
                },
                "claimValidationRules": [
                    {"claim": claim, "requiredValue": value} for claim, value in sorted(required.items())
                ],
            }
        ],
    }


def _part(content: Json) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
