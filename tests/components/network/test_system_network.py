"""What the platform's own software may reach by its network policies, and who may reach it."""

from __future__ import annotations

import pytest

from components.network.policy_engine import IDENTITY_LABELS
from components.network.system_network import SystemNetwork, SystemNetworkArgs
from components.queue.network import ports_outside
from components.queue.queue import Queue
from sizing.values import Json
from tests import samples
from tests.components.network.identities import in_identity
from tests.components.queue.test_queue import ARGS
from tests.network_eval import Peer, allowed, connects, keys, selectors
from tests.recording import registrations_of

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
QUEUE_LABELS = {"elastic-spark/queue": "ads-batch"}
SCHEDULER = Peer("spark-system", {"app": "yunikorn", "component": "yunikorn-scheduler"})
ADMISSION = Peer("spark-system", {"app": "yunikorn", "component": "yunikorn-admission-controller"})
CONTROLLER = Peer(
    "spark-system", {"app.kubernetes.io/name": "spark-operator", "app.kubernetes.io/component": "controller"}
)
WEBHOOK = Peer("spark-system", {"app.kubernetes.io/name": "spark-operator", "app.kubernetes.io/component": "webhook"})
PROMETHEUS = Peer("spark-system", {"app.kubernetes.io/name": "prometheus"})
DRIVER = Peer("ads-batch", {"spark-role": "driver"}, namespace_labels=QUEUE_LABELS)
EXECUTOR = Peer("ads-batch", {"spark-role": "executor"}, namespace_labels=QUEUE_LABELS)
DNS = Peer("kube-system", {"k8s-app": "kube-dns"})
API_SERVER = Peer(address="10.40.3.7")
MAVEN_CENTRAL = Peer(address="151.101.1.1")
METADATA = Peer(address="169.254.169.254")


def _policies() -> list[Json]:
    args = SystemNetworkArgs(namespace="spark-system", egress_ports=ports_outside(on_eks=True), pages=None)

    def both() -> None:
        SystemNetwork("sn", args)
        Queue("q", ARGS)

    return [dict(r.inputs) for r in registrations_of(both).of_type(POLICY)]


POLICIES = _policies()


@pytest.mark.parametrize(
    ("sender", "receiver", "port", "protocol"),
    [
        (API_SERVER, WEBHOOK, 9443, "TCP"),
        (API_SERVER, ADMISSION, 9089, "TCP"),
        (SCHEDULER, API_SERVER, 443, "TCP"),
        (CONTROLLER, MAVEN_CENTRAL, 443, "TCP"),
        (CONTROLLER, DNS, 53, "UDP"),
        (PROMETHEUS, SCHEDULER, 9080, "TCP"),
        (PROMETHEUS, CONTROLLER, 8080, "TCP"),
        (PROMETHEUS, DRIVER, 4040, "TCP"),
        (PROMETHEUS, Peer("ads-batch", {"spark-role": "connect-server"}, "", QUEUE_LABELS), 4040, "TCP"),
        (PROMETHEUS, Peer("kube-system", {"app.kubernetes.io/name": "aws-cluster-autoscaler"}), 8085, "TCP"),
    ],
)
def test_it_is_connected_where_it_works_together(sender: Peer, receiver: Peer, port: int, protocol: str) -> None:
    assert connects(POLICIES, sender, receiver, port, protocol)


@pytest.mark.parametrize(
    ("sender", "receiver", "port"),
    [
        (DRIVER, SCHEDULER, 9080),
        (DRIVER, WEBHOOK, 9443),
        (EXECUTOR, PROMETHEUS, 9090),
        (CONTROLLER, DRIVER, 4040),
        (SCHEDULER, EXECUTOR, 7079),
        (CONTROLLER, METADATA, 80),
        (CONTROLLER, METADATA, 443),
        (CONTROLLER, MAVEN_CENTRAL, 80),
        (API_SERVER, SCHEDULER, 9080),
        (API_SERVER, CONTROLLER, 9443),
        (PROMETHEUS, DRIVER, 7078),
        (PROMETHEUS, EXECUTOR, 4040),
        (CONTROLLER, Peer("kube-system", {"app.kubernetes.io/name": "metrics-server"}), 10_250),
        (Peer("default", {"app": "shell"}), SCHEDULER, 9080),
    ],
)
def test_it_is_not_connected_elsewhere(sender: Peer, receiver: Peer, port: int) -> None:
    assert not connects(POLICIES, sender, receiver, port)


def test_a_queues_pods_are_kept_out_by_the_platforms_own_policies_too() -> None:
    assert not allowed(POLICIES, "Ingress", SCHEDULER, DRIVER, 9080)
    assert not allowed(POLICIES, "Ingress", WEBHOOK, DRIVER, 9443)


def test_only_labels_that_the_engine_knows_are_selected_by() -> None:
    of_namespaces = {"elastic-spark/queue", "kubernetes.io/metadata.name"}
    used = {key for policy in POLICIES for selector in selectors(policy) for key in keys(selector)} - of_namespaces
    assert {"component", "k8s-app", "spark-role"} < used
    assert {key for key in used if not in_identity(key, " ".join(IDENTITY_LABELS))} == set()


def test_a_platform_in_aws_has_them_and_one_on_an_existing_cluster_has_not() -> None:
    def system_policies(stack: str) -> list[Json]:
        registered = samples.platform_registrations(stack).of_type(POLICY)
        return [r.inputs for r in registered if r.inputs["metadata"]["namespace"] == "spark-system"]

    own = [policy for policy in POLICIES if policy["metadata"]["namespace"] == "spark-system"]
    assert sorted(system_policies("platform-dev"), key=str) == sorted(own, key=str)
    assert system_policies("platform-kind") == []
