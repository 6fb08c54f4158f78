"""Tokens of an issuer: what they must be before anybody believes them, and whom they name."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from skate.errors import InputError, LoginError, SkateError
from skate.oidc.issuers import IDENTITY_TEAM

if TYPE_CHECKING:
    import httpx2

    from skate.oidc.issuers import Issuer

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512")
"""Those that the API server takes too.

Source: kubernetes v1.36, staging/src/k8s.io/apiserver/plugin/pkg/authenticator/token/oidc/oidc.go (allowedSigningAlgs)
"""
LEEWAY_SECONDS: Final = 60
"""By which clocks may differ."""
REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]
"""Source: https://openid.net/specs/openid-connect-core-1_0.html#IDToken"""
REQUIRED_OF_PROGRAMS: Final = ["iss", "aud", "exp"]
"""What the API server looks at, whoever the claim of the name calls them. Such tokens are no ID tokens, and not all of
them keep to RFC 9068. Source: as of ALGORITHMS (AuthenticateToken)"""
MARGIN_SECONDS: Final = 60
"""A token is renewed so long before its end, at most, so that it doesn't end on its way."""
MARGIN_SHARE: Final = 5
"""Of a short token only this part of its time."""
NAMES: Final = ("preferred_username", "email", "name", "sub")
"""Claims by which a person is shown, the first that is there."""
AUDIENCE: Final = (
    "A cluster takes tokens for one audience, the `identity.clientId` of its platform: have it put into `aud` of this "
    "client's access tokens. Auth0 wants it asked for (--audience), Entra ID by a scope (--scope), Keycloak and Okta "
    "have it in their own settings."
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom an ID token names.

    Args:
        subject: the issuer's own identifier of the person.
        name: as they know themselves.
        groups: of the claim for groups; None if the token has no such claim.
        too_many_groups: they are so many that the issuer left them out (Microsoft Entra ID).
        issued, ends: seconds since 1970.
    """

    subject: str
    name: str
    groups: tuple[str, ...] | None
    too_many_groups: bool
    issued: int
    ends: int


def use_until(issued: int, ends: int) -> int:
    """When a token is to be renewed; all in seconds since 1970."""
    return ends - min(MARGIN_SECONDS, (ends - issued) // MARGIN_SHARE)


def keys_of(issuer: Issuer, http: httpx2.Client) -> list[dict[str, Any]]:
    """The issuer's public keys. Raises LoginError, if it has none."""
    try:
        keys = http.get(issuer.jwks_uri).json()["keys"]
        return [key for key in keys if key.get("use", "sig") == "sig"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LoginError(
            f"{issuer.jwks_uri} shows no keys, so that no token of {issuer.issuer} can be checked.",
            f"Tell {IDENTITY_TEAM}.",
        ) from error


def verified(
    token: str,
    *,
    issuer: str,
    client_id: str,
    keys: list[dict[str, Any]],
    groups_claim: str,
    nonce: str | None = None,
    subject: str | None = None,
) -> Identity:
    """Whom an ID token names, once it is sure who wrote it, for whom, and when.

    Args:
        token: the ID token.
        issuer: who must have written it.
        client_id: for whom.
        keys: the issuer's.
        groups_claim: the name of the claim that lists groups.
        nonce: what the login was begun with.
        subject: whom it must name, where it renews another.

    Raises:
        LoginError: it is none to believe; nothing of it is to be kept.
    """
    import jwt

    try:
        claims = _decoded(token, issuer=issuer, audience=client_id, keys=keys, required=REQUIRED)
    except (jwt.ImmatureSignatureError, jwt.ExpiredSignatureError) as error:
        raise _clock(token, issuer) from error
    except jwt.PyJWTError as error:
        raise _not_believed(issuer, str(error)) from error
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client_id:
        raise _not_believed(issuer, "it is for several clients, and not made for this one (azp)")
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _not_believed(issuer, "it belongs to another login (nonce)")
    if subject is not None and claims["sub"] != subject:
        raise _not_believed(issuer, f"it names {claims['sub']}, where {subject} was logged in")
    return identity(claims, groups_claim)


def verified_of_program(
    token: str, *, issuer: str, client_id: str, audience: str | None, keys: list[dict[str, Any]]
) -> dict[str, Any]:
    """What an access token says that a program got by its secret, once it is sure who wrote it, for whom, and when.

    Args:
        token: the access token.
        issuer: who must have written it.
        client_id: of the program, for errors.
        audience: for whom it must be; None for anybody who is named: whom a cluster takes tokens for, it knows itself.
        keys: the issuer's.

    Raises:
        LoginError: it is none that a cluster would take.
    """
    import jwt

    def refused(why: str, remedy: str) -> LoginError:
        return LoginError(f"What {issuer} gave to the client {client_id} is no token for a cluster: {why}.", remedy)

    tell = f"Show this to {IDENTITY_TEAM}."
    try:
        return _decoded(token, issuer=issuer, audience=audience, keys=keys, required=REQUIRED_OF_PROGRAMS)
    except (jwt.ImmatureSignatureError, jwt.ExpiredSignatureError) as error:
        raise _clock(token, issuer) from error
    except jwt.InvalidIssuerError as error:
        raise refused(f"it says that {unchecked(token).get('iss')} wrote it (iss)", tell) from error
    except jwt.InvalidAudienceError as error:
        raise refused(f"it is for {_listed(unchecked(token)['aud'])} (aud), not for {audience}", AUDIENCE) from error
    except jwt.MissingRequiredClaimError as error:
        raise refused(f"it lacks {error.claim}", AUDIENCE if error.claim == "aud" else tell) from error
    except jwt.PyJWTError as error:
        if token.count(".") != 2:
            raise refused(
                "it is no JWT, but a text that only the issuer reads",
                f"Some issuers give a JWT only for an audience (--audience) or a scope (--scope). Else: {tell}",
            ) from error
        raise refused(str(error).rstrip("."), tell) from error


def told(claims: Mapping[str, Any]) -> str:
    """What of a token decides whether a cluster takes it, in words."""
    return f"it is of {claims.get('iss')}, for {_listed(claims.get('aud'))} (aud), and has {_listed(sorted(claims))}"


def identity(claims: dict[str, Any], groups_claim: str) -> Identity:
    """Whom the claims of a token name that was checked before."""
    found = claims.get(groups_claim)
    groups = (found,) if isinstance(found, str) else tuple(map(str, found)) if isinstance(found, list) else None
    return Identity(
        subject=str(claims["sub"]),
        name=next(str(claims[name]) for name in NAMES if claims.get(name)),
        groups=groups,
        # Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (groups overage claim)
        too_many_groups=groups is None and groups_claim in (claims.get("_claim_names") or {}),
        issued=int(claims["iat"]),
        ends=int(claims["exp"]),
    )


def unchecked(token: str) -> dict[str, Any]:
    """What a token says, whoever wrote it: for one that was checked before it was kept. Raises ValueError."""
    import base64
    import json

    payload = token.split(".")[1] if token.count(".") == 2 else ""
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)) or "null")
    if not isinstance(claims, dict):
        raise ValueError("no token")
    return claims


