"""Which identity provider a command means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from skate.errors import InputError

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

    from skate.config import Config, Provider

ISSUER_VARIABLE: Final = "SKATE_ISSUER"
CLIENT_VARIABLE: Final = "SKATE_CLIENT_ID"
ASK: Final = "Whoever runs the platform knows both: --issuer URL --client-id ID."


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
