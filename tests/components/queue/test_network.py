"""What pods of a queue may reach by its network policies, and who may reach them."""

from __future__ import annotations

import pytest

from components.queue.queue import Queue
from sizing.values import Json
from tests.components.queue.test_queue import ARGS
from tests.network_eval import Peer, allowed, keys, selectors
from tests.recording import registrations_of

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
DRIVER = Peer("ads-batch", {"spark-role": "driver"})
CONNECT_SERVER = Peer("ads-batch", {"spark-role": "connect-server"})
EXECUTOR = Peer("ads-batch", {"spark-role": "executor"})
DNS = Peer("kube-system", {"k8s-app": "kube-dns"})
PROMETHEUS = Peer("spark-system", {"app.kubernetes.io/name": "prometheus"})
OPERATOR = Peer("spark-system", {"app.kubernetes.io/name": "spark-operator"})
OTHER_QUEUE = Peer("ads-batch2", {"spark-role": "driver"})
S3 = Peer(address="52.219.72.1")
API_SERVER = Peer(address="10.40.3.7")
METADATA = Peer(address="169.254.169.254")
AGENT = Peer(address="169.254.170.23")


def policies(egress_ports: tuple[int, ...] = (443,)) -> list[Json]:
    changed = ARGS.__class__(**{**ARGS.__dict__, "egress_ports": egress_ports})
    return [dict(r.inputs) for r in registrations_of(lambda: Queue("q", changed)).of_type(POLICY)]


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
    assert allowed(policies(), "Egress", pod, peer, port, protocol)


@pytest.mark.parametrize(
    ("peer", "port"),
    [
        (METADATA, 80),
        (METADATA, 443),
        (OTHER_QUEUE, 7078),
        (OTHER_QUEUE, 443),
        (PROMETHEUS, 9090),
        (OPERATOR, 9443),
        (Peer("kube-system", {"k8s-app": "metrics-server"}), 443),
        (Peer("ads-batch2", {"k8s-app": "kube-dns"}), 53),
        (S3, 80),
        (API_SERVER, 10_250),
    ],
)
def test_pods_do_not_reach(peer: Peer, port: int) -> None:
    assert not allowed(policies(), "Egress", DRIVER, peer, port)


def test_pods_are_reached_from_their_own_queue_only_but_for_metrics() -> None:
    def reached(pod: Peer, peer: Peer, port: int) -> bool:
        return allowed(policies(), "Ingress", pod, peer, port)

    assert reached(DRIVER, EXECUTOR, 7078)
    assert reached(DRIVER, PROMETHEUS, 4040)
    assert reached(CONNECT_SERVER, PROMETHEUS, 4040)
    assert not reached(DRIVER, PROMETHEUS, 7078)
    assert not reached(EXECUTOR, PROMETHEUS, 4040)
    assert not reached(DRIVER, OPERATOR, 4040)
    assert not reached(DRIVER, OTHER_QUEUE, 4040)
    assert not reached(DRIVER, API_SERVER, 4040)


def test_a_pod_of_another_queue_is_no_prometheus_whatever_it_is_called() -> None:
    forged = Peer("ads-batch2", PROMETHEUS.labels)
    assert not allowed(policies(), "Ingress", DRIVER, forged, 4040)


def test_pods_without_labels_are_denied_too() -> None:
    nobody = Peer("ads-batch")
    assert not allowed(policies(), "Ingress", nobody, OTHER_QUEUE, 8080)
    assert not allowed(policies(), "Egress", nobody, OTHER_QUEUE, 8080)


def test_the_api_server_of_an_existing_cluster_may_listen_elsewhere() -> None:
    assert not allowed(policies(), "Egress", DRIVER, API_SERVER, 6443)
    assert allowed(policies((443, 6443)), "Egress", DRIVER, API_SERVER, 6443)


def test_only_labels_that_the_engine_knows_are_selected_by() -> None:
    used = {key for policy in policies() for selector in selectors(policy) for key in keys(selector)}
    engine_knows = {"spark-role", "app", "k8s-app", "component", "release"}
    assert {key for key in used if not key.startswith(("app.kubernetes.io/", "kubernetes.io/"))} <= engine_knows
