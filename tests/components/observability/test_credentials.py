"""The agents that give pods their credentials are scraped on every node."""

from __future__ import annotations

import re

from components.network.policy_engine import NODE_METRICS_PORTS
from components.observability.crds import MONITOR_LABELS
from components.observability.credentials import CredentialsMonitor, CredentialsMonitorArgs
from tests import samples
from tests.recording import registrations_of

SERVICE = "kubernetes:core/v1:Service"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"


def test_the_monitor_finds_the_agents_pods_by_a_service_of_its_own() -> None:
    registered = registrations_of(lambda: CredentialsMonitor("cm", CredentialsMonitorArgs(namespace="spark-system")))
    service, monitor = registered.one(SERVICE).inputs, registered.one(MONITOR).inputs
    # EKS's add-on calls its pods so, and they are on the nodes' own addresses.
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "eks-pod-identity-agent"}
    assert service["metadata"]["namespace"] == "kube-system"
    assert service["spec"]["clusterIP"] == "None"
    (port,) = service["spec"]["ports"]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert (port["name"], port["port"]) == (endpoint["port"], 2705)
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["kube-system"]}
    assert monitor["metadata"]["labels"] == MONITOR_LABELS
    (keep,) = endpoint["metricRelabelings"]
    assert keep["action"] == "keep"
    assert re.fullmatch(keep["regex"], "pod_identity_http_response")


def test_prometheus_may_reach_them() -> None:
    assert "2705" in NODE_METRICS_PORTS


def test_where_there_is_no_such_agent_there_is_no_monitor() -> None:
    for stack, there in (("platform-dev", True), ("platform-kind", False)):
        found = samples.platform_registrations(stack).of_type(MONITOR)
        assert ("eks-pod-identity-agent" in {one.inputs["metadata"]["name"] for one in found}) is there
