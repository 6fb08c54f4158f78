"""`skate logout`: forgets logins, and has the identity provider forget them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.command.provider import CLIENT_VARIABLE, ISSUER_VARIABLE
from skate.command.session import ends_in_words
from skate.command.shown.terminal import complain_of, say
from skate.errors import SkateError

if TYPE_CHECKING:
    from skate.oidc.store import Stored

EPILOG: Final = """
\b
Examples:
  skate logout                              all logins on this machine
  skate logout --issuer https://login.example.com

Your browser stays logged in there. Contexts of your kubeconfig stay, and work
again after `skate login`. A token that was given out lasts until its end,
which `skate whoami` shows.
"""


@ends_in_words
def logout(
    issuer: Annotated[
        str | None, typer.Option(envvar=ISSUER_VARIABLE, metavar="URL", help="Only logins there.")
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", envvar=CLIENT_VARIABLE, metavar="ID", help="Only of this client.")
    ] = None,
) -> None:
    """Forget your login at an identity provider, here and there.

    Refresh tokens are revoked. Logins to AWS aren't skate's, and stay.
    """
    from skate.oidc import store

    wanted = [
        login for login in store.all_logins() if issuer in (None, login.issuer) and client_id in (None, login.client_id)
    ]
    if not wanted:
        say(f"You are not logged in{f' at {issuer}' if issuer else ''}.")
    failed = [error for login in wanted if (error := _ended(login))]
    if failed:
        raise typer.Exit(max(error.exit_code for error in failed))


def _ended(login: Stored) -> SkateError | None:
    from skate.oidc import logins

    try:
        logins.log_out(login)
    except SkateError as error:
        say(f"You are logged out of {login.issuer} here; there, the login may go on:")
        complain_of(error)
        return error
    say(f"You are logged out of {login.issuer}.", style="green")
    return None
