from __future__ import annotations

from components.door.start.start_page import StartPage, StartPageArgs
from fleet.offline.registration import Registrations
from tests.recording import registrations_of


def page() -> Registrations:
    args = StartPageArgs(namespace="spark-system", domain="spark.example.com", groups_claim="groups")
    return registrations_of(lambda: StartPage("start", args))


def test_it_may_read_routes_and_policies_and_nothing_else() -> None:
    assert page().one("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole").inputs["rules"] == [
        {"apiGroups": ["gateway.networking.k8s.io"], "resources": ["httproutes"], "verbs": ["get", "list"]},
        {"apiGroups": ["gateway.envoyproxy.io"], "resources": ["securitypolicies"], "verbs": ["get", "list"]},
    ]


def test_the_pod_has_every_file_that_the_program_imports_and_every_setting() -> None:
    found = page()
    assert sorted(found.one("kubernetes:core/v1:ConfigMap").inputs["data"]) == [
        "components.door.start.claims.py",
        "components.door.start.program.py",
        "components.software.page_http.py",
    ]
    spec = found.one("kubernetes:apps/v1:Deployment").inputs["spec"]
    assert spec["replicas"] == 2
    (container,) = spec["template"]["spec"]["containers"]
    assert {each["name"]: each["value"] for each in container["env"]} == {
        "DOMAIN": "spark.example.com",
        "GATEWAY": "door",
        "GROUPS_CLAIM": "groups",
        "ID_COOKIE": "IdToken",
        "NAMESPACE": "spark-system",
        "PORT": "8080",
        "PYTHONPATH": "/opt/page",
    }
    assert "checksum/program" in spec["template"]["metadata"]["annotations"]
