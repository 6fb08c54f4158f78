"""Rows on the rules about literal secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.rules.queues import CONFIG_MAP, RELEASE
from tests.policies.drafts import UNKNOWN, Edit, add, put, put_value
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import IN_QUEUE


def _pods(container: Mapping[str, Any]) -> Edit:
    pods = {"spec": {"containers": [{"name": "x", "image": "registry.k8s.io/pause:3.10", **container}]}}
    return add("kubernetes:apps/v1:Deployment", metadata=IN_QUEUE, spec={"template": pods})


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="no-literal-secret-in-kubernetes",
        stack="ads-dev",
        breaks=add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, stringData={"password": "hunter2"}),
        unknown=add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, stringData={"password": UNKNOWN}),
    ),
    Mutation(
        rule="no-literal-secret-in-chart-values",
        stack="platform-kind",
        breaks=put_value("yunikorn", "adminPassword", "hunter2"),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("no-literal-secret-in-kubernetes", "ads-dev", edit, said)
        for edit, said in (
            (add(CONFIG_MAP, metadata=IN_QUEUE, data={"db_password": "hunter2"}), "data.db_password"),
            (add(CONFIG_MAP, metadata=IN_QUEUE, data={"tls": "-----BEGIN RSA PRIVATE KEY-----\nMII"}), "data.tls"),
            (_pods({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}), "containers[0].env[0].value"),
        )
    ),
    *(
        ("no-literal-secret-in-chart-values", "platform-kind", put(RELEASE, f"values/{key}", value), f"values.{key}")
        for key, value in (("refreshToken", "hunter2"), ("keystorePassword", "hunter2"), ("note", "AKIA" + "A" * 16))
    ),
    (
        "no-literal-secret-in-chart-values",
        "platform-kind",
        put_value("yunikorn", "env", [{"apiToken": "x"}]),
        "values.env[0].apiToken",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "url", UNKNOWN)),
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "existingSecret", "made-elsewhere")),
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "tokenPath", "/var/run/x")),
    ("no-literal-secret-in-chart-values", "platform-kind", put(RELEASE, "values/adminPassword", "")),
    ("no-literal-secret-in-kubernetes", "ads-dev", add(CONFIG_MAP, metadata=IN_QUEUE, data={"token_path": "/var/x"})),
    ("no-literal-secret-in-kubernetes", "ads-dev", add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, data={"a": ""})),
)
