"""What commands that ask the platform's Prometheus take in the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from fleet.live.cost.access import LOCAL_URL, PORT_FORWARD, TOKEN_VARIABLE, URL_VARIABLE

if TYPE_CHECKING:
    from fleet.live.cost.prometheus import Prometheus

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How to ask a Prometheus, as options say it.

    Attributes:
        prometheus: where it answers; `None` where nobody says it.
        token_file: a file with a bearer token; `None` for the environment's, if any.
        ca_file: certificates to trust.
        match: pairs `label=value` that all series must have.
        timeout: seconds to wait for each answer.
    """

    prometheus: Annotated[
        str | None, typer.Option("--prometheus", metavar="URL", envvar=URL_VARIABLE, help="Where Prometheus answers.")
    ] = None
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=f"A bearer token for Prometheus; without, the one in {TOKEN_VARIABLE}.",
            dir_okay=False,
        ),
    ] = None
    ca_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Certificates of the authority to trust for Prometheus.",
            dir_okay=False,
            exists=True,
        ),
    ] = None
    match: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=VALUE", help="Only series with this label, where platforms share a Prometheus."),
    ] = None
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="How long to wait for each answer.")] = 60

    def first_given(self) -> str | None:
        """The first option given that only a Prometheus has; its address may be in the environment."""
        given = {"--token-file": self.token_file, "--ca-file": self.ca_file, "--match": self.match}
        return next((option for option, value in given.items() if value), None)

    def address(self, instead: str = "") -> str:
        """Where it answers.

        Args:
            instead: what else could be given, for the error.

        Raises:
            typer.BadParameter: no address is given.
        """
        if not self.prometheus:
            raise typer.BadParameter(
                f"name the platform's Prometheus, here or in {URL_VARIABLE}{instead}; to reach it inside the cluster: "
                f"`{PORT_FORWARD}`, then --prometheus {LOCAL_URL}",
                param_hint="--prometheus",
            )
        return self.prometheus

    def server(self) -> Prometheus:
        """What to ask.

        Raises:
            typer.BadParameter: no address is given.
            CostReportError: the address or the token is none, or requests can't be signed.
        """
        from fleet.live.cost.prometheus import Prometheus, token

        own = token(self.token_file)
        return Prometheus(self.address(), token=own, ca_file=self.ca_file, timeout=self.timeout)


def with_progress(what: str, work: Callable[[Callable[[float], None]], Found]) -> Found:
    """What some work gives, with a bar while it lasts, where standard error is a terminal.

    Args:
        what: it does, in a few words.
        work: takes what is to be told the share that is done.
    """
    errors = Console(emoji=False, stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)
        return work(lambda done: progress.update(task, completed=done))
