"""Nodes as the groups of a stack would start them, by what the groups tell the autoscaler of their nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fleet.offline.registration import Registrations
from tests.cluster.api import Object
from tests.cluster.cluster import Cluster

GROUP: Final = "aws:autoscaling/group:Group"
TEMPLATE: Final = "k8s.io/cluster-autoscaler/node-template/"
"""Of tags that say what a node has. Source: kubernetes/autoscaler 1.36.1, cloudprovider/aws/auto_scaling_groups.go"""


def nodes_of(stack: Registrations, each: int) -> Iterator[Object]:
    """So many nodes of each group of a stack, as they register: all that their status has is what pods may take."""
    for registration in stack.of_type(GROUP):
        tags = {tag["key"]: tag["value"] for tag in registration.inputs["tags"]}
        for number in range(1, each + 1):
            yield _node(f"{tags['Name']}-{number}", tags)


def _node(name: str, tags: Mapping[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                **_of_template(tags, "label/"),
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
                "kubernetes.io/hostname": name,
            },
        },
        "spec": {"taints": [_taint(key, value) for key, value in _of_template(tags, "taint/").items()]},
        "status": {"allocatable": _of_template(tags, "resources/")},
    }


def _of_template(tags: Mapping[str, str], part: str) -> dict[str, str]:
    prefix = TEMPLATE + part
    return {key.removeprefix(prefix): value for key, value in tags.items() if key.startswith(prefix)}


def _taint(key: str, value: str) -> dict[str, str]:
    text, _, effect = value.rpartition(":")
    return {"key": key, "value": text, "effect": effect}


def register(cluster: Cluster, node: Object) -> None:
    """Make a node, as `nodes_of` gives it."""
    cluster.admin.create(node)
    # Kubernetes adds a taint until the node is ready, and no controller that takes it away runs here.
    cluster.admin.merge(node, {"spec": {"taints": node["spec"]["taints"]}})
