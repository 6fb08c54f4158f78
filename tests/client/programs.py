"""A program that has a client of its own at the issuer, with a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tests.client.command import Ended, skate
from tests.issuer import Client, Provider

AUDIENCE: Final = "spark-dev"
SECRET: Final = "w0rd+of:a %program/é"  # noqa: S105
"""With what must be encoded on its way."""
GROUP: Final = "spark-airflow"


def program(provider: Provider, folder: Path, **changes: Any) -> Client:  # noqa: ANN401
    """A client `airflow` of the provider, whose secret is in the folder; `changes` are of the client."""
    usual = {
        "secret": SECRET,
        "grants": ("client_credentials",),
        "says": {"aud": AUDIENCE, "groups": [GROUP]},
    }
    made = Client("airflow", **{**usual, **changes})
    provider.clients[made.client_id] = made
    secret_file(folder).write_text(f"{SECRET}\n", encoding="utf-8")
    return made


def secret_file(folder: Path) -> Path:
    """Where the secret is."""
    return folder / "client-secret"


def token(provider: Provider, folder: Path, *more: str) -> Ended:
    """`skate token` of the program."""
    return skate("token", *named(provider, folder), *more)


def named(provider: Provider, folder: Path) -> tuple[str, ...]:
    """Options that name the program."""
    return (
        *("--issuer", provider.url, "--client-id", "airflow"),
        *("--client-secret-file", str(secret_file(folder))),
    )
