"""Doors that Hypothesis makes up, all that the settings of one can say, and issuers for them."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from infra.settings.door_rules import MAXIMUM_CERTIFICATE_NAME
from sizing import names

IDENTITIES: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {"issuer": "https://login.example.com", "clientId": "spark"},
    {"issuer": "https://id.example.com/a/", "clientId": "b", "usernameClaim": "email", "requiredClaims": {"c.d": "e"}},
    {"issuer": "https://login.example.com", "clientId": "spark", "jwksUri": "https://login.example.com/keys"},
    {
        "issuer": "https://id.example.com/a/",
        "clientId": "b",
        "usernameClaim": "email",
        "groupsClaim": "https://example/groups",
        "requiredClaims": {"c": "d", "org": "example, 'quoted'"},
        "scopes": ["openid"],
        "jwksUri": "https://keys.example.com/a/jwks/",
    },
)
"""Issuers, and none."""
WITH_KEYS: Final = tuple(identity for identity in IDENTITIES if identity and "jwksUri" in identity)
"""Those that a door takes."""
ENDPOINTS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"authorizationEndpoint": "https://id.example.com/a/auth", "tokenEndpoint": "https://id.example.com/a/token"},
)
ZONE: Final = {"hostedZoneId": "Z0123456789ABCDEFGHIJ"}
WITHIN: Final = ("10.0.0.0/8", "10.40.0.0/16", "172.16.4.0/22", "192.168.7.1/32", "100.64.0.0/10")
OUTSIDE: Final = ("203.0.113.0/24", "198.51.100.7/32", "8.0.0.0/8")


def _domain(length: int) -> str:
    """A domain of so many characters."""
    rest = length - len("a.example.com")
    return ".".join(["a" * 63] * (rest // 64) + ["a" * (rest % 64 + 1), "example.com"])


def _certificates(region: str, account: str) -> st.SearchStrategy[dict[str, str]]:
    """By which names the door goes, and whose its certificate and its record are."""
    given = {"certificateArn": f"arn:aws:acm:{region}:{account}:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"}
    asked = ["spark.example.com", "a.xn--p1ai", _domain(MAXIMUM_CERTIFICATE_NAME - len("*."))]
    return st.one_of(
        st.builds(lambda domain: {"domain": domain, **ZONE}, st.sampled_from(asked)),
        st.builds(
            lambda domain, zone: {"domain": domain, **given, **zone},
            st.sampled_from([*asked, _domain(names.MAXIMUM_DOMAIN)]),
            st.sampled_from([{}, ZONE]),
        ),
    )


@st.composite
def doors(draw: st.DrawFn, region: str, account: str) -> dict[str, Any]:
    """The `door` object of a platform in a VPC of its own, with one of `WITH_KEYS`."""
    public = draw(st.booleans())
    cidrs = st.lists(
        st.sampled_from([*WITHIN, *OUTSIDE] if public else WITHIN), min_size=1 if public else 0, unique=True
    )
    return {
        "clientId": draw(st.sampled_from(["door", "0oa-door:1"])),
        **draw(_certificates(region, account)),
        **draw(st.sampled_from(ENDPOINTS)),
        **({"public": True} if public else {}),
        "cidrs": draw(cidrs),
    }
