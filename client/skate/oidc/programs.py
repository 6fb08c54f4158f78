"""Tokens of programs that have a client of their own at the issuer, with a secret: nobody logs in.

Source: RFC 6749, section 4.4 (client credentials)
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from skate.errors import InputError, LoginError, SkateError, UnreachableError
from skate.oidc.issuers import BASIC, IDENTITY_TEAM, RefusedByIssuerError, asking, discover, post
from skate.oidc.tokens import AUDIENCE, keys_of, use_until, verified_of_program

if TYPE_CHECKING:
    from skate.oidc.issuers import Issuer

NEEDS: Final = ("jwt", "oauthlib.oauth2")
"""Of the extra `[login]`."""
POST: Final = "client_secret_post"
"""With the secret in the form, for issuers that take it no other way."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a program is at an issuer, and where its secret is; the secret itself is nowhere kept.

    Args:
        issuer, client_id: where, and as what.
        secret_file: that holds the secret. It is read for each token, so that a new secret counts.
        secret_variable: of the environment, instead.
        audience: for whom tokens are asked for, and must be; None to take the one that the issuer chooses.
        scopes: what is asked for; none where the issuer chooses.
    """

    issuer: str
    client_id: str
    secret_file: str | None = None
    secret_variable: str | None = None
    audience: str | None = None
    scopes: tuple[str, ...] = ()

    @property
    def secret_from(self) -> str:
        """Where its secret is, in words."""
        return f"file {self.secret_file}" if self.secret_file else f"variable {self.secret_variable}"

    def secret(self, variables: Mapping[str, str]) -> str:
        """Its secret.

        Args:
            variables: of the environment.

        Raises:
            LoginError: it isn't there.
        """
        remedy = f"Put the secret of the client {self.client_id} there; {IDENTITY_TEAM} can make a new one."
        try:
            text = (
                Path(self.secret_file).read_text(encoding="utf-8").rstrip("\r\n")
                if self.secret_file
                else variables.get(self.secret_variable or "", "")
            )
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise LoginError(f"The {self.secret_from} can't be read: {why}.", remedy) from error
        if not text:
            raise LoginError(f"The {self.secret_from} holds no secret.", remedy)
        return text


@dataclass(frozen=True)
class Token:
    """What an issuer gave to a program.

    Attributes:
        text: of the token.
        claims: what it says.
        use_until: when to ask for another, seconds since 1970.
    """

    text: str = field(repr=False)
    claims: Mapping[str, Any]
    use_until: int

    @property
    def is_fresh(self) -> bool:
        """Whether it may be used as it is."""
        return time.time() < self.use_until


_kept: Final[dict[tuple[Program, bytes], Token]] = {}
"""In this process alone: by the program, and a digest of the secret that it was got by."""
_asking: Final = threading.Lock()


def token_of(program: Program, variables: Mapping[str, str]) -> Token:
    """A token that can be used now: the one that this process has, or, if that is about to end, a new one.

    Args:
        program: who asks.
        variables: of the environment, for its secret.

    Raises:
        InputError: the issuer, the client or a scope is wrong.
        LoginError: there is no secret, or the issuer doesn't take it, or what it gave is of no use.
        UnreachableError: the issuer gives no answer.
    """
    secret = program.secret(variables)
    key = (program, hashlib.sha256(secret.encode()).digest())
    kept = _kept.get(key)
    if kept is not None and kept.is_fresh:
        return kept
    with _asking:
        kept = _kept.get(key)
        if kept is None or not kept.is_fresh:
            kept = _kept[key] = _given(program, secret)
    return kept


def _given(program: Program, secret: str) -> Token:
    with asking(program.issuer, NEEDS) as http:
        issuer = discover(program.issuer, http)
        body, headers = _asked(program, secret, issuer)
        try:
            answer = post(http, issuer.token_endpoint, body, headers)
        except RefusedByIssuerError as error:
            raise _in_words(program, error) from error
        text = answer.get("access_token")
        if not isinstance(text, str):
            raise UnreachableError(f"The issuer {program.issuer} gave no access token.", f"Tell {IDENTITY_TEAM}.")
        claims = verified_of_program(
            text,
            issuer=issuer.issuer,
            client_id=program.client_id,
            audience=program.audience,
            keys=keys_of(issuer, http),
        )
    ends = int(claims["exp"])
    return Token(text, claims, use_until(int(claims.get("iat", time.time())), ends))


def _asked(program: Program, secret: str, issuer: Issuer) -> tuple[str, dict[str, str]]:
    """What is sent for a token: a form, and headers."""
    from oauthlib.oauth2 import BackendApplicationClient

    client: Any = BackendApplicationClient(program.client_id)
    own = {"audience": program.audience} if program.audience else {}
    scopes = list(program.scopes) or None
    ways = issuer.token_endpoint_auth_methods_supported
    if BASIC in ways:
        # Encoded, as RFC 6749 has it in section 2.3.1; a space as %20, which all decoders know.
        pair = f"{quote(program.client_id, safe='')}:{quote(secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        return client.prepare_request_body(scope=scopes, **own), {"Authorization": f"Basic {basic}"}
    if POST in ways:
        whole = {**own, "client_secret": secret}
        return client.prepare_request_body(scope=scopes, include_client_id=True, **whole), {}
    raise InputError(
        f"The issuer {program.issuer} takes no secrets of clients ({', '.join(ways)}).",
        f"Ask {IDENTITY_TEAM} whether it can: {BASIC} or {POST}.",
    )


def _in_words(program: Program, error: RefusedByIssuerError) -> SkateError:
    """An issuer's refusal of a program, as somebody can do something about it."""
    where, client_id = program.issuer, program.client_id
    said = f" It says: {error.said}" if error.said else ""
    match error.code:
        case "invalid_client":
            return LoginError(
                f"The issuer {where} doesn't know the client {client_id} by the secret of the "
                f"{program.secret_from}.{said}",
                f"Check both: the secret may have ended, or been replaced. {IDENTITY_TEAM.capitalize()} can make a new "
                "one; put it there.",
            )
        case "unauthorized_client" | "unsupported_grant_type":
            return InputError(
                f"The issuer {where} gives the client {client_id} no token by its secret alone ({error.code}).{said}",
                f"{IDENTITY_TEAM.capitalize()} must allow the client the grant client_credentials: it is called a "
                "service account in Keycloak, machine to machine in Auth0, an API service in Okta.",
            )
        case "invalid_scope":
            return InputError(
                f"The issuer {where} gives the client {client_id} no token for "
                f"{' '.join(program.scopes) or 'no scope'} ({error.code}).{said}",
                "Name the scope that it wants: --scope NAME (Entra ID: CLIENT-ID/.default, of the platform's "
                "identity.clientId). " + f"{IDENTITY_TEAM.capitalize()} knows it.",
            )
        case "invalid_target" | "access_denied" | "invalid_request" if program.audience:
            return InputError(
                f"The issuer {where} gives the client {client_id} no token for the audience {program.audience} "
                f"({error.code}).{said}",
                f"{AUDIENCE} {IDENTITY_TEAM.capitalize()} must also allow this client to ask for it.",
            )
        case "temporarily_unavailable" | "server_error":
            return UnreachableError(f"The issuer {where} fails ({error.code}).{said}", "Try again in a while.")
        case _:
            return LoginError(
                f"The issuer {where} gave the client {client_id} no token ({error.code}).{said}",
                f"Try again; if it stays so, show this to {IDENTITY_TEAM}.",
            )
