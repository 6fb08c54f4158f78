"""A queue's part of the door: one host, one way, and its people."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.door.login import MAXIMUM_VALUES, Login, closed, jwt, people_policy
from components.door.queue_door import QueueDoor, QueueDoorArgs
from fleet.offline.registration import Registrations
from tests.recording import registrations_of

LOGIN = Login(
    issuer="https://login.example.com/realms/example",
    jwks_uri="https://login.example.com/realms/example/keys",
    audiences=("door", "spark"),
    groups_claim="groups",
    required_claims={"org": "example"},
)
ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
POLICY = "kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy"
NETWORK = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def registrations(*groups: str, log_groups: tuple[str, ...] | None = None) -> Registrations:
    args = QueueDoorArgs(
        namespace="ads-batch", domain="spark.example.com", groups=groups, log_groups=log_groups, login=LOGIN
    )
    return registrations_of(lambda: QueueDoor("ads-batch-door", args))


def spec(of: Registrations, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = of.one(kind).inputs["spec"]
    return found


def test_the_queues_own_host_leads_to_its_history_server_to_look_and_nowhere_else() -> None:
    found = spec(registrations("analysts"), ROUTE)
    assert found["hostnames"] == ["ads-batch.spark.example.com"]
    assert found["parentRefs"] == [{"name": "door", "namespace": "spark-system", "sectionName": "people"}]
    (rule,) = found["rules"]
    assert rule["backendRefs"] == [{"name": "spark-history", "port": 18080}]
    assert [match["method"] for match in rule["matches"]] == ["GET", "HEAD"]


def test_neither_token_nor_cookie_reaches_it_and_it_leaves_none() -> None:
    (rule,) = spec(registrations("analysts"), ROUTE)["rules"]
    assert rule["filters"] == [
        {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["authorization", "cookie"]}},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["set-cookie"]}},
    ]


def test_its_people_pass_by_a_list_of_groups_or_by_one_and_only_as_the_platform_demands() -> None:
    found = spec(registrations("b", "a"), POLICY)
    assert found["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "spark-history"}]
    assert found["mergeType"] == "StrategicMerge"
    assert found["authorization"]["defaultAction"] == "Deny"
    org = {"name": "org", "valueType": "String", "values": ["example"]}
    assert [rule["principal"]["jwt"]["claims"] for rule in found["authorization"]["rules"]] == [
        [{"name": "groups", "valueType": kind, "values": ["a", "b"]}, org] for kind in ("String", "StringArray")
    ]
    assert {rule["action"] for rule in found["authorization"]["rules"]} == {"Allow"}


def test_its_tokens_are_the_gateways_word_for_word() -> None:
    gateways = closed(LOGIN, "door", ("openid",))["jwt"]
    assert spec(registrations("a"), POLICY)["jwt"] == gateways == jwt(LOGIN)


def test_of_a_queue_without_groups_nobody_passes() -> None:
    assert spec(registrations(), POLICY)["authorization"] == {"defaultAction": "Deny", "rules": []}


def test_the_doors_own_pods_reach_the_history_servers_port_and_nothing_else_of_the_queue() -> None:
    assert spec(registrations("a"), NETWORK) == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "spark-history"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "spark-system"}},
                        "podSelector": {
                            "matchLabels": {
                                "app.kubernetes.io/name": "envoy",
                                "app.kubernetes.io/component": "proxy",
                            }
                        },
                    }
                ],
                "ports": [{"port": 18080, "protocol": "TCP"}],
            }
        ],
    }


def test_the_route_comes_after_who_passes_it() -> None:
    found = registrations("a")
    assert found.one(POLICY).urn in found.one(ROUTE).dependencies


def test_logs_have_a_path_and_people_of_their_own() -> None:
    found = registrations("engineers", "viewers", log_groups=("engineers",))
    routes = {one.inputs["metadata"]["name"]: one for one in found.of_type(ROUTE)}
    policies = {one.inputs["metadata"]["name"]: one for one in found.of_type(POLICY)}
    assert set(routes) == set(policies) == {"spark-history", "spark-logs"}
    logs, history = routes["spark-logs"].inputs["spec"], routes["spark-history"].inputs["spec"]
    assert logs["hostnames"] == history["hostnames"]
    (rule,), (whole,) = logs["rules"], history["rules"]
    assert [match["path"]["value"] for match in rule["matches"]] == ["/logs", "/logs"]
    assert rule["backendRefs"] == [{"name": "spark-logs", "port": 18081}]
    assert rule["filters"] == whole["filters"]
    spec = policies["spark-logs"].inputs["spec"]
    assert [target["name"] for target in spec["targetRefs"]] == ["spark-logs"]
    passing = {tuple(each["principal"]["jwt"]["claims"][0]["values"]) for each in spec["authorization"]["rules"]}
    assert passing == {("engineers",)}
    assert policies["spark-logs"].urn in routes["spark-logs"].dependencies
    (way,) = found.one(NETWORK).inputs["spec"]["ingress"]
    assert [port["port"] for port in way["ports"]] == [18080, 18081]


def test_where_nobody_reads_logs_they_are_closed_to_all() -> None:
    found = registrations("viewers", log_groups=())
    (policy,) = [one for one in found.of_type(POLICY) if one.inputs["metadata"]["name"] == "spark-logs"]
    assert policy.inputs["spec"]["authorization"] == {"defaultAction": "Deny", "rules": []}


@given(st.sets(st.text("abc-", min_size=1, max_size=12), max_size=3 * MAXIMUM_VALUES))
def test_every_group_passes_in_both_ways_and_no_rule_is_longer_than_envoy_gateway_takes(groups: set[str]) -> None:
    rules = people_policy(LOGIN, "a-route", sorted(groups))["authorization"]["rules"]
    claims = [rule["principal"]["jwt"]["claims"][0] for rule in rules]
    assert all(0 < len(claim["values"]) <= MAXIMUM_VALUES for claim in claims)
    assert len({rule["name"] for rule in rules}) == len(rules)
    for kind in ("String", "StringArray"):
        named = [value for claim in claims if claim["valueType"] == kind for value in claim["values"]]
        assert sorted(named) == sorted(groups)
