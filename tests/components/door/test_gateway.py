"""The door in the cluster, as it is registered."""

from __future__ import annotations

from typing import Any

from components.door.gateway import Door, DoorArgs
from components.door.pages import pages, redirect_uris
from components.door.proxy import NODE_PORT, PORT, access_log
from components.door.traffic import BALANCER_IDLE_SECONDS, backend_traffic, client_traffic, streaming_traffic
from components.software.chart import ChartSource
from fleet.offline.registration import Registration, Registrations
from sizing import names
from tests.components.door.test_login import LOGIN
from tests.components.software.releases import assert_on_system_pool, chart, values
from tests.recording import registrations_of

ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"
POLICY = "kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy"
PROXY = "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy"


def door(**changes: Any) -> Registrations:  # noqa: ANN401
    given: dict[str, Any] = {
        "namespace": "spark-system",
        "source": ChartSource(),
        "domain": "spark.example.com",
        "login": LOGIN,
        "client_id": "door",
        "scopes": ("openid", "groups"),
        "endpoints": None,
        "username_claim": "email",
        "groups": ("ops",),
        "pages": pages(monitoring=True, grafana=True),
    }
    return registrations_of(lambda: Door("d", DoorArgs(**(given | changes))))


REGISTERED = door()


def spec(kind: str, name: str) -> Any:  # noqa: ANN401
    return REGISTERED.one(kind, name).inputs["spec"]


def test_the_chart_runs_on_the_system_pool_and_can_neither_be_patched_nor_pointed_anywhere() -> None:
    found = values(REGISTERED)
    assert_on_system_pool(found["deployment"]["pod"])
    assert_on_system_pool(found["certgen"]["job"])
    assert found["config"]["envoyGateway"]["extensionApis"] == {
        "enableEnvoyPatchPolicy": False,
        "enableBackend": False,
        "enableLua": False,
    }
    assert found["topologyInjector"] == {"enabled": False}
    own = found["config"]["envoyGateway"]["provider"]["kubernetes"]
    assert own == {"proxyTopologyInjector": {"disabled": found["topologyInjector"]["enabled"] is False}}
    assert chart(REGISTERED).inputs["version"] == "v1.9.1"


def test_queues_routes_come_by_one_listener_and_each_page_has_its_own_host() -> None:
    people, *others = spec(GATEWAY, "d-gateway")["listeners"]
    assert people["hostname"] == "*.spark.example.com"
    assert people["allowedRoutes"]["namespaces"] == {
        "from": "Selector",
        "selector": {"matchExpressions": [{"key": "elastic-spark/queue", "operator": "Exists"}]},
    }
    assert [each["name"] for each in others] == ["alerts", "grafana", "prometheus", "scheduler", "start"]
    for each in others:
        assert each["hostname"] == f"{each['name']}.spark.example.com"
        assert each["allowedRoutes"]["namespaces"] == {"from": "Same"}
        assert [kind["kind"] for kind in each["allowedRoutes"]["kinds"]] == ["HTTPRoute"]
    assert {each["port"] for each in (people, *others)} == {PORT}
    assert {each["name"] for each in others} == set(names.DOOR_PAGES)


def test_nobody_comes_in_before_what_keeps_people_out_is_there() -> None:
    gateway = REGISTERED.one(GATEWAY, "d-gateway")
    first = {REGISTERED[urn].name for urn in gateway.dependencies}
    assert {"d-SecurityPolicy", "d-ClientTrafficPolicy", "d-BackendTrafficPolicy"} <= first


def _pages() -> dict[str, tuple[Registration, Registration]]:
    return {
        label: (REGISTERED.one(ROUTE, f"d-{label}-route"), REGISTERED.one(POLICY, f"d-{label}-people"))
        for label in ("alerts", "grafana", "prometheus", "scheduler")
    }


def test_each_page_has_a_policy_for_the_platforms_people_that_keeps_the_gateways() -> None:
    for label, (route, policy) in _pages().items():
        said = policy.inputs["spec"]
        assert said["targetRefs"][0]["name"] == route.inputs["metadata"]["name"] == f"door-{label}"
        assert said["mergeType"] == "StrategicMerge"
        assert said["authorization"]["defaultAction"] == "Deny"
        groups = {value for rule in said["authorization"]["rules"] for value in _groups(rule)}
        assert groups == {"ops"}


def _groups(rule: Any) -> list[str]:  # noqa: ANN401
    return list(rule["principal"]["jwt"]["claims"][0]["values"])


def test_what_could_be_changed_there_is_to_look_at_only() -> None:
    for label, (route, policy) in _pages().items():
        rule, *others = route.inputs["spec"]["rules"]
        assert len(others) == (label == "grafana")
        methods = {match.get("method") for match in rule["matches"]}
        removed = rule["filters"][0]["requestHeaderModifier"]["remove"]
        operations = {str(each.get("operation")) for each in policy.inputs["spec"]["authorization"]["rules"]}
        if label == "grafana":
            assert (methods, removed, operations) == ({None}, ["Authorization"], {"None"})
        else:
            assert methods == {"GET", "HEAD"}
            assert removed == ["Authorization", "Cookie"]
            assert operations == {"{'methods': ['GET', 'HEAD']}"}


