"""Contexts that are added to a person's kubeconfig, beside whatever else is in the file."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from skate.errors import InputError
from skate.files import write_whole

WHO: Final = "Whoever runs the platform can say where its cluster is, and who signs for it."


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cluster's API is.

    Args:
        server: its address.
        authority: the certificate of who signs for it, as base64 of PEM.
    """

    server: str
    authority: str


def from_file(server: str, authority: Path) -> Endpoint:
    """Where a cluster's API is, as somebody told the person.

    Raises:
        InputError: the file holds no certificate.
    """
    try:
        pem = authority.read_bytes()
    except OSError as error:
        raise InputError(f"{authority} can't be read: {error.strerror}.", WHO) from error
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise InputError(f"{authority} holds no certificate in PEM.", WHO)
    if not server.startswith("https://"):
        raise InputError(f"{server} is no address of a cluster's API.", "It starts with https://.")
    return Endpoint(server=server, authority=base64.b64encode(pem).decode())


def entries(context: str, endpoint: Endpoint, plugin: dict[str, Any]) -> dict[str, Any]:
    """What a kubeconfig says of a cluster and of who asks there: a plugin makes a token whenever one is needed."""
    server = {"server": endpoint.server, "certificate-authority-data": endpoint.authority}
    return {
        "clusters": [{"name": context, "cluster": server}],
        **entries_beside(context, {"cluster": context}, plugin),
    }


def entries_beside(context: str, there: dict[str, str], plugin: dict[str, Any]) -> dict[str, Any]:
    """The same for a cluster that the kubeconfig knows already.

    Args:
        context: the new one's name, and its user's.
        there: what it shares with another context: the name of its cluster, and the namespace, if it has one.
        plugin: what makes tokens.
    """
    return {
        "contexts": [{"name": context, "context": {**there, "user": context}}],
        "users": [{"name": context, "user": {"exec": plugin}}],
    }


def added(path: Path, new: dict[str, Any]) -> dict[str, Any]:
    """A kubeconfig with a context more, or a newer one of the same cluster; all others are as they were.

    Raises:
        InputError: another cluster has that context, or the file is no kubeconfig.
    """
    try:
        text = path.read_text(encoding="utf-8")
        there = yaml.safe_load(text) or {}
    except FileNotFoundError:
        there = {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} can't be read as a kubeconfig: {error}", "Mend it, or name another file.") from error
    if not isinstance(there, dict):
        raise InputError(f"{path} is no kubeconfig.", "Name another file: KUBECONFIG.")
    whole: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "preferences": {}, **there}
    for part, (entry,) in new.items():
        others = [each for each in whole.get(part) or () if each.get("name") != entry["name"]]
        same = [each for each in whole.get(part) or () if each.get("name") == entry["name"]]
        if same and not _is_ours(part, same[0], entry):
            raise InputError(
                f"{path} has another {part[:-1]} called {entry['name']}; it is left as it is.",
                "Give this one another name: --context NAME.",
            )
        whole[part] = [*others, entry]
    whole.setdefault("current-context", new["contexts"][0]["name"])
    return whole


def write(path: Path, kubeconfig: dict[str, Any]) -> None:
    """Write a kubeconfig, whole or not at all; a new one is for its owner's eyes only.

    Raises:
        InputError: there is no writing there.
    """
    try:
        write_whole(path, yaml.safe_dump(kubeconfig, sort_keys=False))
    except OSError as error:
        raise InputError(
            f"{path} can't be written: {error.strerror}. It is as it was.",
            "Give yourself the right to write there, or name another file first in KUBECONFIG.",
        ) from error


def _is_ours(part: str, there: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether an entry is of the same cluster, so that a newer one may take its place."""
    match part:
        case "clusters":
            return bool((there.get("cluster") or {}).get("server") == new["cluster"]["server"])
        case "users":
            return _makes_tokens(there) is not None and _makes_tokens(there) == _makes_tokens(new)
        case _:
            inner = there.get("context") or {}
            return all(inner.get(key) == value for key, value in new["context"].items())


def _makes_tokens(user: dict[str, Any]) -> str | None:
    """The program that makes a user's tokens, of those that are written here."""
    plugin = (user.get("user") or {}).get("exec") or {}
    program, arguments = Path(str(plugin.get("command"))).stem, plugin.get("args") or ()
    if program == "aws" and "get-token" in arguments:
        return program
    return program if program == "skate" and arguments[:1] == ["token"] else None
