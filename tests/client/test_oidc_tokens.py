"""Which ID tokens are believed."""

from __future__ import annotations

import time
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import OKPKey
from skate.errors import InputError, LoginError, SkateError
from skate.oidc.tokens import Identity, identity, verified

from tests.issuer.provider import Provider, elliptic, rsa

URL: Final = "https://login.example.com"
MINUTE: Final = 60
PROVIDER: Final = Provider(url=URL)


def checked(token: str, **changes: Any) -> Identity:  # noqa: ANN401
    """What is read of a token, by the keys that the provider shows."""
    asked = {"issuer": URL, "client_id": "spark", "groups_claim": "groups", "nonce": "n"}
    asked["keys"] = PROVIDER.public_keys()["keys"]
    return verified(token, **{**asked, **changes})


def token(**changes: Any) -> str:  # noqa: ANN401
    """A token that is good but for these claims."""
    claims = {**PROVIDER.claims("spark", "openid groups", "n"), **changes}
    return PROVIDER.signed({name: value for name, value in claims.items() if value is not None})


def test_a_good_token_names_a_person_and_their_groups() -> None:
    found = checked(token())
    assert (found.name, found.groups) == ("ana", ("ads-engineers", "everybody"))
    assert found.ends - found.issued == 3600


@pytest.mark.parametrize("key", PROVIDER.keys, ids=lambda key: str(key.alg))
def test_each_of_several_keys_counts(key: Any) -> None:  # noqa: ANN401
    assert checked(PROVIDER.signed(PROVIDER.claims("spark", "openid", "n"), key)).name == "ana"


def test_a_key_that_names_no_algorithm_counts_for_the_tokens() -> None:
    keys = [{name: value for name, value in key.items() if name != "alg"} for key in PROVIDER.public_keys()["keys"]]
    assert checked(token(), keys=keys).name == "ana"


def now(offset: int) -> int:
    """Seconds since 1970, so far from now."""
    return int(time.time()) + offset


REFUSED: Final[dict[str, dict[str, Any]]] = {
    "another issuer": {"iss": "https://evil.example.com"},
    "an issuer that begins alike": {"iss": f"{URL}.example.net"},
    "another client": {"aud": "other"},
    "several clients and none of them named": {"aud": ["spark", "other"]},
    "several clients and another one named": {"aud": ["spark", "other"], "azp": "other"},
    "another login": {"nonce": "m"},
    "no login": {"nonce": None},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "nobody": {"sub": None},
    "not yet valid": {"nbf": now(10 * MINUTE)},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
def test_a_token_is_not_believed_that_is_of(changes: dict[str, Any]) -> None:
    with pytest.raises(SkateError):
        checked(token(**changes))


def test_several_clients_are_fine_where_this_one_is_named() -> None:
    assert checked(token(aud=["spark", "other"], azp="spark")).name == "ana"


def _unsigned() -> str:
    return jwt.encode(PROVIDER.claims("spark", "openid", "n"), "", algorithm="none", headers={"kid": "2026-11"})


def _by_the_public_key() -> str:
    """HS256, with what everybody knows as its secret: as an attacker writes it, since libraries refuse to."""
    import base64
    import hashlib
    import hmac
    import json

    public = PROVIDER.keys[0].public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = ({"alg": "HS256", "kid": "2026-11"}, PROVIDER.claims("spark", "openid", "n"))
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.new(public, signed, hashlib.sha256).digest()).rstrip(b"=")
    return b".".join([signed, signature]).decode()


def _by_another_key() -> str:
    return PROVIDER.signed(PROVIDER.claims("spark", "openid", "n"), rsa("2026-11"))


def _by_an_unknown_key() -> str:
    return PROVIDER.signed(PROVIDER.claims("spark", "openid", "n"), elliptic("unknown"))


def _changed() -> str:
    header, _, signature = token().split(".")
    return f"{header}.{token(sub='somebody-else').split('.')[1]}.{signature}"


@pytest.mark.parametrize(
    "forged",
    [
        _unsigned,
        _by_the_public_key,
        _by_another_key,
        _by_an_unknown_key,
        _changed,
        lambda: "a.b.c",
        str,
        lambda: "x",
    ],
)
def test_a_forged_token_is_not_believed(forged: Any) -> None:  # noqa: ANN401
    with pytest.raises(LoginError, match="no ID token to believe"):
        checked(forged())


def test_a_key_for_another_algorithm_does_not_count() -> None:
    keys = [{**key, "alg": "RS512"} for key in PROVIDER.public_keys()["keys"] if key["kid"] == "2026-11"]
    with pytest.raises(LoginError, match="no keys named 2026-11 for RS256"):
        checked(token(), keys=keys)


def test_an_algorithm_that_the_api_server_does_not_take_is_not_taken_here() -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "edwards", "use": "sig", "alg": "EdDSA"}, auto_kid=False)
    claims = PROVIDER.claims("spark", "openid", "n")
    signed = jwt.encode(claims, key.as_pem(private=True), algorithm="EdDSA", headers={"kid": "edwards"})
    with pytest.raises(LoginError, match="signed by EdDSA, which is not allowed"):
        checked(signed, keys=[key.as_dict(private=False)])


@pytest.mark.parametrize(
    ("offset", "says"), [(10 * MINUTE, "10 minutes behind"), (-2 * 60 * MINUTE, "120 minutes ahead of")]
)
def test_clocks_that_differ_are_said_to(offset: int, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        checked(token(iat=now(offset), exp=now(offset + 3600)))
    assert "timedatectl" in raised.value.remedy


def test_clocks_may_differ_by_half_a_minute() -> None:
    assert checked(token(iat=now(30), nbf=now(30))).name == "ana"
    assert checked(token(iat=now(-60), exp=now(-30))).name == "ana"


@pytest.mark.parametrize(
    ("claims", "groups", "too_many"),
    [
        ({"groups": ["a", "b"]}, ("a", "b"), False),
        ({"groups": "a"}, ("a",), False),
        ({"groups": []}, (), False),
        ({}, None, False),
        ({"_claim_names": {"groups": "src1"}}, None, True),
    ],
)
def test_groups_are_a_list_or_one_or_not_there(
    claims: dict[str, Any], groups: tuple[str, ...] | None, too_many: bool
) -> None:
    found = identity({"sub": "1", "iat": 1, "exp": 2, **claims}, "groups")
    assert (found.groups, found.too_many_groups) == (groups, too_many)
