from typing import Any

import pytest

from components.network.policy_engine import (
    STARTUP_TAINT,
    NetworkPolicyEngine,
    NetworkPolicyEngineArgs,
)
from components.software.chart import ChartSource
from fleet.offline.registration import Registration, Registrations
from sizing.daemonsets import CILIUM
from sizing.quantities import parse_bytes, parse_cpu
from tests.components.network.identities import in_identity
from tests.components.software.releases import chart, values
from tests.recording import registrations_of

ALLOWANCE = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy"


def registrations() -> Registrations:
    args = NetworkPolicyEngineArgs(platform="demo", source=ChartSource())
    return registrations_of(lambda: NetworkPolicyEngine("np", args))


def allowed(name: str) -> Registration:
    (found,) = (r for r in registrations().of_type(ALLOWANCE) if r.inputs["metadata"]["name"] == name)
    return found


def chosen() -> dict[str, Any]:
    return values(registrations())


def test_the_vpc_cni_keeps_interfaces_addresses_and_routes() -> None:
    assert chosen()["cni"] == {"chainingMode": "aws-cni", "exclusive": False}
    assert chosen()["routingMode"] == "native"
    assert chosen()["endpointRoutes"] == {"enabled": True}
    assert not chosen()["enableIPv4Masquerade"]
    assert not chosen()["kubeProxyReplacement"]


def test_nothing_starts_on_a_node_before_policies_hold_there() -> None:
    assert STARTUP_TAINT == ("node.cilium.io/agent-not-ready", "true", "NoExecute")
    assert chosen()["operator"]["removeNodeTaints"]
    assert chosen()["operator"]["setNodeTaints"]


def test_agent_and_operator_run_while_the_taint_is_there() -> None:
    assert chosen()["tolerations"] == [{"operator": "Exists"}]
    assert chosen()["operator"]["tolerations"] == [{"operator": "Exists"}]


def test_the_operator_runs_twice_on_the_system_pool() -> None:
    operator = chosen()["operator"]
    assert operator["nodeSelector"] == {"elastic-spark/pool": "system"}
    assert operator["replicas"] == 2
    assert operator["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    assert operator["resources"]["limits"]["memory"] == operator["resources"]["requests"]["memory"]


def test_executor_nodes_carry_one_agent_and_nothing_more() -> None:
    for extra in ("envoy", "hubble"):
        assert chosen()[extra] == {"enabled": False}


def test_the_operator_has_no_rights_for_what_is_off() -> None:
    assert chosen()["tls"] == {"secretSync": {"enabled": False}}
    assert chosen()["operator"]["unmanagedPodWatcher"] == {"restart": False}


def test_the_agent_requests_what_usable_is_computed_with() -> None:
    requests = chosen()["resources"]["requests"]
    assert parse_cpu(requests["cpu"]) == CILIUM.cpu
    assert parse_bytes(requests["memory"]) == CILIUM.memory


@pytest.mark.parametrize(
    ("label", "relevant"),
    [
        ("spark-role", True),
        ("elastic-spark/queue", True),
        ("io.kubernetes.pod.namespace", True),
        ("io.cilium.k8s.namespace.labels.elastic-spark/queue", True),
        ("app.kubernetes.io/name", True),
        ("app.kubernetes.io/component", True),
        ("k8s-app", True),
        ("component", True),
        ("app", False),
        ("app.kubernetes.io/instance", False),
        ("app.kubernetes.io/version", False),
        ("app.kubernetes.io/name-of-the-run", False),
        ("application", False),
        ("applicationId", False),
        ("batch.kubernetes.io/job-name", False),
        ("component-run", False),
        ("elastic-spark/job-id", False),
        ("elastic-spark/queue-run", False),
        ("release", False),
        ("spark-app-name", False),
        ("spark-app-selector", False),
        ("spark-exec-id", False),
        ("spark-exec-resourceprofile-id", False),
        ("sparkoperator.k8s.io/app-name", False),
        ("sparkoperator.k8s.io/submission-id", False),
        ("yunikorn.apache.org/app-id", False),
    ],
)
def test_labels_that_differ_by_job_or_executor_make_no_identities(label: str, relevant: bool) -> None:
    assert in_identity(label, chosen()["labels"]) is relevant


def test_every_pod_may_ask_for_its_credentials_and_stays_open_otherwise() -> None:
    allowance = allowed("allow-pod-identity-agent")
    assert allowance.inputs["spec"] == {
        "endpointSelector": {},
        "enableDefaultDeny": {"ingress": False, "egress": False},
        "egress": [{"toEntities": ["host"], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}],
    }
    assert chart(registrations()).urn in allowance.dependencies


def test_hosts_are_known_by_what_dns_answers() -> None:
    assert chosen()["l7Proxy"]


def test_queues_pods_never_reach_what_answers_on_every_node_whatever_a_host_resolves_to() -> None:
    assert allowed("deny-link-local").inputs["spec"] == {
        "endpointSelector": {
            "matchExpressions": [
                {"key": "k8s:io.cilium.k8s.namespace.labels.elastic-spark/queue", "operator": "Exists"}
            ]
        },
        "enableDefaultDeny": {"ingress": False, "egress": False},
        "egressDeny": [{"toCIDR": ["169.254.0.0/16"]}],
    }


def test_only_the_platforms_prometheus_may_ask_nodes() -> None:
    spec = allowed("allow-node-metrics").inputs["spec"]
    assert spec["endpointSelector"] == {
        "matchLabels": {"k8s:io.kubernetes.pod.namespace": "spark-system", "k8s:app.kubernetes.io/name": "prometheus"}
    }
    assert spec["enableDefaultDeny"] == {"ingress": False, "egress": False}
    (rule,) = spec["egress"]
    assert rule["toEntities"] == ["host", "remote-node"]
    assert {"port": "10250", "protocol": "TCP"} in rule["toPorts"][0]["ports"]


def test_agent_and_operator_are_scraped() -> None:
    for part in (chosen(), chosen()["operator"]):
        assert part["prometheus"]["serviceMonitor"]["labels"] == {"release": "elastic-spark"}
