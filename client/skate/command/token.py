"""`skate token`: what kubectl calls for a token."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from skate.command.provider import (
    CLIENT_VARIABLE,
    ISSUER_VARIABLE,
    AudienceOption,
    SecretFileOption,
    SecretVariableOption,
    chosen,
    program,
)
from skate.command.session import ends_in_words
from skate.command.shown.terminal import put
from skate.errors import InputError

EPILOG: Final = """
\b
Examples:
  skate token                               of the login that skate remembers
  skate token --issuer https://login.example.com --client-id spark
  curl -H "Authorization: Bearer $(skate token --raw)" https://...
Of a program that has a client of its own at the issuer, with a secret:
  skate token --issuer https://login.example.com --client-id airflow \\
      --client-secret-file /etc/airflow/client-secret --audience spark-dev

A kubeconfig calls it; `skate login` writes that. It never asks anybody: where
the login has ended, it says how to log in, and ends with 3. A program's secret
is in a file, or in the variable that --client-secret-env names, and in no
argument. Its token is got anew each time, and kept nowhere.
"""


@ends_in_words
def token(
    issuer: Annotated[
        str | None, typer.Option(envvar=ISSUER_VARIABLE, metavar="URL", help="The identity provider.")
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", envvar=CLIENT_VARIABLE, metavar="ID", help="What skate is there.")
    ] = None,
    client_secret_file: SecretFileOption = None,
    client_secret_env: SecretVariableOption = None,
    audience: AudienceOption = None,
    scope: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A scope that a program asks for; repeatable.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the token alone.")] = False,
) -> None:
    """Print a token for programs: of your login, renewed if need be, or of a program's own client.

    It is printed as an ExecCredential of Kubernetes, with the time until which to use it.
    """
    import json

    from skate.oidc import plugin

    own = program(issuer, client_id, client_secret_file, client_secret_env, audience, scope)
    if own is not None:
        import os

        from skate.oidc.programs import token_of

        got = token_of(own, os.environ)
        text, until = got.text, got.use_until
    elif scope:
        raise InputError("--scope is of programs here.", "Name it when you log in: `skate login --scope NAME`.")
    else:
        from skate.oidc import logins

        provider = chosen(issuer, client_id)
        login = logins.fresh(provider.issuer, provider.client_id)
        text, until = login.id_token, login.use_until
    put(text if raw else json.dumps(plugin.credential(text, until)))
