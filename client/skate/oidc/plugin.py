"""`skate token` as a credential plugin of kubectl and other programs that read a kubeconfig.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from skate.oidc.programs import Program

if TYPE_CHECKING:
    from skate.config import Provider

API: Final = "client.authentication.k8s.io"
VERSION: Final = f"{API}/v1"
VERSIONS: Final = (VERSION, f"{API}/v1beta1")
EXEC_INFO: Final = "KUBERNETES_EXEC_INFO"
"""In which kubectl says which version it understands."""
PROGRAM: Final = "skate"
ISSUER: Final = "--issuer"
CLIENT_ID: Final = "--client-id"
FROM_FILE: Final = "--client-secret-file"
FROM_VARIABLE: Final = "--client-secret-env"
AUDIENCE: Final = "--audience"
SCOPE: Final = "--scope"
OF_PROGRAMS: Final = {FROM_FILE: "secret_file", FROM_VARIABLE: "secret_variable", AUDIENCE: "audience"}
"""Options of `skate token` that programs alone have, by the field of a `Program`."""


def plugin(who: Program | Provider) -> dict[str, Any]:
    """What makes tokens of an issuer, for a program or for whoever is logged in, as a kubeconfig has it."""
    return {
        "apiVersion": VERSION,
        "command": program(),
        "args": ["token", *arguments(who)],
        "env": None,
        "interactiveMode": "Never",
        "provideClusterInfo": False,
        "installHint": "Install skate: pip install 'elastic-spark-client[login]'",
    }


def arguments(who: Program | Provider) -> list[str]:
    """What says to `skate token` whose token is meant."""
    named = [(ISSUER, who.issuer), (CLIENT_ID, who.client_id)]
    if isinstance(who, Program):
        named += [(option, value) for option, name in OF_PROGRAMS.items() if (value := getattr(who, name))]
        named += [(SCOPE, scope) for scope in who.scopes]
    return [each for pair in named for each in pair]


def program() -> str:
    """How others call skate: by its name, if they find it so; in a virtual environment by its path."""
    here = Path(sys.executable).parent
    found = shutil.which(PROGRAM)
    if found is not None and (sys.prefix == sys.base_prefix or Path(found).parent != here):
        return PROGRAM
    own = here / PROGRAM
    return str(own) if own.exists() else PROGRAM


def of(command: str, args: Sequence[str]) -> tuple[str, str] | None:
    """The issuer and client of whoever is logged in, if a plugin is this one, and not for a program."""
    found = _read(command, args)
    return None if found is None or program_of(command, args) else (found[ISSUER][0], found[CLIENT_ID][0])


def program_of(command: str, args: Sequence[str]) -> Program | None:
    """The program of a plugin, if it is this one, and for a program."""
    found = _read(command, args)
    if found is None or not (FROM_FILE in found or FROM_VARIABLE in found):
        return None
    file, variable, audience = (found.get(option, [None])[0] for option in OF_PROGRAMS)
    return Program(
        issuer=found[ISSUER][0],
        client_id=found[CLIENT_ID][0],
        secret_file=file,
        secret_variable=variable,
        audience=audience,
        scopes=tuple(found.get(SCOPE, ())),
    )


def _read(command: str, args: Sequence[str]) -> Mapping[str, Sequence[str]] | None:
    """By option what this plugin is called with; None for another one."""
    if Path(command).stem != PROGRAM or list(args[:1]) != ["token"]:
        return None
    found: dict[str, list[str]] = {}
    for option, value in zip(args[1::2], args[2::2], strict=False):
        found.setdefault(option, []).append(value)
    return found if ISSUER in found and CLIENT_ID in found else None


def credential(token: str, use_until: int) -> dict[str, Any]:
    """A token as the plugin prints it, which is asked again at that time, in seconds since 1970."""
    until = datetime.fromtimestamp(use_until, UTC)
    return {
        "apiVersion": _version(),
        "kind": "ExecCredential",
        "status": {"token": token, "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }


def _version() -> str:
    """The one that whoever asks understands."""
    try:
        asked = json.loads(os.environ.get(EXEC_INFO) or "{}").get("apiVersion")
    except (AttributeError, ValueError):
        asked = None
    return asked if asked in VERSIONS else VERSION
