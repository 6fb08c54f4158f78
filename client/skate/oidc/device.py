"""A login with a code that the person enters in a browser of any machine.

Source: RFC 8628 (OAuth 2.0 Device Authorization Grant)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from skate.errors import InputError, UnreachableError
from skate.oidc.browser import Begun
from skate.oidc.issuers import IDENTITY_TEAM, RefusedByIssuerError, in_words, post

if TYPE_CHECKING:
    import httpx2

    from skate.oidc.issuers import Issuer

INTERVAL_SECONDS: Final = 5.0
"""Between two questions, where the issuer names no other; and so much more when it asks for patience."""
EXPIRES_SECONDS: Final = 600


def log_in(
    issuer: Issuer,
    client_id: str,
    scopes: list[str],
    http: httpx2.Client,
    *,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Begun:
    """Have the person enter a code, wherever they have a browser.

    Args:
        issuer: where.
        client_id: as which program.
        scopes: what is asked for.
        http: what the issuer is asked with.
        tell: says something to the person.
        sleep: waits.

    Raises:
        InputError: the issuer has no such login, or doesn't know the client.
        LoginError: they declined, or didn't enter the code in time.
    """
    if issuer.device_authorization_endpoint is None:
        raise InputError(
            f"The issuer {issuer.issuer} has no login by code (device flow).",
            "Use --browser on a machine with a browser.",
        )
    try:
        given = post(
            http,
            issuer.device_authorization_endpoint,
            urlencode({"client_id": client_id, "scope": " ".join(scopes)}),
        )
        return Begun(_awaited(issuer, client_id, given, http, tell, sleep), None)
    except RefusedByIssuerError as error:
        raise in_words(issuer.issuer, client_id, error) from error


def _awaited(
    issuer: Issuer,
    client_id: str,
    given: dict[str, Any],
    http: httpx2.Client,
    tell: Callable[[str], None],
    sleep: Callable[[float], None],
) -> dict[str, Any]:
    import httpx2
    from oauthlib.oauth2 import DeviceClient

    try:
        device_code, user_code, where = (str(given[key]) for key in ("device_code", "user_code", "verification_uri"))
        interval = float(given.get("interval", INTERVAL_SECONDS))
        seconds = float(given.get("expires_in", EXPIRES_SECONDS))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreachableError(
            f"The issuer {issuer.issuer} began a login by code, and gave none ({error}).", f"Tell {IDENTITY_TEAM}."
        ) from error
    end = time.monotonic() + seconds
    whole = given.get("verification_uri_complete")
    tell(
        f"In a browser, on any machine, open {where} and enter the code {user_code}"
        + (f"\nThe same, with the code in it: {whole}" if whole else "")
        + f"\nWaiting for you, up to {max(1, round(seconds / 60))} min ..."
    )
    client: Any = DeviceClient(client_id)
    body = client.prepare_request_body(device_code, include_client_id=True)
    while time.monotonic() < end:
        sleep(interval)
        try:
            return post(http, issuer.token_endpoint, body)
        except RefusedByIssuerError as error:
            if error.code == "slow_down":
                interval += INTERVAL_SECONDS
            elif error.code != "authorization_pending":
                raise
        except (httpx2.TransportError, UnreachableError):
            # The network may be back in time. Source: RFC 8628, section 3.5
            interval *= 2
    raise RefusedByIssuerError("expired_token")
