"""Logins of service accounts, for programs that run beside the cluster as if in it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cluster.api import TOKEN_SECONDS
from tests.cluster.cluster import Account, Cluster


def login_of(cluster: Cluster, account: Account, path: Path, seconds: int = TOKEN_SECONDS) -> Path:
    """Write a kubeconfig with a token of an account, which lasts so long; gives its path."""
    plane, name = cluster.plane, "test"
    server = {"server": plane.server, "certificate-authority": str(plane.authority)}
    token = cluster.admin.token(account.namespace, account.name, seconds=seconds)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    path.write_text(json.dumps(config))
    return path
