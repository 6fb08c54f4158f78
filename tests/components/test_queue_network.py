"""Evaluates the policies as Kubernetes defines them: what any of them allows is allowed, the rest is not."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

import pytest

from components.queue import Queue
from fleet.registration import Json
from tests.components.test_queue import ARGS
from tests.recording import plan_of

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


class Peer(NamedTuple):
    """A pod, with its namespace and labels, or an address outside the cluster."""

    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    address: str = ""


DRIVER = Peer("ads-batch", (("spark-role", "driver"),))
EXECUTOR = Peer("ads-batch", (("spark-role", "executor"),))
DNS = Peer("kube-system", (("k8s-app", "kube-dns"),))
PROMETHEUS = Peer("spark-system", (("app.kubernetes.io/name", "prometheus"),))
OTHER_QUEUE = Peer("ads-batch2", (("spark-role", "driver"),))
S3 = Peer(address="52.219.72.1")
API_SERVER = Peer(address="10.40.3.7")
METADATA = Peer(address="169.254.169.254")
AGENT = Peer(address="169.254.170.23")


def specs(egress_ports: tuple[int, ...] = (443,)) -> list[dict[str, Json]]:
    changed = ARGS.__class__(**{**ARGS.__dict__, "egress_ports": egress_ports})
    return [r.inputs["spec"] for r in plan_of(lambda: Queue("q", changed)).of_type(POLICY)]


def allowed(direction: str, pod: Peer, peer: Peer, port: int, protocol: str = "TCP", **kwargs: Any) -> bool:  # noqa: ANN401
    """Whether the pod of the queue may send to (Egress) or receive from (Ingress) the peer."""
    rules, end = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    selected = [
        s for s in specs(**kwargs) if direction in s["policyTypes"] and _selects(s["podSelector"], dict(pod.labels))
    ]
    assert selected, "a pod that no policy selects may do anything"
    return any(
        any(_matches(one, pod.namespace, peer) for one in rule[end])
        and ("ports" not in rule or {"port": port, "protocol": protocol} in rule["ports"])
        for spec in selected
        for rule in spec.get(rules, [])
    )


def _matches(rule: dict[str, Json], own: str, peer: Peer) -> bool:
    if block := rule.get("ipBlock"):
        if not peer.address:
            return False
        address = ipaddress.ip_address(peer.address)
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(hole) for hole in block.get("except", [])
        )
    if peer.address:
        return False
    if "namespaceSelector" in rule:
        if not _selects(rule["namespaceSelector"], {"kubernetes.io/metadata.name": peer.namespace}):
            return False
    elif peer.namespace != own:
        return False
    return _selects(rule.get("podSelector", {}), dict(peer.labels))


def _selects(selector: dict[str, Json], labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


@pytest.mark.parametrize(
    ("pod", "peer", "port", "protocol"),
    [
        (DRIVER, DNS, 53, "UDP"),
        (EXECUTOR, DNS, 53, "TCP"),
        (DRIVER, EXECUTOR, 41_234, "TCP"),
        (EXECUTOR, DRIVER, 7078, "TCP"),
        (EXECUTOR, EXECUTOR, 7079, "TCP"),
        (EXECUTOR, S3, 443, "TCP"),
        (DRIVER, API_SERVER, 443, "TCP"),
        (EXECUTOR, AGENT, 80, "TCP"),
    ],
)
def test_pods_reach(pod: Peer, peer: Peer, port: int, protocol: str) -> None:
    assert allowed("Egress", pod, peer, port, protocol)


@pytest.mark.parametrize(
    ("peer", "port"),
    [
        (METADATA, 80),
        (METADATA, 443),
        (OTHER_QUEUE, 7078),
        (OTHER_QUEUE, 443),
        (PROMETHEUS, 9090),
        (Peer("kube-system", (("k8s-app", "metrics-server"),)), 443),
        (Peer("ads-batch2", (("k8s-app", "kube-dns"),)), 53),
        (S3, 80),
        (API_SERVER, 10_250),
    ],
)
def test_pods_do_not_reach(peer: Peer, port: int) -> None:
    assert not allowed("Egress", DRIVER, peer, port)


def test_pods_are_reached_from_their_own_queue_only_but_for_metrics() -> None:
    assert allowed("Ingress", DRIVER, EXECUTOR, 7078)
    assert allowed("Ingress", DRIVER, PROMETHEUS, 4040)
    assert not allowed("Ingress", DRIVER, PROMETHEUS, 7078)
    assert not allowed("Ingress", EXECUTOR, PROMETHEUS, 4040)
    assert not allowed("Ingress", DRIVER, OTHER_QUEUE, 4040)
    assert not allowed("Ingress", DRIVER, API_SERVER, 4040)


def test_pods_without_labels_are_denied_too() -> None:
    nobody = Peer("ads-batch")
    assert not allowed("Ingress", nobody, OTHER_QUEUE, 8080)
    assert not allowed("Egress", nobody, OTHER_QUEUE, 8080)


def test_the_api_server_of_an_existing_cluster_may_listen_elsewhere() -> None:
    assert not allowed("Egress", DRIVER, API_SERVER, 6443)
    assert allowed("Egress", DRIVER, API_SERVER, 6443, egress_ports=(443, 6443))


def test_only_labels_that_the_engine_knows_are_selected_by() -> None:
    used = {
        key
        for spec in specs()
        for selector in _selectors(spec)
        for key in selector.get("matchLabels", {})
        if key != "kubernetes.io/metadata.name"
    }
    assert used <= {"spark-role", "app", "k8s-app", "component", "release"}


def _selectors(part: Json) -> list[dict[str, Json]]:
    if isinstance(part, list):
        return [found for item in part for found in _selectors(item)]
    if not isinstance(part, dict):
        return []
    own = [value for key, value in part.items() if key.endswith("Selector")]
    return own + [found for value in part.values() for found in _selectors(value)]
