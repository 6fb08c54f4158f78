"""The CustomResourceDefinition of CapacityBuffer, which cluster-autoscaler reads and its chart doesn't bring.

Written from the facts of kubernetes/autoscaler 1.36.1 (apis/capacitybuffer, capacitybuffer/client). Its client speaks
v1beta1 only, so the deprecated v1alpha1 is not served. The autoscaler waits at its start until it can list buffers, so
this has to be there first.
"""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

GROUP: Final = "autoscaling.x-k8s.io"
VERSION: Final = "v1beta1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "CapacityBuffer"
ACTIVE: Final = "buffer.x-k8s.io/active-capacity"
"""The strategy of a buffer that scales the cluster out ahead of time."""

Schema = dict[str, object]

STRING: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "format": "int32", "minimum": 0}
_QUANTITY: Final[Schema] = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    # One value that is no quantity would keep the autoscaler from reading any buffer.
    "pattern": r"^\d+(\.\d+)?([kMGTPE]|[KMGTPE]i|m)?$",
    "x-kubernetes-int-or-string": True,
}
_CONDITION: Final[Schema] = {
    "type": "object",
    "required": ["type", "status", "reason", "message", "lastTransitionTime"],
    "properties": {
        "type": {"type": "string", "maxLength": 316},
        "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
        "reason": {"type": "string", "minLength": 1, "maxLength": 1024},
        "message": {"type": "string", "maxLength": 32768},
        "lastTransitionTime": {"type": "string", "format": "date-time"},
        "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
    },
}
CONDITIONS: Final[Schema] = {
    "type": "array",
    "items": _CONDITION,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
}


def _reference(description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1}},
    }


_SPEC: Final[Schema] = {
    "type": "object",
    "description": "How much room is held ready, and for pods of which shape.",
    "properties": {
        "provisioningStrategy": {"type": "string", "default": ACTIVE, "description": "How the room is held ready."},
        "podTemplateRef": _reference("The PodTemplate, in the same namespace, of one unit of the buffer."),
        "scalableRef": {
            "type": "object",
            "description": "A workload with a scale subresource whose pods give the shape of one unit.",
            "required": ["kind", "name"],
            "properties": {
                "apiGroup": {"type": "string", "description": "Empty for the core group."},
                "kind": {"type": "string", "minLength": 1},
                "name": {"type": "string", "minLength": 1},
            },
        },
        "replicas": _COUNT | {"description": "Units held ready; with a percentage too, the larger of the two."},
        "percentage": _COUNT
        | {"description": "Units as a share of the workload's replicas, rounded up, at least one."},
        "limits": {
            "type": "object",
            "additionalProperties": _QUANTITY,
            "description": "Requests of all units together at most; alone, as many units as fit.",
        },
    },
    "x-kubernetes-validations": [
        {
            "rule": "!(has(self.podTemplateRef) && has(self.scalableRef))",
            "message": "podTemplateRef and scalableRef exclude each other",
        },
        {
            "rule": "!has(self.podTemplateRef) || has(self.replicas) || has(self.limits)",
            "message": "podTemplateRef needs replicas or limits",
        },
    ],
}
_STATUS: Final[Schema] = {
    "type": "object",
    "description": "What the autoscaler made of it.",
    "properties": {
        "provisioningStrategy": STRING,
        "podTemplateRef": _reference("The PodTemplate in use: the autoscaler's own copy, with defaults filled in."),
        "podTemplateGeneration": {"type": "integer", "format": "int64"},
        "replicas": {"type": "integer", "format": "int32", "description": "Units that count at present."},
        "conditions": CONDITIONS,
    },
}
_DEFINITION: Final[Any] = {
    "group": GROUP,
    "scope": "Namespaced",
    "names": {
        "kind": KIND,
        "listKind": f"{KIND}List",
        "plural": "capacitybuffers",
        "singular": "capacitybuffer",
        "shortNames": ["cb"],
    },
    "versions": [
        {
            "name": VERSION,
            "served": True,
            "storage": True,
            "subresources": {"status": {}},
            "additionalPrinterColumns": [
                {"name": "Wanted", "type": "integer", "jsonPath": ".spec.replicas"},
                {"name": "Counted", "type": "integer", "jsonPath": ".status.replicas"},
                {
                    "name": "Provisioning",
                    "type": "string",
                    "jsonPath": '.status.conditions[?(@.type=="Provisioning")].status',
                },
                {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
            ],
            "schema": {
                "openAPIV3Schema": {
                    "type": "object",
                    "description": "Room that the autoscaler holds ready for pods that are yet to come.",
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


def capacity_buffer_crd(
    name: str, opts: pulumi.ResourceOptions | None = None
) -> k8s.apiextensions.v1.CustomResourceDefinition:
    """Registers the definition; what uses buffers, cluster-autoscaler included, depends on the resource given back."""
    return k8s.apiextensions.v1.CustomResourceDefinition(
        name, metadata={"name": f"capacitybuffers.{GROUP}"}, spec=_DEFINITION, opts=opts
    )
