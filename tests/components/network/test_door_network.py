"""What the door may reach by its network policies, and who reaches it."""

from __future__ import annotations

import pytest

from components.door.pages import pages
from components.network.policy_engine import IDENTITY_LABELS
from components.network.system_network import SystemNetwork, SystemNetworkArgs
from components.queue.network import ports_outside
from sizing.values import Json
from tests.components.network.identities import in_identity
from tests.network_eval import Peer, allowed, connects, keys, selectors
from tests.recording import registrations_of

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ENVOY = Peer("spark-system", {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"})
GATEWAY = Peer("spark-system", {"app.kubernetes.io/name": "gateway-helm"})
PROMETHEUS = Peer("spark-system", {"app.kubernetes.io/name": "prometheus"})
GRAFANA = Peer("spark-system", {"app.kubernetes.io/name": "grafana"})
ALERTMANAGER = Peer("spark-system", {"app.kubernetes.io/name": "alertmanager"})
SCHEDULER = Peer("spark-system", {"app": "yunikorn", "component": "yunikorn-scheduler"})
WEBHOOK = Peer("spark-system", {"app.kubernetes.io/name": "spark-operator", "app.kubernetes.io/component": "webhook"})
HISTORY = Peer("ads-batch", {"app.kubernetes.io/name": "spark-history"}, "", {"elastic-spark/queue": "ads-batch"})
DRIVER = Peer("ads-batch", {"spark-role": "driver"}, "", {"elastic-spark/queue": "ads-batch"})
ISSUER = Peer(address="151.101.1.1")
API_SERVER = Peer(address="10.40.1.1")
SOMEBODY = Peer(address="10.40.9.9")
START = Peer("spark-system", {"app.kubernetes.io/name": "door-start", "app.kubernetes.io/component": "start-page"})
DNS = Peer("kube-system", {"k8s-app": "kube-dns"})


def _policies() -> list[Json]:
    args = SystemNetworkArgs(
        namespace="spark-system",
        egress_ports=ports_outside(on_eks=True),
        pages=pages(monitoring=True, grafana=True),
    )
    return [dict(r.inputs) for r in registrations_of(lambda: SystemNetwork("sn", args)).of_type(POLICY)]


POLICIES = _policies()


@pytest.mark.parametrize(
    ("sender", "receiver", "port", "protocol"),
    [
        (SOMEBODY, ENVOY, 8080, "TCP"),
        (PROMETHEUS, ENVOY, 19_001, "TCP"),
        (ENVOY, GATEWAY, 18_000, "TCP"),
        (ENVOY, GRAFANA, 3000, "TCP"),
        (ENVOY, PROMETHEUS, 9090, "TCP"),
        (ENVOY, ALERTMANAGER, 9093, "TCP"),
        (ENVOY, SCHEDULER, 9889, "TCP"),
        (ENVOY, START, 8080, "TCP"),
        (START, API_SERVER, 443, "TCP"),
        (START, DNS, 53, "UDP"),
        (ENVOY, ISSUER, 443, "TCP"),
        (ENVOY, DNS, 53, "UDP"),
        (GATEWAY, ISSUER, 443, "TCP"),
        (PROMETHEUS, GATEWAY, 19_001, "TCP"),
        (PROMETHEUS, SCHEDULER, 9080, "TCP"),
        (GRAFANA, PROMETHEUS, 9090, "TCP"),
    ],
)
def test_the_door_is_connected_where_it_works_together(sender: Peer, receiver: Peer, port: int, protocol: str) -> None:
    assert connects(POLICIES, sender, receiver, port, protocol)


def test_the_door_may_ask_history_servers() -> None:
    assert allowed(POLICIES, "Egress", ENVOY, HISTORY, 18_080)
    assert allowed(POLICIES, "Egress", ENVOY, HISTORY, 18_081)


@pytest.mark.parametrize(
    ("sender", "receiver", "port"),
    [
        (SOMEBODY, ENVOY, 19_001),
        (SOMEBODY, ENVOY, 19_000),
        (SOMEBODY, GATEWAY, 18_000),
        (SOMEBODY, GRAFANA, 3000),
        (ENVOY, WEBHOOK, 9443),
        (ENVOY, SCHEDULER, 9080),
        (ENVOY, GATEWAY, 18_001),
        (ENVOY, PROMETHEUS, 8080),
        (ENVOY, ISSUER, 80),
        (WEBHOOK, ENVOY, 8080),
        (GRAFANA, ENVOY, 8080),
        (SOMEBODY, START, 8080),
        (DRIVER, START, 8080),
        (HISTORY, START, 8080),
        (GRAFANA, START, 8080),
        (PROMETHEUS, START, 8080),
        (GATEWAY, START, 8080),
        (START, START, 8080),
        (ENVOY, START, 8081),
        (START, GRAFANA, 3000),
        (START, PROMETHEUS, 9090),
        (START, SCHEDULER, 9889),
        (START, ENVOY, 8080),
        (START, API_SERVER, 80),
    ],
)
def test_the_door_is_connected_to_nothing_else(sender: Peer, receiver: Peer, port: int) -> None:
    assert not connects(POLICIES, sender, receiver, port)


@pytest.mark.parametrize(("receiver", "port"), [(DRIVER, 4040), (DRIVER, 7078), (HISTORY, 22), (HISTORY, 18_082)])
def test_of_a_queue_the_door_reaches_the_history_server_alone(receiver: Peer, port: int) -> None:
    assert not allowed(POLICIES, "Egress", ENVOY, receiver, port)


def test_only_labels_that_the_engine_knows_are_selected_by() -> None:
    of_namespaces = {"elastic-spark/queue", "kubernetes.io/metadata.name"}
    used = {key for policy in POLICIES for selector in selectors(policy) for key in keys(selector)} - of_namespaces
    assert {key for key in used if not in_identity(key, " ".join(IDENTITY_LABELS))} == set()
