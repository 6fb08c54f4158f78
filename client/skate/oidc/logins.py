"""Logins from beginning to end: made, renewed without a person, and ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from skate.errors import InputError, LoginError, SkateError
from skate.oidc import browser, device, store
from skate.oidc.issuers import IDENTITY_TEAM, RefusedByIssuerError, asking, discover, in_words, post
from skate.oidc.store import Stored, login_command
from skate.oidc.tokens import Identity, identity, keys_of, unchecked, verified

if TYPE_CHECKING:
    import httpx2

    from skate.config import Provider
    from skate.oidc.issuers import Issuer

Way = Literal["browser", "device"]


def log_in(provider: Provider, way: Way | None, tell: Callable[[str], None]) -> Stored:
    """A new login, which is kept in place of an older one.

    Args:
        provider: where, as what, and with which scopes.
        way: how; if not given, in a browser where one can open, else by code where the issuer has that.
        tell: says something to the person.

    Raises:
        InputError: the issuer, the client or a scope is wrong, or the port is taken.
        LoginError: nobody logged in, or what came of it is not to be believed.
        UnreachableError: the issuer gives no answer.
    """
    with asking(provider.issuer) as http:
        issuer = discover(provider.issuer, http)
        scopes = issuer.scopes(tuple(provider.scopes))
        if (way or _usual_way(issuer)) == "device":
            begun = device.log_in(issuer, provider.client_id, scopes, http, tell=tell)
        else:
            begun = browser.log_in(issuer, provider.client_id, scopes, http, port=provider.port, tell=tell)
        made = _checked(begun.answer, issuer, provider.client_id, provider.groups_claim, http, nonce=begun.nonce)
    with store.alone(made.issuer, made.client_id):
        store.save(made)
    return made


def fresh(issuer: str, client_id: str) -> Stored:
    """A login whose ID token can be used now; renewed, if it must be, without asking anybody.

    Raises:
        LoginError: there is none, or it can't be renewed: the person has to log in.
        UnreachableError: the issuer gives no answer.
    """
    kept = store.load(issuer, client_id)
    if kept is None:
        raise LoginError(f"You are not logged in at {issuer}.", f"Log in: {login_command(issuer, client_id)}")
    if kept.is_fresh:
        return kept
    with asking(issuer) as http, store.alone(issuer, client_id):
        # Another skate may have renewed it meanwhile, and the old refresh token be worth nothing.
        kept = store.load(issuer, client_id) or kept
        if kept.is_fresh:
            return kept
        renewed = _renewed(kept, http)
        store.save(renewed)
    return renewed


def log_out(login: Stored) -> None:
    """End a login: here for certain, and at the issuer, if that takes it.

    Raises:
        SkateError: the issuer wasn't told; the login is forgotten all the same.
    """
    store.remove(login)
    if login.refresh_token is None:
        return
    from oauthlib.oauth2 import WebApplicationClient

    with asking(login.issuer) as http:
        issuer = discover(login.issuer, http)
        if issuer.revocation_endpoint is None:
            raise SkateError(
                f"The issuer {login.issuer} has no way to end a login: it lasts there as long as it would have.",
                f"If somebody else may have it, tell {IDENTITY_TEAM}.",
            )
        client: Any = WebApplicationClient(login.client_id)
        url, _, body = client.prepare_token_revocation_request(
            issuer.revocation_endpoint, login.refresh_token, "refresh_token", client_id=login.client_id
        )
        try:
            post(http, url, body)
        except RefusedByIssuerError as error:
            raise in_words(login.issuer, login.client_id, error) from error


def who(login: Stored) -> Identity:
    """Whom a login that is kept names. Raises LoginError, if what is kept is no token."""
    try:
        return identity(unchecked(login.id_token), login.groups_claim)
    except (KeyError, StopIteration, TypeError, ValueError) as error:
        path = store.login_file(login.issuer, login.client_id)
        again = login_command(login.issuer, login.client_id)
        raise LoginError(f"{path} holds no token that can be read.", f"Remove it, then: {again}") from error


def calling_groups(login: Stored, groups_claim: str) -> Stored:
    """A login whose groups are in that claim, kept like this."""
    if login.groups_claim == groups_claim:
        return login
    changed = login.model_copy(update={"groups_claim": groups_claim})
    with store.alone(login.issuer, login.client_id):
        store.save(changed)
    return changed


def _usual_way(issuer: Issuer) -> Way:
    return "browser" if browser.can_open() or issuer.device_authorization_endpoint is None else "device"


def _renewed(kept: Stored, http: httpx2.Client) -> Stored:
    from oauthlib.oauth2 import WebApplicationClient

    again = login_command(kept.issuer, kept.client_id)
    if kept.refresh_token is None:
        raise LoginError(
            f"Your login at {kept.issuer} has ended, and the issuer gave no refresh token to renew it with.",
            f"Log in again: {again}. It lasts longer with a refresh token: {IDENTITY_TEAM} can allow the scope "
            "offline_access.",
        )
    issuer = discover(kept.issuer, http)
    client: Any = WebApplicationClient(kept.client_id)
    body = client.prepare_refresh_body(refresh_token=kept.refresh_token, client_id=kept.client_id)
    try:
        answer = post(http, issuer.token_endpoint, body)
    except RefusedByIssuerError as error:
        if error.code == "invalid_grant":
            raise LoginError(
                f"Your login at {kept.issuer} has ended and can't be renewed.", f"Log in again: {again}"
            ) from error
        raise in_words(kept.issuer, kept.client_id, error) from error
    if "id_token" not in answer:
        raise LoginError(
            f"The issuer {kept.issuer} renews no ID tokens.",
            f"Log in again: {again}. Ask {IDENTITY_TEAM} for a client whose refresh tokens give ID tokens too.",
        )
    # Where it gives no new refresh token, the old one stays good. Source: RFC 6749, section 6
    whole = {"refresh_token": kept.refresh_token, **answer}
    return _checked(whole, issuer, kept.client_id, kept.groups_claim, http, subject=who(kept).subject)


def _checked(
    answer: dict[str, Any],
    issuer: Issuer,
    client_id: str,
    groups_claim: str,
    http: httpx2.Client,
    *,
    nonce: str | None = None,
    subject: str | None = None,
) -> Stored:
    token, refresh = answer.get("id_token"), answer.get("refresh_token")
    if not isinstance(token, str):
        raise InputError(
            f"The issuer {issuer.issuer} gave no ID token to the client {client_id}.",
            f"Ask {IDENTITY_TEAM} to allow it the scope openid.",
        )
    found = verified(
        token,
        issuer=issuer.issuer,
        client_id=client_id,
        keys=keys_of(issuer, http),
        groups_claim=groups_claim,
        nonce=nonce,
        subject=subject,
    )
    return Stored(
        issuer=issuer.issuer,
        client_id=client_id,
        groups_claim=groups_claim,
        id_token=token,
        refresh_token=refresh if isinstance(refresh, str) else None,
        issued=found.issued,
        ends=found.ends,
    )
