"""`skate token`: what kubectl calls for a token."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from skate.command.provider import CLIENT_VARIABLE, ISSUER_VARIABLE, chosen
from skate.command.session import ends_in_words
from skate.command.shown.terminal import put

EPILOG: Final = """
\b
Examples:
  skate token                               of the login that skate remembers
  skate token --issuer https://login.example.com --client-id spark
  curl -H "Authorization: Bearer $(skate token --raw)" https://...

A kubeconfig calls it; `skate login` writes that. It never asks anybody: where
the login has ended, it says how to log in, and ends with 3.
"""


@ends_in_words
def token(
    issuer: Annotated[
        str | None, typer.Option(envvar=ISSUER_VARIABLE, metavar="URL", help="The identity provider.")
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", envvar=CLIENT_VARIABLE, metavar="ID", help="What skate is there.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the token alone.")] = False,
) -> None:
    """Print a token of your login for programs, renewed if need be.

    It is printed as an ExecCredential of Kubernetes, with the time until which to use it.
    """
    import json

    from skate.oidc import logins, plugin

    provider = chosen(issuer, client_id)
    login = logins.fresh(provider.issuer, provider.client_id)
    put(login.id_token if raw else json.dumps(plugin.credential(login)))
