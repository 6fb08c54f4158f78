"""The part of `skate login` that is about an identity provider."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skate.command.provider import chosen, of_context
from skate.command.shown.terminal import put, say
from skate.errors import LoginError
from skate.oidc.issuers import IDENTITY_TEAM

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

    from skate.config import Config, Provider
    from skate.contexts import Endpoint
    from skate.oidc.logins import Way
    from skate.oidc.programs import Program
    from skate.oidc.store import Stored
    from skate.oidc.tokens import Identity

SUFFIX = "-oidc"
"""Of a context's name beside one that logs in otherwise."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person said about the provider, if anything."""

    issuer: str | None
    client_id: str | None
    way: Way | None
    scopes: tuple[str, ...]
    groups_claim: str | None
    port: int | None

    @property
    def anew(self) -> bool:
        """Whether a login that is there won't do."""
        return bool(self.way or self.scopes or self.port)


def provider(asked: Asked, config: Config, context: str | None, cluster: str | None) -> Provider | None:
    """The provider to log in at; None where a person logs in otherwise.

    Raises:
        InputError: only half of it is known.
    """
    there = None if cluster else _context(context or config.context)
    if not (asked.issuer or asked.client_id or asked.anew or asked.groups_claim or of_context(there)):
        return None
    found = chosen(asked.issuer, asked.client_id, config=config, context=there)
    changed = {
        "scopes": list(dict.fromkeys([*found.scopes, *asked.scopes])),
        "groups_claim": asked.groups_claim or found.groups_claim,
        "port": asked.port or found.port,
    }
    return found.model_copy(update=changed)


def sign_in(
    provider: Provider,
    asked: Asked,
    config: Config,
    context: str | None,
    cluster: str | None,
    where: Endpoint | None,
    *,
    dry_run: bool,
) -> str | None:
    """Log in, and have the kubeconfig say so.

    Args:
        provider: where.
        asked: by the person.
        config: what is remembered.
        context: the person's choice.
        cluster: for which to add a context, with its address.
        where: the cluster's.
        dry_run: show what would be written, and ask nobody.

    Returns:
        the context to use; None where there is no kubeconfig.
    """
    from skate.oidc import plugin

    there = None if cluster else _context(context or config.context)
    mine = there is not None and of_context(there) == (provider.issuer, provider.client_id)
    name, new = _placed(plugin.plugin(provider), SUFFIX, there, context, cluster, where, mine=mine)
    if new:
        # What is wrong with the kubeconfig shows before anybody is asked to log in.
        add_context(new, dry_run=True, show=dry_run)
    if not dry_run:
        _tell(provider, _logged_in(provider, asked))
        _add(name, new)
    return name


def sign_in_program(
    program: Program, config: Config, context: str | None, cluster: str | None, where: Endpoint | None, *, dry_run: bool
) -> str | None:
    """Get a token as a program, and have the kubeconfig say how; args, and what it returns, are as of `sign_in`.

    Raises:
        InputError, LoginError, UnreachableError: there is no token.
    """
    from skate.oidc import plugin
    from skate.oidc.programs import token_of
    from skate.oidc.tokens import told

    there = None if cluster else _context(context or config.context)
    how = there.user.exec if there and there.user else None
    mine = how is not None and plugin.program_of(how.command, how.args or ()) == program
    name, new = _placed(plugin.plugin(program), f"-{program.client_id}", there, context, cluster, where, mine=mine)
    if new:
        add_context(new, dry_run=True, show=dry_run)
    if not dry_run:
        got = token_of(program, os.environ)
        say(f"The client {program.client_id} has a token: {told(got.claims)}.", style="green")
        _add(name, new)
    return name


def _placed(
    own: dict[str, Any],
    suffix: str,
    there: SingleConfig | None,
    context: str | None,
    cluster: str | None,
    where: Endpoint | None,
    *,
    mine: bool,
) -> tuple[str | None, dict[str, Any] | None]:
    """The context to use, and what of the kubeconfig is new: a cluster, or a context more beside the one that is there.

    Args:
        own: the plugin that makes tokens.
        suffix: of the new context's name.
        there: the context that the person has.
        context, cluster, where: as of `sign_in`.
        mine: whether the one that is there has this plugin.
    """
    from skate import contexts

    if cluster and where:
        name = context or f"{cluster}{suffix}"
        return name, contexts.entries(name, where, own)
    if there is None:
        return context, None
    if mine:
        return there.context_name, None
    name = f"{there.context_name.removesuffix(SUFFIX)}{suffix}"
    kept = {"cluster": there.context.cluster, "namespace": there.context.namespace}
    return name, contexts.entries_beside(name, {key: value for key, value in kept.items() if value}, own)


def _add(name: str | None, new: dict[str, Any] | None) -> None:
    if new:
        add_context(new, dry_run=False)
        say(f"For kubectl: kubectl --context {name} get pods --namespace TENANT-QUEUE")


def add_context(new: dict[str, Any], *, dry_run: bool, show: bool = True) -> None:
    """Add entries to the person's kubeconfig, or show them.

    Raises:
        InputError: the file has others of that name, is none, or can't be written.
    """
    import yaml

    from skate import contexts, kubeconfig

    path = kubeconfig.kubeconfig_files()[0]
    whole = contexts.added(path, new)
    if not dry_run:
        contexts.write(path, whole)
        say(f"{path} has the context {new['contexts'][0]['name']}.")
    elif show:
        say(f"{path} would have, beside what it has:")
        put(yaml.safe_dump(new, sort_keys=False).rstrip())


def _context(name: str | None) -> SingleConfig | None:
    """A context of the kubeconfig, or None where there is no kubeconfig; in a pod its account is none to log in to."""
    from skate import kubeconfig

    if name is None and not any(path.is_file() for path in kubeconfig.kubeconfig_files()):
        return None
    return kubeconfig.load(name)


def _logged_in(provider: Provider, asked: Asked) -> Stored:
    """The login that is there, as long as it can be renewed; else a new one."""
    from skate.oidc import logins

    if not asked.anew:
        try:
            kept = logins.fresh(provider.issuer, provider.client_id)
        except LoginError:
            pass
        else:
            return logins.calling_groups(kept, provider.groups_claim)
    return logins.log_in(provider, asked.way, say)


def _tell(provider: Provider, login: Stored) -> None:
    from skate.oidc import logins

    who = logins.who(login)
    say(f"You are {who.name} at {login.issuer}.", style="green")
    if login.refresh_token is None:
        say(
            "The issuer gave no refresh token: this login ends with its token (`skate whoami` shows when). "
            f"{IDENTITY_TEAM.capitalize()} can allow the client {provider.client_id} the scope offline_access."
        )
    if who.groups is None:
        say(_no_groups(provider, who))


def _no_groups(provider: Provider, who: Identity) -> str:
    if who.too_many_groups:
        return (
            f"You are in so many groups that the issuer left them out of your token: what queues give to groups isn't "
            f"yours. Ask {IDENTITY_TEAM} to have tokens of the client {provider.client_id} list only groups that are "
            "assigned to it."
        )
    return (
        f"Your token lists no groups (it has no claim {provider.groups_claim}): what queues give to groups isn't "
        f"yours. Ask {IDENTITY_TEAM} to put your groups into the ID tokens of the client {provider.client_id}, as a "
        f"claim {provider.groups_claim}; some need a scope for it (--scope groups). If it is called otherwise: "
        "--groups-claim NAME."
    )
