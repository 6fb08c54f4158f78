"""Logins at an identity provider by the command, and what is kept of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from skate.oidc.store import login_file

from tests.client.command import Ended, skate
from tests.issuer import Provider


def log_in(provider: Provider, *more: str, client: str = "spark") -> Ended:
    """`skate login` there."""
    return skate("login", "--issuer", provider.url, "--client-id", client, *more)


def token(provider: Provider, *more: str) -> Ended:
    """What kubectl calls."""
    return skate("token", "--issuer", provider.url, "--client-id", "spark", *more)


def kept(provider: Provider) -> Path:
    """Where the login is."""
    return login_file(provider.url, "spark")


def change(provider: Provider, **changes: Any) -> None:  # noqa: ANN401
    """Change what is kept of the login."""
    path = kept(provider)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def end_token(provider: Provider) -> None:
    """The ID token has ended, as time passes."""
    change(provider, ends=int(time.time()) - 1)
