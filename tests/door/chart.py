"""What Envoy Gateway's chart brings to a cluster, as its source has it: definitions, accounts and their rights.

The chart is in the Go module that Envoy Gateway is built from. Its templates need no Helm to be read: rules are made of
blocks without anything to fill in, and the rest are roles with but a name and a namespace to fill in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from components.door.gateway import controller_values
from sizing import names
from tests.cluster.api import Object
from tests.cluster.cluster import RBAC, Account
from tests.door import programs

ACCOUNT: Final = Account(names.SYSTEM_NAMESPACE, "envoy-gateway")
CERTGEN: Final = Account(names.SYSTEM_NAMESPACE, "certgen")
MISSING: Final = "needs the source of Envoy Gateway's chart in Go's cache of modules, where make test-door leaves it"
_BLOCK: Final = re.compile(r'{{- define "eg\.rbac\.([a-z.]+)" -}}\n(.*?){{- end }}', re.DOTALL)
_LEFT_OUT: Final = ("namespaced", "cluster", "namespaced.topologyinjector")
"""Blocks made of others, and one of what the platform's values switch off."""


class Chart:
    """The source of the chart of the version that is pinned.

    Raises:
        LookupError: it isn't there; the message says what to do.
    """

    def __init__(self) -> None:
        cache = Path(os.environ.get("GOMODCACHE") or Path(os.environ.get("GOPATH") or Path.home() / "go") / "pkg/mod")
        self._folder = cache / f"{programs.REQUIREMENT}@{programs.gateway().version}" / "charts" / "gateway-helm"
        if not self._folder.is_dir():
            raise LookupError(f"{MISSING}: {self._folder}")

    def definitions(self) -> list[Object]:
        """Of the Gateway API and of Envoy Gateway, as the chart installs them."""
        files = sorted((self._folder / "charts" / "crds" / "crds").rglob("*.yaml"))
        found = [thing for file in files for thing in yaml.safe_load_all(file.read_text()) if thing]
        return [thing for thing in found if thing["kind"] == "CustomResourceDefinition"]

    def accounts(self) -> Iterator[Object]:
        """Of Envoy Gateway and of the job that makes certificates, with their rights."""
        cluster, infra = self._rules()
        yield _account(ACCOUNT)
        yield from _granted("ClusterRole", ACCOUNT, "everywhere", cluster)
        yield from _granted("Role", ACCOUNT, "infra", infra)
        yield from _granted("Role", ACCOUNT, "leader", self._role("leader-election-rbac.yaml"))
        yield _account(CERTGEN)
        yield from _granted("Role", CERTGEN, "own", self._role("certgen-rbac.yaml"))

    def _rules(self) -> tuple[list[Object], list[Object]]:
        assert controller_values()["topologyInjector"] == {"enabled": False}
        text = (self._folder / "templates" / "_rbac.tpl").read_text()
        blocks = {name: yaml.safe_load(body) for name, body in _BLOCK.findall(text) if name not in _LEFT_OUT}
        cluster = [rule for name, rule in blocks.items() if rule and name.startswith(("namespaced.", "cluster."))]
        return cluster, blocks["infra.basic"]

    def _role(self, file: str) -> list[Object]:
        lines = (self._folder / "templates" / file).read_text().split("\n---\n")
        (role,) = (text for text in lines if re.search(r"^kind: Role$", text, re.MULTILINE))
        rules: list[Object] = yaml.safe_load(role[role.index("\nrules:\n") :])["rules"]
        return rules


def configuration() -> Object:
    """Of Envoy Gateway, as the chart writes it from the platform's values, but for images and what nothing reads.

    Source: charts/gateway-helm/templates/_helpers.tpl (`eg.default-envoy-gateway-config`)
    """
    values: Any = controller_values()
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "EnvoyGateway",
        **values["config"]["envoyGateway"],
    }


def _account(account: Account) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(account, account.name)}


def _granted(kind: str, account: Account, part: str, rules: list[Object]) -> Iterator[Object]:
    metadata = _metadata(account, f"door-{account.name}-{part}")
    if kind == "ClusterRole":
        del metadata["namespace"]
    subject = {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    reference = {"apiGroup": RBAC, "kind": kind, "name": metadata["name"]}
    api = {"apiVersion": f"{RBAC}/v1"}
    yield {**api, "kind": kind, "metadata": metadata, "rules": rules}
    yield {**api, "kind": f"{kind}Binding", "metadata": metadata, "roleRef": reference, "subjects": [subject]}


def _metadata(account: Account, name: str) -> dict[str, str]:
    return {"name": name, "namespace": account.namespace}
