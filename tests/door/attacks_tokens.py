"""Tokens that don't count, tokens of somebody else, and places where a token doesn't belong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Final

from joserfc import jwt

from tests.door.attempts import (
    BROWSER,
    GOOD,
    GRAFANA,
    GROUP,
    OTHER_GROUP,
    PROMETHEUS,
    SEARCH,
    Row,
    Token,
    person,
    reaches,
    refused,
    send,
    send_h2,
)
from tests.door.manifests import CLIENT, PLATFORM_GROUP, PROGRAMS
from tests.door.running import Opened
from tests.issuer.provider import Client, rsa

FOREIGN: Final = rsa("2026-11")
"""Called as the issuer's own."""
OUTSIDE: Final = refused(401)
"""No token that counts."""
STRANGER: Final = refused(403)
"""A token of the issuer's, of somebody who has no business there, or for another client."""


def _part(value: Any) -> str:  # noqa: ANN401
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(door: Opened) -> dict[str, Any]:
    return {**door.issuer.claims(PROGRAMS, "openid groups"), "groups": [GROUP]}


def _unsigned(door: Opened) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(_claims(door))}."


def _by_public_key(door: Opened) -> str:
    text = f"{_part({'alg': 'HS256', 'kid': door.issuer.keys[0].kid})}.{_part(_claims(door))}"
    key = door.issuer.keys[0].as_pem(private=False)
    signed = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def _changed(door: Opened) -> str:
    head, _, signature = door.issuer.token(groups=[OTHER_GROUP]).split(".")
    return f"{head}.{_part(_claims(door))}.{signature}"


def _own_key(door: Opened) -> str:
    header = {"alg": "RS256", "kid": "mine", "jwk": FOREIGN.as_dict(private=False)}
    return jwt.encode(header, _claims(door), FOREIGN, ["RS256"])


def _in(seconds: int, claim: str) -> Token:
    return lambda door: door.issuer.token(PROGRAMS, groups=[GROUP], **{claim: int(time.time()) + seconds})


def _foreign(door: Opened) -> str:
    return door.issuer.signed(_claims(door), FOREIGN)


def _without(claim: str) -> Token:
    return lambda door: door.issuer.signed({k: v for k, v in _claims(door).items() if k != claim})


def _program(*groups: str) -> Token:
    """What a program gets by its own client's secret: a token that names nobody."""
    client = Client("airflow", says={"aud": PROGRAMS, "groups": list(groups)})
    return lambda door: door.issuer.signed(door.issuer.claims_of_program(client))


