"""How all commands end."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from fleet.errors import FleetError, WrongUsage
from infra.settings.findings import SettingsError

P = ParamSpec("P")


def ends_in_words(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends with what an error says: exit code 2 for wrong usage, else 1."""

    @wraps(command)
    def ending(*args: P.args, **options: P.kwargs) -> None:
        try:
            command(*args, **options)
        except WrongUsage as error:
            raise typer.BadParameter(str(error), param_hint=error.option) from None
        except (FleetError, SettingsError) as error:
            typer.secho(f"error: {error}", err=True, fg="red")
            raise typer.Exit(1) from None

    return ending
