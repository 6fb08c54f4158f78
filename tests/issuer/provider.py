"""What a provider knows and decides: people, clients, keys, and the tokens that it gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
LOOPBACK: Final = "127.0.0.1"
AUTHENTICATIONS: Final = ("none", "client_secret_basic")
"""How clients prove to be themselves: programs of people don't, servers do."""
BY_SECRET: Final = ("client_secret_basic", "client_secret_post")
"""How a program of nobody's does."""
Key = RSAKey | ECKey | OKPKey


@dataclass
class Client:
    """A client: a program of somebody's own, or with a secret a server that logs people in.

    Attributes:
        client_id: what it is called.
        redirects: where answers may go; on the loopback address any port will do, as RFC 8252 has it.
        grants: what it may ask for tokens with.
        any_port: whether that is so, or ports are to the letter, as some providers have it.
        secret: by which a server proves to be itself; None: a program has none, and sends a nonce instead.
        secret_by: where it puts the secret.
        says: claims of the access tokens that it gets by its secret alone, beside those of any.
        audiences: that it may ask for.
    """

    client_id: str
    redirects: tuple[str, ...] = (f"http://{LOOPBACK}/callback",)
    grants: tuple[str, ...] = ("authorization_code", "refresh_token", DEVICE)
    any_port: bool = True
    secret: str | None = None
    secret_by: str = AUTHENTICATIONS[1]
    says: Mapping[str, Any] = field(default_factory=dict)
    audiences: tuple[str, ...] = ()

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirects[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        parts = urlsplit(redirect_uri)
        if self.any_port and parts.hostname == LOOPBACK:
            redirect_uri = parts._replace(netloc=LOOPBACK).geturl()
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("none" if self.secret is None else self.secret_by)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


@dataclass
class Given:
    """A refresh token, with the scope that it is for."""

    client_id: str
    scope: str
    claims: Mapping[str, Any]

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope


def rsa(name: str) -> Key:
    """A new key for RS256."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, auto_kid=False)


def elliptic(name: str) -> Key:
    """A new key for ES256."""
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"}, auto_kid=False)


@dataclass
class Provider:
    """A provider with one person, who is logged in already: whoever opens its page is them.

    Attributes:
        url: the issuer.
        person: claims of the person's ID tokens.
        clients: by name.
        keys: all that it shows; the first one signs.
        agrees: whether the person does, when asked; None: they don't answer.
        lifetime: of ID tokens, in seconds.
        device: whether it has a login by code.
        rotates: whether a refresh token is good for one time.
        renews_id_tokens: whether a refresh token gives an ID token too.
        scopes: that it lists; None: it lists none.
        describes: what its description says otherwise.
        changes: what it makes of claims before it signs them.
        algorithm: to sign with, if not the first key's own.
        answers_with: the code of all its answers, if it fails.
        interval: between two questions of a device, in seconds.
        code_seconds: for which a device's code is good.
        names_itself: whether its redirects say who answers (RFC 9207), and as whom.
        asked: methods and paths.
    """

    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "preferred_username": "ana",
            "email": "ana@example.com",
            "groups": ["ads-engineers", "everybody"],
        }
    )
    clients: dict[str, Client] = field(default_factory=lambda: {"spark": Client("spark")})
    keys: list[Key] = field(default_factory=lambda: [rsa("2026-11"), elliptic("next")])
    agrees: bool | None = True
    lifetime: int = 3600
    device: bool = True
    rotates: bool = True
    renews_id_tokens: bool = True
    scopes: list[str] | None = field(default_factory=lambda: ["openid", "profile", "email", "groups", "offline_access"])
    describes: dict[str, Any] = field(default_factory=dict)
    changes: Callable[[dict[str, Any]], dict[str, Any]] = dict
    algorithm: str | None = None
    answers_with: int | None = None
    interval: float = 0.05
    code_seconds: float = 600
    names_itself: str | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    refresh_tokens: dict[str, Given] = field(default_factory=dict)
    access_tokens: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    codes: dict[str, bool | None] = field(default_factory=dict)
    """Of devices: whether the person agreed."""
    slow_downs: int = 0
    """How many times more a device that asks is told to ask less often."""

    def rotate_keys(self) -> None:
        """The second key signs from now on; the first one is gone, and a new one is shown."""
        self.keys = [*self.keys[1:], rsa(f"later-{len(self.asked)}")]

    def description(self) -> dict[str, Any]:
        """Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata"""
        whole = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "revocation_endpoint": f"{self.url}/revoke",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": sorted({str(key.alg) for key in self.keys}),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": list(AUTHENTICATIONS),
            **({"device_authorization_endpoint": f"{self.url}/device"} if self.device else {}),
            **({"scopes_supported": self.scopes} if self.scopes is not None else {}),
            **({"authorization_response_iss_parameter_supported": True} if self.names_itself else {}),
        }
        return {name: value for name, value in {**whole, **self.describes}.items() if value is not None}

    def public_keys(self) -> dict[str, Any]:
        """Its keys, as everybody may see them."""
        return dict(KeySet([*self.keys]).as_dict(private=False))

    def claims(self, client_id: str, scope: str, nonce: str | None = None) -> dict[str, Any]:
        """What an ID token says of the person now, to a client with a scope."""
        now = int(time.time())
        hidden = set() if "groups" in scope.split() else {"groups"}
        known = {name: value for name, value in self.person.items() if name not in hidden}
        return {
            **known,
            "iss": self.url,
            "aud": client_id,
            "iat": now,
            "exp": now + self.lifetime,
            **({"nonce": nonce} if nonce else {}),
        }

    def claims_of_program(self, client: Client, audience: str | None = None) -> dict[str, Any]:
        """What an access token says of a program that came with its secret; nothing of a person."""
        now = int(time.time())
        return {
            "iss": self.url,
            "sub": client.client_id,
            "azp": client.client_id,
            "iat": now,
            "exp": now + self.lifetime,
            **({"aud": audience} if audience else {}),
            **client.says,
        }

    def signed(self, claims: Mapping[str, Any], key: Key | None = None) -> str:
        """A token with these claims."""
        key = key or self.keys[0]
        algorithm = self.algorithm or str(key.alg)
        return jwt.encode({"alg": algorithm, "kid": key.kid}, self.changes(dict(claims)), key, [algorithm])

    def token(self, client_id: str = "spark", **changes: Any) -> str:  # noqa: ANN401
        """An ID token of the person, without a login; `changes` are of its claims."""
        return self.signed({**self.claims(client_id, "openid groups"), **changes})