TOKENS: Final[tuple[Row, ...]] = (
    Row("another issuer", send(token=person(GROUP, iss="https://evil.example.com")), OUTSIDE, send()),
    Row(
        "the issuer with a slash more", send(token=lambda d: person(GROUP, iss=d.issuer.url + "/")(d)), OUTSIDE, send()
    ),
    Row("a key of somebody else's, called as the issuer's", send(token=_foreign), OUTSIDE, send()),
    Row("a key that comes with the token", send(token=_own_key), OUTSIDE, send()),
    Row("expired", send(token=_in(-120, "exp")), OUTSIDE, send(token=_in(120, "exp"))),
    Row("not yet valid", send(token=_in(300, "nbf")), OUTSIDE, send(token=_in(-300, "nbf"))),
    Row(
        "for another client", send(token=person(GROUP, aud="payroll")), STRANGER, send(token=person(GROUP, aud=CLIENT))
    ),
    Row(
        "for several others",
        send(token=person(GROUP, aud=["payroll", "wiki"])),
        STRANGER,
        send(token=person(GROUP, aud=["payroll", PROGRAMS])),
    ),
    Row("for nobody", send(token=_without("aud")), STRANGER, send(token=_without("email"))),
    Row("of no issuer", send(token=_without("iss")), OUTSIDE, send(token=_without("email"))),
    Row("algorithm none", send(token=_unsigned), OUTSIDE, send()),
    Row("HS256 with the public key as its password", send(token=_by_public_key), OUTSIDE, send()),
    Row("other claims under a good signature", send(token=_changed), OUTSIDE, send()),
    Row("no token at all, but text", send(token=lambda _: "a.b.c"), OUTSIDE, send()),
    Row("an empty token", send(token=lambda _: ""), refused(302, 401), send()),
    Row("no login", send(token=None), refused(302), send()),
    Row(
        "no login, from a page's script",
        send(token=None, headers=[("Sec-Fetch-Dest", "empty")]),
        OUTSIDE,
        send(headers=[("Sec-Fetch-Dest", "empty")]),
    ),
    Row("a token by Basic", send(scheme="Basic "), refused(302, 401), send()),
    Row("a token in the query", send(target="/?access_token=x", token=None), refused(302), send(target="/?x=1")),
    Row(
        "an ID token in its cookie, without the login's signature",
        lambda door: send(token=None, headers=[("Cookie", "IdToken=" + BROWSER(door))])(door),
        refused(302),
        send(token=BROWSER, headers=[("Cookie", "a=b")]),
    ),
    Row(
        "a bad token beside a good one in the cookie",
        lambda door: send(token=lambda _: "a.b.c", headers=[("Cookie", "IdToken=" + BROWSER(door))])(door),
        OUTSIDE,
        lambda door: send(headers=[("Cookie", "IdToken=" + BROWSER(door))])(door),
    ),
    Row(
        "two tokens, the first a stranger's",
        lambda door: send(token=person(OTHER_GROUP), headers=[("Authorization", "Bearer " + GOOD(door))])(door),
        refused(400, 401, 403),
        send(),
    ),
    Row(
        "two tokens, the first a bad one",
        lambda door: send(token=lambda _: "a.b.c", headers=[("Authorization", "Bearer " + GOOD(door))])(door),
        refused(400, 401),
        send(),
    ),
    Row("groups of nobody", send(token=person("nobody")), STRANGER, send(token=person("nobody", GROUP))),
    Row("a program's, of another group", send(token=_program(OTHER_GROUP)), STRANGER, send(token=_program(GROUP))),
    Row("no groups", send(token=_without("groups")), STRANGER, send()),
    Row("an empty list of groups", send(token=person()), STRANGER, send()),
    Row(
        "a group as a text, of another",
        send(token=person(groups=OTHER_GROUP)),
        STRANGER,
        send(token=person(groups=GROUP)),
    ),
    Row(
        "groups in one text",
        send(token=person(groups=f"{GROUP},{OTHER_GROUP}")),
        STRANGER,
        send(token=person(groups=[GROUP, OTHER_GROUP])),
    ),
    Row("a group that begins so", send(token=person(GROUP + "-2")), STRANGER, send()),
    Row("a group in capitals", send(token=person(GROUP.upper())), STRANGER, send()),
    Row("a group by the name that Kubernetes gives it", send(token=person("oidc:" + GROUP)), STRANGER, send()),
    Row("a group by another claim", send(token=person(roles=[GROUP])), STRANGER, send()),
    Row("groups as a map", send(token=person(groups={GROUP: True})), STRANGER, send()),
    Row("another tenant's host", send(SEARCH), STRANGER, send(SEARCH, token=person(OTHER_GROUP)), SEARCH),
    Row(
        "another tenant's host by HTTP/2",
        send_h2(SEARCH),
        STRANGER,
        send_h2(SEARCH, token=person(OTHER_GROUP)),
        SEARCH,
    ),
    Row(
        "a page of the platform's",
        send(PROMETHEUS),
        STRANGER,
        send(PROMETHEUS, token=person(PLATFORM_GROUP)),
        PROMETHEUS,
    ),
    Row(
        "the platform's Grafana by a tenant's person",
        send(GRAFANA),
        STRANGER,
        send(GRAFANA, token=person(PLATFORM_GROUP)),
        GRAFANA,
    ),
    Row(
        "the platform's people at a tenant's",
        send(token=person(PLATFORM_GROUP)),
        STRANGER,
        send(),
    ),
    Row(
        "a token that would reach the backend",
        send(),
        reaches(authorization=[], cookie=[]),
        send(),
    ),
    Row(
        "a cookie that would reach the backend",
        lambda door: send(headers=[("Cookie", "IdToken=" + BROWSER(door)), ("cookie", "a=b")])(door),
        reaches(authorization=[], cookie=[]),
        send(),
    ),
    Row(
        "a token that would reach a page of the platform's",
        send(PROMETHEUS, token=person(PLATFORM_GROUP)),
        reaches(PROMETHEUS, authorization=[], cookie=[]),
        send(PROMETHEUS, token=person(PLATFORM_GROUP)),
        PROMETHEUS,
    ),
    Row(
        "a header that only this hop reads names the token",
        send(headers=[("Connection", "close, Authorization, Cookie"), ("Cookie", "a=b")]),
        lambda door, answer: (
            "" if not refused(400, 401, 302)(door, answer) else reaches(authorization=[], cookie=[])(door, answer)
        ),
        send(headers=[("Connection", "close")]),
    ),
)
