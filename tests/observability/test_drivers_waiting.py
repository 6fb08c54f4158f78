"""A driver that waits for a node is the platform's matter without room for it, and else its tenant's, by promtool."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sizing.quantities import GIB
from tests.observability.firing import assert_fires
from tests.observability.programs import Programs

PLATFORM, TENANT = "ElasticSparkDriverPending", "ElasticSparkDriverFitsNoNode"


def node(name: str, cpu: float = 7.9, memory: int = 30 * GIB, ready: int = 1, taint: str = "") -> dict[str, str]:
    """A driver node; a taint as `key:effect`, beside its pool's."""
    key, _, effect = taint.partition(":")
    return {
        f'kube_node_labels{{node="{name}", pool="driver", purpose="driver"}}': "1x40",
        f'kube_node_status_condition{{node="{name}", condition="Ready", status="true"}}': f"{ready}x40",
        f'kube_node_status_allocatable{{node="{name}", resource="cpu"}}': f"{cpu}x40",
        f'kube_node_status_allocatable{{node="{name}", resource="memory"}}': f"{memory}x40",
        f'kube_node_spec_taint{{node="{name}", key="elastic-spark/pool", effect="NoSchedule"}}': "1x40",
        **({f'kube_node_spec_taint{{node="{name}", key="{key}", effect="{effect}"}}': "1x40"} if key else {}),
    }


def driver(cpu: float = 2, memory: int = 8 * GIB, on: str = "", name: str = "etl") -> dict[str, str]:
    """A driver of two containers, without a node or on one."""
    pod = f'namespace="ads-batch", pod="{name}-driver", uid="{name}"'
    request = "kube_pod_container_resource_requests"
    requests = {
        f'{request}{{{pod}, container="{container}", node="{on}", resource="{what}"}}': amount
        for container in ("driver", "sidecar")
        for what, amount in (("cpu", f"{cpu / 2}x40"), ("memory", f"{memory / 2}x40"))
    }
    waits = {} if on else {f"kube_pod_status_unschedulable{{{pod}}}": "1x40"}
    return {f'kube_pod_nodeselectors{{{pod}, pool="driver"}}': "1x40", **requests, **waits}


CASES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "no node at all": (driver(), PLATFORM),
    "room on a ready node": (driver() | node("a"), TENANT),
    "a node that is full": (driver() | node("a") | driver(7, 20 * GIB, on="a", name="other"), PLATFORM),
    "a second node with room": (
        driver() | node("a") | driver(7, 20 * GIB, on="a", name="other") | node("b"),
        TENANT,
    ),
    "a driver larger than a node": (driver(cpu=8) | node("a"), PLATFORM),
    "a driver with more memory than a node has left": (driver(memory=31 * GIB) | node("a"), PLATFORM),
    "cpu on one node and memory on another": (
        driver(4, 16 * GIB) | node("a", memory=8 * GIB) | node("b", cpu=2.5),
        PLATFORM,
    ),
    "a node that is not ready": (driver() | node("a", ready=0), PLATFORM),
    "a cordoned node": (driver() | node("a", taint="node.kubernetes.io/unschedulable:NoSchedule"), PLATFORM),
    "a node that waits for Cilium": (driver() | node("a", taint="node.cilium.io/agent-not-ready:NoExecute"), PLATFORM),
    "a node that may go soon": (
        driver() | node("a", taint="DeletionCandidateOfClusterAutoscaler:PreferNoSchedule"),
        TENANT,
    ),
    "a driver that has a node": (driver(on="a") | node("a"), ""),
}


@pytest.mark.parametrize(("given", "told"), CASES.values(), ids=CASES)
def test_who_is_told_of_a_driver_without_a_node(
    programs: Programs, tmp_path: Path, given: Mapping[str, str], told: str
) -> None:
    assert_fires(programs, tmp_path, given, [PLATFORM, TENANT], [told] if told else [], 15)
