"""`skate token` as a credential plugin of kubectl and other programs that read a kubeconfig.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from skate.oidc.store import Stored

API: Final = "client.authentication.k8s.io"
VERSION: Final = f"{API}/v1"
VERSIONS: Final = (VERSION, f"{API}/v1beta1")
EXEC_INFO: Final = "KUBERNETES_EXEC_INFO"
"""In which kubectl says which version it understands."""
PROGRAM: Final = "skate"


def plugin(issuer: str, client_id: str) -> dict[str, Any]:
    """What makes tokens of an issuer, as a kubeconfig has it."""
    return {
        "apiVersion": VERSION,
        "command": program(),
        "args": ["token", "--issuer", issuer, "--client-id", client_id],
        "env": None,
        "interactiveMode": "Never",
        "provideClusterInfo": False,
        "installHint": "Install skate: pip install 'elastic-spark-client[login]'",
    }


def program() -> str:
    """How others call skate: by its name, if they find it so; in a virtual environment by its path."""
    here = Path(sys.executable).parent
    found = shutil.which(PROGRAM)
    if found is not None and (sys.prefix == sys.base_prefix or Path(found).parent != here):
        return PROGRAM
    own = here / PROGRAM
    return str(own) if own.exists() else PROGRAM


def of(command: str, arguments: Sequence[str]) -> tuple[str, str] | None:
    """The issuer and client of a plugin, if it is this one."""
    if Path(command).stem != PROGRAM or list(arguments[:1]) != ["token"]:
        return None
    named = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    issuer, client_id = named.get("--issuer"), named.get("--client-id")
    return (issuer, client_id) if issuer and client_id else None


def credential(login: Stored) -> dict[str, Any]:
    """A login as the plugin prints it; it is asked again when the token is about to end."""
    until = datetime.fromtimestamp(login.use_until, UTC)
    return {
        "apiVersion": _version(),
        "kind": "ExecCredential",
        "status": {"token": login.id_token, "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }


def _version() -> str:
    """The one that whoever asks understands."""
    try:
        asked = json.loads(os.environ.get(EXEC_INFO) or "{}").get("apiVersion")
    except (AttributeError, ValueError):
        asked = None
    return asked if asked in VERSIONS else VERSION
