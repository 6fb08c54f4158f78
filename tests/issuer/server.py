"""The provider on a port: its protocol is Authlib's."""

from __future__ import annotations

import logging
import secrets
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidScopeError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core import OpenIDCode as AuthlibOpenIDCode
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from tests.cluster.certificates import Authority
from tests.issuer.provider import AUTHENTICATIONS, BY_SECRET, LOOPBACK, Client, Given, Provider

PAGE: Final = "<!doctype html><title>Log in</title><form method=post><button>I am {name}</button></form>"


class _Code(dict[str, Any], AuthorizationCodeMixin):  # type: ignore[misc]
    def get_redirect_uri(self) -> str:
        return str(self["redirect_uri"])

    def get_scope(self) -> str:
        return str(self["scope"])

    def get_nonce(self) -> str | None:
        return self.get("nonce")

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


def application(provider: Provider) -> Flask:
    """The provider as a web application."""
    app = Flask("issuer")
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    codes: dict[str, _Code] = {}
    devices: dict[str, DeviceCredentialDict] = {}

    def keep(token: dict[str, Any], asked: Any) -> None:  # noqa: ANN401 - Authlib has no types
        claims = provider.person
        provider.access_tokens[token["access_token"]] = claims
        if "offline_access" not in token.get("scope", "").split():
            token.pop("refresh_token", None)
        if "refresh_token" in token:
            provider.refresh_tokens[token["refresh_token"]] = Given(asked.client.client_id, token["scope"], claims)

    server = AuthorizationServer(app, provider.clients.get, keep)

    class Openid(AuthlibOpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ANN401
            return any(code.get("nonce") == nonce for code in codes.values())

        def validate_openid_authorization_request(self, grant: Any, redirect_uri: str) -> None:  # noqa: ANN401
            self.require_nonce = grant.request.client.secret is None
            super().validate_openid_authorization_request(grant, redirect_uri)

        def encode_id_token(self, token: dict[str, Any], request: Any) -> str:  # noqa: ANN401
            code = request.authorization_code
            nonce = code.get_nonce() if code else None
            return provider.signed(provider.claims(request.client.client_id, token["scope"], nonce))

        def process_token(self, grant: Any, response: Any) -> Any:  # noqa: ANN401
            if grant.GRANT_TYPE == "refresh_token" and not provider.renews_id_tokens:
                return response[1]
            return super().process_token(grant, response)

        def __call__(self, grant: Any) -> None:  # noqa: ANN401
            if grant.GRANT_TYPE == "authorization_code":
                super().__call__(grant)
            else:
                grant.register_hook("after_create_token_response", self.process_token)

    class Code(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS: Final = list(AUTHENTICATIONS)

        def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401
            asked = request.payload.data
            codes[code] = _Code(
                client_id=request.client.client_id,
                redirect_uri=asked.get("redirect_uri"),
                scope=request.payload.scope,
                nonce=asked.get("nonce"),
            )
            # What PKCE looks for.
            codes[code].code_challenge = asked.get("code_challenge")
            codes[code].code_challenge_method = asked.get("code_challenge_method")

        def query_authorization_code(self, code: str, client: Client) -> _Code | None:
            found = codes.get(code)
            return found if found and found["client_id"] == client.client_id else None

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            for code in [code for code, each in codes.items() if each is authorization_code]:
                del codes[code]

        def authenticate_user(self, authorization_code: _Code) -> dict[str, Any]:
            return provider.person

    class Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS: Final = list(AUTHENTICATIONS)

        @property
        def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802 - Authlib calls it so
            return provider.rotates

        def authenticate_refresh_token(self, refresh_token: str) -> Given | None:
            return provider.refresh_tokens.get(refresh_token)

        def authenticate_user(self, refresh_token: Given) -> dict[str, Any]:
            return provider.person

        def revoke_old_credential(self, refresh_token: Given) -> None:
            if provider.rotates:
                _forget(provider, refresh_token)

    class Device(DeviceCodeGrant):  # type: ignore[misc]
        def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
            return devices.get(device_code)

        def query_user_grant(self, user_code: str) -> tuple[dict[str, Any], bool] | None:
            agreed = provider.codes.get(user_code)
            return None if agreed is None else (provider.person, agreed)

        def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
            provider.slow_downs -= 1
            return provider.slow_downs >= 0

    class Program(grants.ClientCredentialsGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS: Final = list(BY_SECRET)

    def of_program(grant_type: str, client: Client, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        audience = request.values.get("audience")
        if audience and audience not in client.audiences:
            raise OAuth2Error(error="invalid_target", description=f"{client.client_id} may not ask for {audience}")
        claims = provider.claims_of_program(client, audience)
        # As Auth0 does it: without an audience it is a text that only the issuer reads.
        text = provider.signed(claims) if "aud" in claims else secrets.token_urlsafe(24)
        return {"token_type": "Bearer", "access_token": text, "expires_in": provider.lifetime}

    class Devices(DeviceAuthorizationEndpoint):  # type: ignore[misc]
        def get_verification_uri(self) -> str:
            return f"{provider.url}/activate"

        def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
            data["interval"], data["expires_in"] = provider.interval, provider.code_seconds
            end = time.time() + provider.code_seconds
            devices[data["device_code"]] = DeviceCredentialDict(
                client_id=client_id, scope=scope, user_code=data["user_code"], expires_at=end
            )
            provider.codes[data["user_code"]] = None

    class Revocation(RevocationEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS: Final = ["none"]

        def query_token(self, token: str, hint: str | None) -> Given | None:
            return provider.refresh_tokens.get(token)

        def revoke_token(self, token: Given, request: Any) -> None:  # noqa: ANN401
            _forget(provider, token)

    server.register_grant(Code, [CodeChallenge(required=True), Openid()])
    server.register_grant(Refresh, [Openid()])
    server.register_grant(Device, [Openid()])
    server.register_grant(Program)
    server.register_token_generator(Program.GRANT_TYPE, of_program)
    server.register_endpoint(Devices)
    server.register_endpoint(Revocation)

    @app.before_request
    def _begin() -> Response | None:
        provider.asked.append((request.method, request.path))
        if provider.answers_with:
            return Response("not today", status=provider.answers_with)
        scopes = set(request.values.get("scope", "").split())
        if provider.scopes is not None and scopes - set(provider.scopes) and request.method == "POST":
            raise InvalidScopeError
        return None

    @app.errorhandler(OAuth2Error)
    def _refused(error: OAuth2Error) -> Any:  # noqa: ANN401
        return server.handle_error_response(None, error)

    @app.get("/.well-known/openid-configuration")
    def _description() -> Response:
        return jsonify(provider.description())

    @app.get("/keys")
    def _keys() -> Response:
        return jsonify(provider.public_keys())

    @app.route("/authorize", methods=["GET", "POST"])
    def _authorize() -> Any:  # noqa: ANN401
        grant = server.get_consent_grant(end_user=provider.person)
        if provider.agrees is None and request.method == "GET":
            return PAGE.format(name=provider.person["preferred_username"])
        who = None if provider.agrees is False else provider.person
        response = server.create_authorization_response(grant_user=who, grant=grant)
        if provider.names_itself:
            response.headers["Location"] += "&" + urlencode({"iss": provider.names_itself})
        return response

    @app.post("/token")
    def _token() -> Any:  # noqa: ANN401
        return server.create_token_response()

    @app.post("/device")
    def _device() -> Any:  # noqa: ANN401
        return server.create_endpoint_response(Devices.ENDPOINT_NAME)

    @app.get("/activate")
    def _activate() -> str:
        provider.codes[request.args["user_code"]] = provider.agrees
        return "Go back to your terminal."

    @app.post("/revoke")
    def _revoke() -> Any:  # noqa: ANN401
        return server.create_endpoint_response(Revocation.ENDPOINT_NAME)

    @app.get("/userinfo")
    def _userinfo() -> Any:  # noqa: ANN401
        claims = provider.access_tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return jsonify(dict(claims)) if claims else Response(status=401)

    return app


def _forget(provider: Provider, token: Given) -> None:
    for name in [name for name, each in provider.refresh_tokens.items() if each is token]:
        del provider.refresh_tokens[name]


@contextmanager
def served(
    folder: Path, provider: Provider | None = None, address: str = LOOPBACK, host: str = "localhost"
) -> Iterator[Provider]:
    """A provider that answers; the certificate of who signed for it is `ca.crt` in the folder.

    Args:
        folder: for its certificates.
        provider: what answers, by default a new one.
        address: of this machine, where it answers.
        host: that its certificate names.
    """
    there = provider or Provider()
    pair = Authority(folder).server("issuer", (host,))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        address, 0, application(there), threaded=True, ssl_context=(str(pair.certificate), str(pair.key))
    )
    there.url = f"https://{LOOPBACK}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()


def browse(url: str, authority: Path) -> str:
    """Open a page as a browser does, redirects and all; gives its text."""
    trusting = ssl.create_default_context(cafile=str(authority))
    with urllib.request.urlopen(url, context=trusting, timeout=30) as page:  # noqa: S310 - a test's own
        return str(page.read().decode())


def visit(url: str, authority: Path) -> None:
    """Open a page and look away, whatever it shows."""
    with suppress(OSError):
        browse(url, authority)
