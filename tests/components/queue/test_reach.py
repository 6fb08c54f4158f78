"""The network policies of a queue that names hosts and ranges."""

from __future__ import annotations

from dataclasses import replace

from components.queue.queue import Queue
from components.queue.reach import hosts_policy, ranges_policy
from fleet.offline.registration import Registrations
from sizing.reach import Opening
from tests.components.queue.test_network import DRIVER, METADATA, POLICY, S3
from tests.components.queue.test_queue import ARGS
from tests.network_eval import Peer, allowed
from tests.recording import registrations_of

NAMESPACE = "kubernetes:core/v1:Namespace"
HOSTS = "kubernetes:cilium.io/v2:CiliumNetworkPolicy"
BROKER, BESIDE = Peer(address="10.60.1.9"), Peer(address="10.60.2.9")
NAMED = (
    Opening("10.60.1.0/24", 9094),
    Opening("db.example.com", 5432),
    Opening("10.60.1.0/24", 9092),
    Opening("*.kafka.example.com", 9092),
    Opening("db.example.com", 5432),
)


def registered(*openings: Opening) -> Registrations:
    return registrations_of(lambda: Queue("q", replace(ARGS, openings=openings)))


def test_a_range_is_open_on_its_ports_and_nothing_beside_it_is() -> None:
    policies = [dict(r.inputs) for r in registered(*NAMED).of_type(POLICY)]
    assert allowed(policies, "Egress", DRIVER, BROKER, 9092)
    assert allowed(policies, "Egress", DRIVER, BROKER, 9094)
    assert not allowed(policies, "Egress", DRIVER, BROKER, 9093)
    assert not allowed(policies, "Egress", DRIVER, BROKER, 9092, "UDP")
    assert not allowed(policies, "Egress", DRIVER, BESIDE, 9092)
    assert not allowed(policies, "Egress", DRIVER, S3, 9092)
    assert not allowed(policies, "Egress", DRIVER, METADATA, 80)
    assert not allowed(policies, "Ingress", DRIVER, BROKER, 9092)


def test_a_host_is_open_by_name_on_its_ports_and_dns_answers_are_seen() -> None:
    (policy,) = registered(*NAMED).of_type(HOSTS)
    assert policy.inputs["metadata"] == {"name": "reach", "namespace": "ads-batch"}
    assert policy.inputs["spec"] == {
        "endpointSelector": {},
        "egress": [
            {
                "toEndpoints": [
                    {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}}
                ],
                "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}}],
            },
            {
                "toFQDNs": [{"matchPattern": "*.kafka.example.com"}],
                "toPorts": [{"ports": [{"port": "9092", "protocol": "TCP"}]}],
            },
            {
                "toFQDNs": [{"matchName": "db.example.com"}],
                "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}],
            },
        ],
    }


def test_what_is_not_named_makes_no_policy() -> None:
    assert not registered().of_type(HOSTS)
    assert {r.inputs["metadata"]["name"] for r in registered().of_type(POLICY)}.isdisjoint({"reach"})
    assert hosts_policy([Opening("10.60.1.0/24", 1)]) is None
    assert ranges_policy([Opening("db.example.com", 1)]) is None


def test_a_namespace_names_its_queues_secrets_and_has_none_of_them() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ads/batch/db-a1B2c3"
    with_secrets = registrations_of(lambda: Queue("q", replace(ARGS, secrets={"DB": arn}))).one(NAMESPACE).inputs
    assert with_secrets["metadata"]["annotations"]["elastic-spark/secrets"] == f"DB={arn}"
    assert with_secrets["metadata"]["labels"]["elastic-spark/secrets"] == "true"
    assert "elastic-spark/secret-variables" not in with_secrets["metadata"]["annotations"]
    without = registered().one(NAMESPACE).inputs["metadata"]
    assert "elastic-spark/secrets" not in {**without["annotations"], **without["labels"]}


def test_a_namespace_names_apart_which_secrets_are_variables() -> None:
    arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/ads/batch/db"
    metadata = (
        registrations_of(lambda: Queue("q", replace(ARGS, variables={"DB": arn}))).one(NAMESPACE).inputs["metadata"]
    )
    assert metadata["annotations"]["elastic-spark/secret-variables"] == f"DB={arn}"
    assert "elastic-spark/secrets" not in metadata["annotations"]
    assert metadata["labels"]["elastic-spark/secrets"] == "true"