def test_grafana_alone_has_a_websocket_by_one_path_and_from_its_own_page() -> None:
    traffic = "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy"
    (own,) = (each for each in REGISTERED.of_type(traffic) if each.name != "d-BackendTrafficPolicy")
    said = own.inputs["spec"]
    (rule,) = spec(ROUTE, "d-grafana-route")["rules"][1:]
    (target,) = said["targetRefs"]
    assert (target["name"], target["sectionName"]) == ("door-grafana", rule["name"])
    assert (said["httpUpgrade"], "mergeType" in said) == ([{"type": "websocket"}], False)
    (match,) = rule["matches"]
    assert match["path"] == {"type": "Exact", "value": "/api/live/ws"}
    assert {"type": "Exact", "name": "Origin", "value": "https://grafana.spark.example.com"} in match["headers"]
    assert own.urn in REGISTERED.one(ROUTE, "d-grafana-route").dependencies


def test_a_stream_has_all_limits_of_the_gateway_but_that_of_bodies() -> None:
    gateways = {key: value for key, value in backend_traffic().items() if key != "targetRefs"}
    streams = {key: value for key, value in streaming_traffic("a-route").items() if key != "targetRefs"}
    assert gateways == {"requestBuffer": {"limit": "1Mi"}, **streams}


def test_a_platform_whose_people_are_no_groups_opens_its_pages_to_nobody() -> None:
    registered = door(groups=())
    assert registered.one(POLICY, "d-alerts-people").inputs["spec"]["authorization"] == {
        "defaultAction": "Deny",
        "rules": [],
    }


def test_the_start_page_is_for_everybody_with_a_token_which_it_gets_to_read() -> None:
    (rule,) = spec(ROUTE, "d-start-route")["rules"]
    assert [match["method"] for match in rule["matches"]] == ["GET", "HEAD"]
    assert "filters" not in rule
    assert spec(POLICY, "d-start-people")["authorization"] == {
        "defaultAction": "Deny",
        "rules": [
            {
                "name": "people-0",
                "action": "Allow",
                "operation": {"methods": ["GET", "HEAD"]},
                "principal": {
                    "jwt": {
                        "provider": "people",
                        "claims": [
                            {"name": "iss", "valueType": "String", "values": [LOGIN.issuer]},
                            *(
                                {"name": name, "valueType": "String", "values": [value]}
                                for name, value in sorted(LOGIN.required_claims.items())
                            ),
                        ],
                    }
                },
            }
        ],
    }
    assert LOGIN.required_claims
    (backend,) = rule["backendRefs"]
    service = REGISTERED.one("kubernetes:core/v1:Service").inputs
    assert (backend["name"], backend["port"]) == (service["metadata"]["name"], service["spec"]["ports"][0]["port"])


def test_envoys_answer_on_a_port_of_their_own_nodes_alone() -> None:
    kubernetes = spec(PROXY, "d-EnvoyProxy")["provider"]["kubernetes"]
    service = kubernetes["envoyService"]
    assert (service["type"], service["externalTrafficPolicy"]) == ("NodePort", "Local")
    assert service["patch"]["value"]["spec"]["ports"] == [{"port": PORT, "protocol": "TCP", "nodePort": NODE_PORT}]
    assert 30_000 <= NODE_PORT <= 30_085
    assert kubernetes["envoyDeployment"]["replicas"] == 2
    assert_on_system_pool(kubernetes["envoyDeployment"]["pod"])


def test_the_access_log_has_nothing_by_which_somebody_could_come_in() -> None:
    for claim, named in (("email", "email"), ("cognito:username", "sub")):
        said = access_log(claim)
        assert f":people:{named})%" in said["user"]
        text = " ".join(map(str, said.values())).upper()
        for secret in ("AUTHORIZATION", "COOKIE", "REFERER", "QUERY)%", "REQ(:PATH)", "ORIGINAL-PATH"):
            assert secret not in text
        assert "%REQ_WITHOUT_QUERY(:PATH)%" in said.values()


def test_envoy_ends_what_idles_before_the_load_balancer_does() -> None:
    timeout = client_traffic()["timeout"]
    ends = [timeout["tcp"]["idleTimeout"], timeout["http"]["idleTimeout"], timeout["http"]["streamIdleTimeout"]]
    assert all(int(each.removesuffix("s")) < BALANCER_IDLE_SECONDS for each in ends)


def test_each_page_has_a_place_to_come_back_to() -> None:
    assert redirect_uris("d.example.com", pages(monitoring=False, grafana=False)) == [
        "https://scheduler.d.example.com/oauth2/callback",
        "https://start.d.example.com/oauth2/callback",
    ]
