"""Which identity provider a command means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.errors import InputError

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

    from skate.config import Config, Provider
    from skate.oidc.programs import Program

ISSUER_VARIABLE: Final = "SKATE_ISSUER"
CLIENT_VARIABLE: Final = "SKATE_CLIENT_ID"
VARIABLE: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
ASK: Final = "Whoever runs the platform knows both: --issuer URL --client-id ID."

SecretFileOption = Annotated[
    Path | None,
    typer.Option("--client-secret-file", metavar="FILE", help="Of a program: the file with its client's secret."),
]
SecretVariableOption = Annotated[
    str | None,
    typer.Option("--client-secret-env", metavar="NAME", help="Of a program: the variable with it, instead."),
]
AudienceOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of a program: whom its tokens must be for, the platform's identity.clientId."),
]


def program(
    issuer: str | None,
    client_id: str | None,
    secret_file: Path | None,
    secret_variable: str | None,
    audience: str | None,
    scopes: Sequence[str] | None,
) -> Program | None:
    """The program that options name; None where they name none, but whoever is logged in.

    Raises:
        InputError: it has no secret, or two, or neither issuer nor client.
    """
    from skate.oidc.programs import Program

    if secret_file and secret_variable:
        raise InputError("--client-secret-file and --client-secret-env both say where the secret is.", "Name one.")
    if not (secret_file or secret_variable):
        if audience:
            raise InputError(
                "--audience is of a program, and it isn't said where its secret is.",
                "Name it: --client-secret-file FILE, or --client-secret-env NAME.",
            )
        return None
    if secret_variable and not VARIABLE.fullmatch(secret_variable):
        # Not shown: it may be the secret.
        raise InputError(
            "--client-secret-env takes the name of a variable that holds the secret, and this is no name.",
            "Export the secret, such as SPARK_SECRET, and name that: --client-secret-env SPARK_SECRET.",
        )
    if not (issuer and client_id):
        raise InputError(
            "A program is named by its issuer and by its client there.", "Give both: --issuer URL --client-id ID."
        )
    return Program(
        issuer=issuer,
        client_id=client_id,
        # Whoever reads the kubeconfig is in another folder.
        secret_file=str(secret_file.absolute()) if secret_file else None,
        secret_variable=secret_variable,
        audience=audience,
        scopes=tuple(scopes or ()),
    )


def chosen(
    issuer: str | None, client_id: str | None, *, config: Config | None = None, context: SingleConfig | None = None
) -> Provider:
    """An identity provider: what is named, else what a context of the kubeconfig logs in by, else what is remembered.

    Args:
        issuer, client_id: by options or in the environment.
        config: what is remembered; read, if it isn't given.
        context: of the kubeconfig.

    Raises:
        InputError: nobody says which, or only half of it.
    """
    from skate.config import Provider, load_config

    known = (config or load_config()).login
    found = of_context(context)
    if issuer is None and client_id is None and found:
        issuer, client_id = found
    if known and issuer in (None, known.issuer):
        issuer, client_id = known.issuer, client_id or known.client_id
    if issuer is None:
        raise InputError("No identity provider is named, and none is remembered.", ASK)
    if client_id is None:
        raise InputError(f"It isn't said what skate is registered as at {issuer}.", ASK)
    if known and (known.issuer, known.client_id) == (issuer, client_id):
        return known
    return Provider(issuer=issuer, client_id=client_id)


def of_context(context: SingleConfig | None) -> tuple[str, str] | None:
    """The issuer and client by which a context of the kubeconfig logs in, if it does by `skate token`."""
    from skate.oidc import plugin

    how = context.user.exec if context and context.user else None
    return plugin.of(how.command, how.args or ()) if how else None
