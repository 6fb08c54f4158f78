from __future__ import annotations

import json
from typing import Any

import pytest

from components.observability.query_gate.envoy import LABEL_PROXY_PORT, PORT, TENANTS_HEADER, SignIn
from components.observability.query_gate.query_gate import QueryGate, QueryGateArgs, gate_address
from fleet.offline.registration import Registrations
from tests.recording import registrations_of

SIGN_IN = SignIn(
    issuer="https://login.example.com",
    jwks_uri="https://login.example.com/keys",
    client_id="grafana",
    groups_claim="groups",
    tenant_prefix="spark-",
    platform_groups=["data-platform"],
)
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def registrations(sign_in: SignIn = SIGN_IN) -> Registrations:
    args = QueryGateArgs(namespace="spark-system", sign_in=sign_in, prometheus="prometheus:9090", replicas=2)
    return registrations_of(lambda: QueryGate("gate", args))


def pod(of: Registrations) -> dict[str, Any]:
    template: dict[str, Any] = of.one(DEPLOYMENT).inputs["spec"]["template"]
    return template


def container(name: str) -> dict[str, Any]:
    (found,) = (known for known in pod(registrations())["spec"]["containers"] if known["name"] == name)
    return dict(found)


def test_grafana_finds_the_gate_by_its_service() -> None:
    service = registrations().one("kubernetes:core/v1:Service")
    metadata, spec = service.inputs["metadata"], service.inputs["spec"]
    assert gate_address(metadata["namespace"]) == f"http://{metadata['name']}.spark-system.svc.cluster.local:{PORT}"
    assert spec["ports"][0]["port"] == PORT
    assert spec["selector"].items() <= pod(registrations())["metadata"]["labels"].items()


def test_nobody_but_envoy_says_which_tenants_are_asked_for() -> None:
    args = container("label-proxy")["args"]
    assert f"-insecure-listen-address=127.0.0.1:{LABEL_PROXY_PORT}" in args
    assert f"-header-name={TENANTS_HEADER}" in args
    assert "-label=tenant" in args
    assert not any("passthrough" in arg or "regex" in arg for arg in args)


def test_envoy_reads_the_configuration_that_is_registered() -> None:
    ((file, text),) = registrations().one("kubernetes:core/v1:ConfigMap").inputs["data"].items()
    (mount,) = container("envoy")["volumeMounts"]
    assert f"{mount['mountPath']}/{file}" in container("envoy")["args"]
    clusters = {cluster["name"]: cluster for cluster in json.loads(text)["static_resources"]["clusters"]}
    assert clusters["prometheus"]["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"] == {
        "socket_address": {"address": "prometheus", "port_value": 9090}
    }


def test_envoy_starts_anew_when_its_configuration_changes() -> None:
    other = SignIn(**{**SIGN_IN.__dict__, "platform_groups": ["others"]})
    assert pod(registrations())["metadata"]["annotations"] != pod(registrations(other))["metadata"]["annotations"]
    assert pod(registrations())["metadata"]["annotations"] == pod(registrations())["metadata"]["annotations"]


def test_the_gate_has_no_rights_and_runs_on_system_nodes() -> None:
    spec = pod(registrations())["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["nodeSelector"] == {"elastic-spark/pool": "system"}
    assert spec["securityContext"]["runAsNonRoot"]
    constraints = {each["topologyKey"]: each["whenUnsatisfiable"] for each in spec["topologySpreadConstraints"]}
    assert constraints["kubernetes.io/hostname"] == "DoNotSchedule"


@pytest.mark.parametrize("name", ["envoy", "label-proxy"])
def test_its_containers_are_confined(name: str) -> None:
    context = container(name)["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert container(name)["resources"]["limits"]["memory"] == container(name)["resources"]["requests"]["memory"]