def _decoded(
    token: str, *, issuer: str, audience: str | None, keys: list[dict[str, Any]], required: list[str]
) -> dict[str, Any]:
    import jwt

    claims: dict[str, Any] = jwt.decode(
        token,
        _key(token, keys),
        algorithms=list(ALGORITHMS),
        audience=audience,
        issuer=issuer,
        leeway=LEEWAY_SECONDS,
        options={"require": required, "verify_aud": audience is not None},
    )
    return claims


def _listed(value: Any) -> str:  # noqa: ANN401 - of a claim
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _key(token: str, keys: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - of PyJWT
    """The key that a token names, for the token's algorithm only."""
    import jwt

    header = jwt.get_unverified_header(token)
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError(f"it is signed by {algorithm}, which is not allowed")
    fitting = [key for key in keys if key.get("alg", algorithm) == algorithm and name in (None, key.get("kid"))]
    if len(fitting) != 1:
        raise jwt.InvalidKeyError(f"the issuer shows {len(fitting) or 'no'} keys named {name} for {algorithm}")
    return jwt.PyJWK(fitting[0], algorithm=algorithm)


def _clock(token: str, issuer: str) -> SkateError:
    """A token that was made just now, and is of another time."""
    claims = unchecked(token)
    now = time.time()
    apart = int(claims.get("iat", now) - now)
    if abs(apart) <= LEEWAY_SECONDS:
        return _not_believed(issuer, "it had ended when it was given")
    return InputError(
        f"This machine's clock is {_long(abs(apart))} {'behind' if apart > 0 else 'ahead of'} that of {issuer}.",
        "Set it (`timedatectl` shows whether it is kept), and try again.",
    )


def _long(seconds: int) -> str:
    return f"{round(seconds / 60)} minutes" if seconds >= 120 else f"{seconds} seconds"


def _not_believed(issuer: str, why: str) -> LoginError:
    return LoginError(
        f"What {issuer} gave is no ID token to believe: {why.rstrip('.')}.",
        f"Log in again; if it stays so, show this to {IDENTITY_TEAM}.",
    )
