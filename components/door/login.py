"""Who comes through the door: the login of browsers, the tokens of programs, and rules by what a token says.

Sources: https://gateway.envoyproxy.io/docs/api/extension_types/ (Envoy Gateway 1.9) and
docs/decisions/0033-the-door.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sizing import names
from sizing.values import Json

GATEWAY_GROUP: Final = "gateway.networking.k8s.io"
GATEWAY_API: Final = f"{GATEWAY_GROUP}/v1"
ENVOY_GROUP: Final = "gateway.envoyproxy.io"
ENVOY_API: Final = f"{ENVOY_GROUP}/v1alpha1"
PROVIDER: Final = "people"
"""What rules call the issuer whose tokens count."""
ID_COOKIE: Final = "IdToken"
"""The cookie that holds a browser's ID token; a page's own cookies are called otherwise."""
ACCESS_COOKIE: Final = "AccessToken"
REFRESHED: Final = "offline_access"
"""The scope of tokens that live on when somebody has left: a browser logs in anew instead."""
CALLBACK: Final = "/oauth2/callback"
LOGOUT: Final = "/logout"
CLAIM_TYPES: Final = ("String", "StringArray")
"""How issuers write somebody's groups: one of them, or a list."""
MAXIMUM_VALUES: Final = 128
"""Of one claim in a rule (envoyproxy/gateway v1.9.1, api/v1alpha1/authorization_types.go)."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """Whose tokens open the door.

    Args:
        issuer: as its tokens have it in `iss`.
        jwks_uri: where it has its keys.
        audiences: of tokens of browsers first, then of people's programs.
        groups_claim: the claim that has somebody's groups.
        required_claims: what else a token must say.
    """

    issuer: str
    jwks_uri: str
    audiences: tuple[str, ...]
    groups_claim: str
    required_claims: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where an issuer logs people in.

    Args:
        authorization: where browsers are sent.
        token: where Envoys get tokens.
    """

    authorization: str
    token: str


def jwt(login: Login) -> dict[str, Json]:
    """The `jwt` of every SecurityPolicy of the door, the platform's and tenants' alike.

    A program brings its token in a header, a browser in the cookie that the login made. The login's cookies are signed
    together with the host, so that one host's say nothing at another.

    Args:
        login: whose tokens count.
    """
    return {
        "providers": [
            {
                "name": PROVIDER,
                "issuer": login.issuer,
                "audiences": list(login.audiences),
                # As the API server would fill it in: admission compares all of this with what it gets.
                "remoteJWKS": {"uri": login.jwks_uri, "cacheDuration": "300s"},
                "extractFrom": {
                    "headers": [{"name": "Authorization", "valuePrefix": "Bearer "}],
                    "cookies": [ID_COOKIE],
                },
            }
        ]
    }


def oidc(login: Login, client_id: str, scopes: Sequence[str], endpoints: Endpoints | None = None) -> dict[str, Json]:
    """The `oidc` of the Gateway: how browsers log in. Its client's password is in a Secret that people make.

    Args:
        login: the issuer.
        client_id: of the confidential client.
        scopes: that the platform's logins ask for.
        endpoints: of the issuer; None: Envoy Gateway asks it for them at each translation.
    """
    known: dict[str, Json] = (
        {"authorizationEndpoint": endpoints.authorization, "tokenEndpoint": endpoints.token} if endpoints else {}
    )
    return {
        "provider": {"issuer": login.issuer, **known},
        "clientID": client_id,
        "clientSecret": {"group": "", "kind": "Secret", "name": names.DOOR_LOGIN},
        # The load balancer ends TLS, so that Envoy itself sees plain HTTP.
        "redirectURL": f"https://%REQ(:authority)%{CALLBACK}",
        "logoutPath": LOGOUT,
        "scopes": [scope for scope in scopes if scope != REFRESHED],
        # No cookieDomain: each host has cookies of its own.
        "cookieNames": {"idToken": ID_COOKIE, "accessToken": ACCESS_COOKIE},
        "cookieConfig": {"sameSite": "Lax"},
        # Since Envoy 1.35 they are encrypted, and the JWT filter reads nothing of them then (envoyproxy/gateway #6816).
        "disableTokenEncryption": True,
        "refreshToken": False,
        "passThroughAuthHeader": True,
        # A page's own requests get 401 when the login is over, and no redirect to another origin.
        "denyRedirect": {"headers": [{"name": "Sec-Fetch-Dest", "type": "Exact", "value": "empty"}]},
    }


def closed(login: Login, client_id: str, scopes: Sequence[str], endpoints: Endpoints | None = None) -> dict[str, Json]:
    """What holds at the Gateway: browsers log in, tokens are checked, and nobody passes but by a route's own policy."""
    return {
        "oidc": oidc(login, client_id, scopes, endpoints),
        "jwt": jwt(login),
        "csrf": {},
        "authorization": {"defaultAction": "Deny"},
    }


UNCHECKED: Final = {"shadowFraction": {"numerator": 100}}
"""A `csrf` that refuses nothing. A route's policy is merged into the Gateway's, and can take nothing out of it.

Source: envoyproxy/gateway v1.9.1, internal/xds/translator/csrf.go (buildXdsCSRFPolicy)
"""


def people_policy(
    login: Login, route: str, groups: Sequence[str] | None, methods: Sequence[str] = (), *, csrf: bool = True
) -> dict[str, Json]:
    """The spec of the SecurityPolicy that lets people of groups through an HTTPRoute, and nobody else.

    Args:
        login: the platform's.
        route: the route's name, in the policy's own namespace.
        groups: as the issuer says them; of none, nobody passes. None: all of the issuer's people do.
        methods: of HTTP, by which alone they pass; none: by any.
        csrf: whether what writes must come from the route's own host, as the Gateway has it.
    """
    return {
        "targetRefs": [{"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": route}],
        # Without it this policy would take the place of the Gateway's, and nobody could log in.
        "mergeType": "StrategicMerge",
        "jwt": jwt(login),
        **({} if csrf else {"csrf": UNCHECKED}),
        "authorization": authorization(login, groups, methods),
    }


def authorization(login: Login, groups: Sequence[str] | None, methods: Sequence[str] = ()) -> dict[str, Json]:
    """The `authorization` of a route: the issuer's people of some groups, and nobody else.

    Args:
        login: the issuer.
        groups: as it says them; of none, nobody passes. None: all of the issuer's people do.
        methods: of HTTP, by which alone they pass; none: by any.
    """
    required: list[Json] = [
        {"name": name, "valueType": "String", "values": [value]}
        for name, value in sorted(login.required_claims.items())
    ]
    return {
        "defaultAction": "Deny",
        "rules": [
            {
                "name": f"people-{number}",
                "action": "Allow",
                **({"operation": {"methods": list(methods)}} if methods else {}),
                "principal": {"jwt": {"provider": PROVIDER, "claims": [claim, *required]}},
            }
            for number, claim in enumerate(_anybody(login) if groups is None else _in_groups(login, groups))
        ],
    }


def _in_groups(login: Login, groups: Sequence[str]) -> list[Json]:
    found = sorted(set(groups))
    return [
        {"name": login.groups_claim, "valueType": kind, "values": list(found[start : start + MAXIMUM_VALUES])}
        for start in range(0, len(found), MAXIMUM_VALUES)
        for kind in CLAIM_TYPES
    ]


def _anybody(login: Login) -> list[Json]:
    """A rule must ask for something: what every token that was checked says."""
    return [{"name": "iss", "valueType": "String", "values": [login.issuer]}]
