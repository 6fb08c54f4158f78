"""What the command remembers for a person: their queues and the context of their kubeconfig."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from skate.errors import InputError
from skate.files import write_whole

FOLDER: Final = "SKATE_CONFIG"
"""Names the folder, if it isn't the usual one."""
GROUPS_CLAIM: Final = "groups"
"""Of ID tokens, unless the provider calls it otherwise."""


class Provider(BaseModel):
    """How a person logs in at an identity provider.

    Args:
        issuer: its address, to the letter.
        client_id: what skate is registered as there.
        scopes: what to ask for beside what is usual.
        groups_claim: the claim of ID tokens that lists groups.
        port: of the redirect to this machine, where the provider has it to the letter; None for a free one.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    issuer: str
    client_id: str
    scopes: list[str] = Field(default_factory=list)
    groups_claim: str = GROUPS_CLAIM
    port: int | None = None


class Config(BaseModel):
    """The person's own settings.

    Args:
        queues: namespaces of the queues that they use.
        context: of their kubeconfig; None for the current one.
        login: at an identity provider; None where they log in otherwise, such as to AWS.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    queues: list[str] = Field(default_factory=list)
    context: str | None = None
    login: Provider | None = None


def config_file() -> Path:
    """Where the settings are."""
    named = os.environ.get(FOLDER)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return (Path(named) if named else home / "skate") / "config.yaml"


def load_config() -> Config:
    """The settings; without a file, none.

    Raises:
        InputError: the file is none.
    """
    path = config_file()
    try:
        return Config.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError, ValidationError, yaml.YAMLError) as error:
        raise InputError(f"{path} can't be read: {error}", "Mend it, or remove it and log in again.") from error


def save_config(config: Config) -> None:
    """Write the settings, whole or not at all."""
    text = yaml.safe_dump(config.model_dump(by_alias=True, exclude_defaults=True), sort_keys=True)
    write_whole(config_file(), text)
