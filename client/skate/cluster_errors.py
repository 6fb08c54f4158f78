"""What goes wrong between a person and a cluster's API, in words that say what to do."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx2
from lightkube.core.exceptions import ApiError, ConfigError

from skate.errors import LoginError, NotAllowedError, SkateError, UnreachableError
from skate.oidc.issuers import IDENTITY_TEAM
from skate.oidc.plugin import of
from skate.oidc.tokens import told

if TYPE_CHECKING:
    from lightkube.config.models import UserExec

    from skate.oidc.bearer import ProgramAuth

_BETWEEN: Final = re.compile(r"(?<=\]); |\n")
"""Between the words of two rules, each of which ends with its name in brackets."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How errors of one cluster are said.

    Args:
        server: its address.
        context: of the kubeconfig.
        plugin: by which the context logs in, if it does by one.
        program: which logs in, if it is one with a client of its own.
    """

    server: str
    context: str | None
    plugin: UserExec | None
    program: ProgramAuth | None

    @contextmanager
    def meanwhile(self, doing: str) -> Iterator[None]:
        """What goes wrong meanwhile, said to a person."""
        try:
            yield
        except SkateError:
            raise
        except ApiError as error:
            raise self.of_code(doing, error.status.code or 0, error.status.message or "") from error
        except ConfigError as error:
            raise self._of_plugin(doing, str(error)) from error
        except (KeyError, ValueError) as error:
            if self.plugin is None:
                raise
            raise LoginError(
                f"What the command {self.plugin.command} of the context {self.context} printed is no token.",
                "Run it by hand: the kubeconfig says how, under `users`.",
            ) from error
        except httpx2.TimeoutException as error:
            raise UnreachableError(
                f"{self.server} (context {self.context}) gave no answer in time {doing}.",
                "Try again; if it stays so, tell whoever runs the platform.",
            ) from error
        except httpx2.HTTPError as error:
            if said := not_trusted(error):
                raise UnreachableError(
                    f"The certificate of {self.server} (context {self.context}) is not trusted {doing}: {said}.",
                    "Name who signed it in your kubeconfig, at this context's entry under `clusters`: "
                    "`certificate-authority: FILE`, or `certificate-authority-data`. `skate login --endpoint URL "
                    "--ca FILE` writes one that does. Behind a proxy that looks into connections it is the proxy's "
                    "authority, beside the cluster's own.",
                ) from error
            raise UnreachableError(
                f"{self.server} (context {self.context}) can't be reached {doing}: {error}",
                "Is the VPN on, and is this the right context? `kubectl config get-contexts` lists yours.",
            ) from error

    def _of_plugin(self, doing: str, said: str) -> LoginError:
        """Of what the kubeconfig logs in by."""
        _, is_skate, reason = said.partition("error: ")
        if is_skate and self._logs_in_by_skate():
            what, _, remedy = reason.strip().partition("\n")
            return LoginError(f"{what.rstrip('.')} (context {self.context}).", remedy)
        return LoginError(
            f"Your login to {self.server} (context {self.context}) failed {doing}: {said}",
            "Log in to what your kubeconfig asks, such as `aws sso login`, and try again.",
        )

    def _logs_in_by_skate(self) -> bool:
        return self.plugin is not None and of(self.plugin.command, self.plugin.args or ()) is not None

    def of_code(self, doing: str, code: int, message: str) -> SkateError:
        """An answer of the API server that is no success.

        Args:
            doing: what it was asked for.
            code, message: of the answer.
        """
        if code == 401 and self.program is not None and self.program.token is not None:
            return LoginError(
                f"{self.server} (context {self.context}) doesn't accept the token of the client "
                f"{self.program.program.client_id} {doing}: {told(self.program.token.claims)}.",
                "The platform's file says under `identity` what it takes: `aud` is its clientId, and the claim "
                "usernameClaim is there (`email` verified), as are requiredClaims. What is in the tokens of this "
                f"client, {IDENTITY_TEAM} can change.",
            )
        if code == 401 and self._logs_in_by_skate():
            return LoginError(
                f"{self.server} (context {self.context}) doesn't accept your token {doing}.",
                "`skate whoami --offline` shows its issuer and client: whoever runs the platform can say whether the "
                "cluster takes tokens of both. If it does, log in again: `skate login --browser` or `--device`.",
            )
        if code == 401:
            return LoginError(
                f"{self.server} (context {self.context}) doesn't accept your login {doing}: it has expired, or is "
                "unknown there.",
                "Log in again, such as by `aws sso login`. If that doesn't help, an owner of the tenant must list you "
                "under `people` of its stack.",
            )
        if code == 403:
            return NotAllowedError(
                f"You may not do this ({doing}): {message}",
                "An owner of the tenant can let you: you, or your group, under `people` of the tenant's stack file, "
                "with the purpose `submitter`.",
            )
        return UnreachableError(f"{self.server} answered {code} {doing}: {message}", "Try again.")


def not_trusted(error: BaseException) -> str:
    """What is wrong with a server's certificate, where that is what went wrong; else nothing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__cause__ or cause.__context__
    return ""


def faults(message: str) -> list[str]:
    """The single faults in what the API server said about a refused object."""
    _, _, rest = message.partition("denied request: ")
    return [part.strip() for part in _BETWEEN.split(rest or message) if part.strip()]


def is_right(error: ApiError) -> bool:
    """Whether a 403 is about what the person may do, not about the object."""
    message = error.status.message or ""
    return error.status.code == 403 and "cannot create resource" in message
