"""Logins that are kept: a file for each, which nobody but its owner may read."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from skate.config import config_file
from skate.errors import LoginError
from skate.files import write_whole
from skate.oidc.tokens import use_until

FOLDER: Final = "logins"
MODE: Final = 0o600
OTHERS: Final = 0o077
LOCK_SECONDS: Final = 60.0
"""For another skate to renew a login."""


class Stored(BaseModel):
    """A login.

    Args:
        issuer, client_id: where, and as which program.
        groups_claim: the claim of its tokens that lists groups.
        id_token: what the cluster and the door take.
        refresh_token: what renews it; None where the issuer gave none.
        issued, ends: of the ID token, seconds since 1970.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")

    issuer: str
    client_id: str
    groups_claim: str
    id_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    issued: int
    ends: int

    @property
    def use_until(self) -> int:
        """When it is to be renewed, seconds since 1970."""
        return use_until(self.issued, self.ends)

    @property
    def is_fresh(self) -> bool:
        """Whether it may be used as it is."""
        return time.time() < self.use_until


def login_file(issuer: str, client_id: str) -> Path:
    """Where the login of a client at an issuer is kept."""
    host = re.sub(r"[^a-z0-9.-]", "", urlsplit(issuer).hostname or "")
    digest = hashlib.sha256(f"{issuer}\n{client_id}".encode()).hexdigest()
    return config_file().parent / FOLDER / f"{host}-{digest[:12]}.json"


def login_command(issuer: str, client_id: str) -> str:
    """How a person logs in there."""
    return f"`skate login --issuer {issuer} --client-id {client_id}`"


def load(issuer: str, client_id: str) -> Stored | None:
    """A login that is kept, if there is one.

    Raises:
        LoginError: the file can't be read, or others may read it.
    """
    path = login_file(issuer, client_id)
    try:
        return _read(path, login_command(issuer, client_id))
    except FileNotFoundError:
        return None


def all_logins() -> list[Stored]:
    """All that are kept. Raises LoginError, as `load` does."""
    return [_read(path, "`skate login`") for path in sorted((config_file().parent / FOLDER).glob("*.json"))]


def save(login: Stored) -> None:
    """Keep a login in place of an older one, whole or not at all.

    Raises:
        LoginError: there is no writing there.
    """
    path = login_file(login.issuer, login.client_id)
    try:
        write_whole(path, login.model_dump_json(by_alias=True, exclude_none=True), MODE)
    except OSError as error:
        raise _not_kept(path, error) from error


def remove(login: Stored) -> None:
    """Forget a login."""
    login_file(login.issuer, login.client_id).unlink(missing_ok=True)


@contextmanager
def alone(issuer: str, client_id: str) -> Iterator[None]:
    """Meanwhile no other skate renews that login: with most issuers a refresh token is good for one time only."""
    from filelock import FileLock, Timeout

    path = login_file(issuer, client_id)
    lock = FileLock(path.with_suffix(".lock"), mode=MODE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout as error:
        raise LoginError(
            f"Another skate has been renewing the login at {issuer} for {LOCK_SECONDS:.0f} seconds.", "Try again."
        ) from error
    except OSError as error:
        raise _not_kept(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _not_kept(path: Path, error: OSError) -> LoginError:
    return LoginError(
        f"The login can't be kept in {path}: {error.strerror}.",
        "Make room or give yourself the right to write there, or name another folder: SKATE_CONFIG.",
    )


def _read(path: Path, again: str) -> Stored:
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise LoginError(
            f"{path}, where your login is kept, can't be read: {error}", f"Remove it, then: {again}"
        ) from error
    if os.name == "posix" and mode & OTHERS:
        raise LoginError(
            f"{path}, where your login is kept, is open to others (mode {mode & 0o777:o}); it is not used.",
            f"If nobody else was on this machine: chmod 600 {path}. Else remove it, then: {again}",
        )
    try:
        return Stored.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise LoginError(
            f"{path} holds no login: {'.'.join(map(str, first['loc'])) or 'its text'}: {first['msg']}.",
            f"Remove it, then: {again}",
        ) from error
