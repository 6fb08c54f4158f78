"""`skate whoami`: who a person is to the identity provider, and to the cluster."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from skate.command.session import ContextOption, JsonOption, connected, ends_in_words, run
from skate.command.shown.tables import as_json, facts
from skate.command.shown.terminal import put
from skate.errors import LoginError

if TYPE_CHECKING:
    from skate.oidc.store import Stored
    from skate.oidc.tokens import Identity

EPILOG: Final = """
\b
Examples:
  skate whoami
  skate whoami --offline            what is on this machine, asking nobody
  skate whoami --json | jq -r '.cluster.groups[]'

What the cluster calls you is what `people` of a tenant's stack file must list.
"""


@ends_in_words
def whoami(
    context: ContextOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Don't ask the cluster.")] = False,
    json: JsonOption = False,
) -> None:
    """Show who you are: user, groups, for which issuer and until when.

    Logins at identity providers are shown as their tokens say, and then what the cluster makes of you.
    """
    from skate.kubeconfig import kubeconfig_files
    from skate.oidc import logins, store

    seen = [(login, logins.who(login)) for login in store.all_logins()]
    if offline and not seen:
        raise LoginError(
            "You are logged in at no identity provider.", "Log in: `skate login --issuer URL --client-id ID`"
        )
    if not json:
        for login, who in seen:
            _show(login, who)
    # A login that is for the door alone needs no kubeconfig.
    alone = bool(seen) and context is None and not any(path.is_file() for path in kubeconfig_files())
    cluster = None if offline or alone else run(_at_the_cluster(context))
    if json:
        as_json({"logins": [_record(login, who) for login, who in seen], "cluster": cluster})
    elif cluster:
        facts([("cluster", cluster["server"]), ("context", cluster["context"]), *_named(cluster)])


def _show(login: Stored, who: Identity) -> None:
    facts(
        [
            ("issuer", login.issuer),
            ("client", login.client_id),
            ("user", who.name),
            ("groups", "none in the token" if who.groups is None else ", ".join(who.groups) or "none"),
            ("token", _until(who.ends)),
            ("renewed", "by itself" if login.refresh_token else "no: log in again when it has ended"),
        ]
    )
    put("")


def _named(cluster: dict[str, Any]) -> list[tuple[str, str]]:
    return [("user", cluster["user"] or "nobody"), ("groups", ", ".join(cluster["groups"]) or "none")]


def _until(ends: int) -> str:
    at = datetime.fromtimestamp(ends, UTC).astimezone()
    left = ends - time.time()
    when = f"{at:%Y-%m-%d %H:%M %Z}"
    return f"until {when} ({_long(left)})" if left > 0 else f"ended {when}"


def _long(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _record(login: Stored, who: Identity) -> dict[str, Any]:
    return {
        "issuer": login.issuer,
        "clientId": login.client_id,
        "user": who.name,
        "subject": who.subject,
        "groups": None if who.groups is None else list(who.groups),
        "ends": datetime.fromtimestamp(who.ends, UTC),
        "renewable": login.refresh_token is not None,
    }


async def _at_the_cluster(context: str | None) -> dict[str, Any]:
    async with connected(context) as client:
        user, groups = await client.cluster.who_am_i()
        return {
            "server": client.cluster.server,
            "context": client.cluster.context,
            "user": user,
            "groups": groups,
        }
