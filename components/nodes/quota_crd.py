"""The CustomResourceDefinition of CapacityQuota, which cluster-autoscaler reads and its chart doesn't bring.

Written from the facts of kubernetes/autoscaler 1.36.1 (apis/capacityquota, resourcequotas/capacityquota), which has it
as v1alpha1. With `--capacity-quotas-enabled` the autoscaler waits at its start until it can list quotas, so this has to
be there first.
"""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from components.nodes.buffer_crd import CONDITIONS, GROUP, STRING, Schema

VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "CapacityQuota"
PLURAL: Final = "capacityquotas"

_STRINGS: Final[Schema] = {"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"}
_AMOUNTS: Final[Schema] = {
    "type": "object",
    "maxProperties": 20,
    "additionalProperties": {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        # The autoscaler counts in whole numbers, and takes no fraction or negative amount.
        "pattern": r"^\d+([kMGTPE]|[KMGTPE]i)?$",
        "x-kubernetes-int-or-string": True,
    },
}
_SELECTOR: Final[Schema] = {
    "type": "object",
    "description": "Which nodes count, by their labels; all, where it is absent or empty.",
    "properties": {
        "matchLabels": {"type": "object", "additionalProperties": STRING},
        "matchExpressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "operator"],
                "properties": {"key": STRING, "operator": STRING, "values": _STRINGS},
            },
            "x-kubernetes-list-type": "atomic",
        },
    },
    "x-kubernetes-map-type": "atomic",
}
_SPEC: Final[Schema] = {
    "type": "object",
    "description": "Which nodes count, and how much of what they may be together.",
    "required": ["limits"],
    "properties": {
        "selector": _SELECTOR,
        "limits": {
            "type": "object",
            "required": ["resources"],
            "properties": {"resources": _AMOUNTS | {"description": "`nodes`, and what nodes have: `cpu`, `memory`."}},
        },
    },
}
_STATUS: Final[Schema] = {
    "type": "object",
    "description": "What the autoscaler made of it; it holds only where the condition Valid is true.",
    "properties": {
        "used": {"type": "object", "required": ["resources"], "properties": {"resources": _AMOUNTS}},
        "conditions": CONDITIONS,
    },
}
_DEFINITION: Final[Any] = {
    "group": GROUP,
    "scope": "Cluster",
    "names": {
        "kind": KIND,
        "listKind": f"{KIND}List",
        "plural": PLURAL,
        "singular": "capacityquota",
        "shortNames": ["cq"],
    },
    "versions": [
        {
            "name": VERSION,
            "served": True,
            "storage": True,
            "subresources": {"status": {}},
            "additionalPrinterColumns": [
                {"name": "Nodes", "type": "string", "jsonPath": ".status.used.resources.nodes"},
                {"name": "Maximum", "type": "string", "jsonPath": ".spec.limits.resources.nodes"},
                {"name": "Valid", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Valid")].status'},
                {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
            ],
            "schema": {
                "openAPIV3Schema": {
                    "type": "object",
                    "description": "How many nodes with some labels the autoscaler brings at most.",
                    "required": ["spec"],
                    "properties": {
                        "apiVersion": STRING,
                        "kind": STRING,
                        "metadata": {"type": "object"},
                        "spec": _SPEC,
                        "status": _STATUS,
                    },
                }
            },
        }
    ],
}


def capacity_quota_crd(
    name: str, opts: pulumi.ResourceOptions | None = None
) -> k8s.apiextensions.v1.CustomResourceDefinition:
    """Registers the definition; what reads or makes quotas depends on the resource given back."""
    return k8s.apiextensions.v1.CustomResourceDefinition(
        name, metadata={"name": f"{PLURAL}.{GROUP}"}, spec=_DEFINITION, opts=opts
    )
