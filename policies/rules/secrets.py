"""Rules for secrets: that none of them stands in a program, its settings or its state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.model import Resource, Severity, resource_rule
from policies.rules.queues import CONFIG_MAP, RELEASE
from policies.rules.software import WORKLOADS
from policies.values import Items, Properties
from sizing.values import Json

CONTENTS: Final = "kubernetes:core/v1:Secret"
SECRET_WORDS: Final = (
    "accesskey",
    "apikey",
    "credentials",
    "encryptionkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "signingkey",
    "token",
)
"""Ends of the names of secrets."""
LOOKS_SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bA(?:KI|SI)A[0-9A-Z]{16}\b|\bgh[oprsu]_\w{36}|\beyJ[\w-]+\.eyJ[\w-]+\."
)
"""Private keys, keys of AWS, tokens of GitHub and JSON Web Tokens, whatever they are named."""


@resource_rule(
    CONTENTS,
    CONFIG_MAP,
    *WORKLOADS,
    severity=Severity.CRITICAL,
    remedy="Let whoever owns the secret make it (External Secrets, kubectl), and refer to it by name.",
)
def no_literal_secret_in_kubernetes(resource: Resource) -> Iterator[str]:
    """No stack writes a secret's content into Kubernetes, as a Secret, a ConfigMap or a container's environment.

    It would stand in the program or its settings, in Pulumi's state and in every preview of somebody with the key.
    """
    if resource.type == CONTENTS:
        for where in ("stringData", "data"):
            for key, value in (resource.props.get(where) or {}).items():
                if value:
                    yield f"{where}.{key} has a content"
    else:
        where = "data" if resource.type == CONFIG_MAP else "spec"
        yield from (f"{path} has a content" for path in _literal_secrets(resource.props.get(where), where))


@resource_rule(
    RELEASE,
    severity=Severity.CRITICAL,
    remedy="Name an existing Secret in the values instead; charts call it existingSecret or the like.",
)
def no_literal_secret_in_chart_values(chart: Resource) -> Iterator[str]:
    """No chart's values hold a secret.

    Helm keeps the values of each revision, readable for everybody who may read its release.
    """
    yield from (f"{path} has a content" for path in _literal_secrets(chart.props.get("values"), "values"))


def _literal_secrets(value: Json, path: str) -> Iterator[str]:
    """Where a text stands that is a secret by its key, by the name of an environment variable, or by its form."""
    if isinstance(value, str) and LOOKS_SECRET.search(value):
        yield path
    if isinstance(value, Properties):
        known = dict(value.known_items())
        for key in value:
            named = _names_a_secret(str(known.get("name", "")) if key == "value" else key)
            if named and isinstance(value[key], str):
                if value[key]:
                    yield f"{path}.{key}"
            elif key in known:
                yield from _literal_secrets(known[key], f"{path}.{key}")
    if isinstance(value, Items):
        for index, item in enumerate(value.known()):
            yield from _literal_secrets(item, f"{path}[{index}]")


def _names_a_secret(name: str) -> bool:
    word = re.sub("[^a-z]", "", name.lower())
    return word.endswith(SECRET_WORDS) and not word.startswith("existing")
