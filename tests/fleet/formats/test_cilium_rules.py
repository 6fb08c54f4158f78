"""What Cilium's policies let pass: as a queue's stack registers them, and as its language allows more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fleet.formats.cilium_rules import cilium_isolated, cilium_rules
from fleet.formats.connections import Connection, Kind, connections
from fleet.formats.drawing import Drawing, Label
from fleet.formats.network_rules import NetworkRule
from fleet.formats.topology import topology
from fleet.formats.topology_drawing import drawing
from fleet.offline.registration import Registration, Registrations, Unknown
from sizing.values import Json
from tests.fleet.offline.recorded import sample

OWN, CLUSTERS = "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"
PORT = [{"ports": [{"port": "5432", "protocol": "TCP"}]}]


def policy(spec: Json, kind: str = OWN, **others: Json) -> Registration:
    """A policy that somebody adds to a queue, or to the cluster, by hand."""
    metadata = {"name": "mine", **({"namespace": "ads-batch"} if kind == OWN else {})}
    inputs = {"kind": kind, "metadata": metadata, **({"spec": spec} if spec else {}), **others}
    return Registration("urn:mine", f"kubernetes:cilium.io/v2:{kind}", "mine", "", True, False, inputs)


def rules(spec: Json, kind: str = OWN, **others: Json) -> list[NetworkRule]:
    return list(cilium_rules([policy(spec, kind, **others)]))


def egress(*rule: Mapping[str, Json]) -> list[NetworkRule]:
    return rules({"endpointSelector": {}, "egress": list(rule)})


def places(queue: str, *stacks: Registrations) -> dict[str, tuple[str, str]]:
    found = [one for one in connections(stacks) if one.kind is Kind.PLACES and queue in one.queues]
    return {one.target: (one.how, one.because) for one in found}


def test_a_queue_is_connected_with_what_it_names_by_host_and_by_range_and_with_its_catalogs() -> None:
    assert places("research-explore", sample("platform-dev"), sample("research-dev")) == {
        "10.70.4.0/24": ("TCP 9094", "NetworkPolicy reach"),
        "metastore.example.internal": ("TCP 9083", "CiliumNetworkPolicy reach"),
        "warehouse.research.example.com": ("TCP 5432", "CiliumNetworkPolicy reach"),
    }
    assert places("search-scheduled", sample("platform-dev"), sample("search-dev")) == {}


def test_without_its_policies_it_is_connected_with_none_though_it_names_them() -> None:
    closed = Registrations(one for one in sample("research-dev").values() if "reach" not in str(one.inputs))
    assert len(closed) < len(sample("research-dev"))
    assert places("research-explore", closed) == {}


def test_a_tables_rows_have_the_clusters_policies_too_and_not_what_they_deny() -> None:
    found = [one for one in connections([sample("platform-dev")]) if one.because.startswith(CLUSTERS)]
    assert found[0] == Connection(
        Kind.PODS, "pods of any namespace", "the pods' own node", "TCP 80", f"{CLUSTERS} allow-pod-identity-agent"
    )
    assert {one.source for one in found[1:]} == {"pods with app.kubernetes.io/name=prometheus of spark-system"}
    assert not [one for one in found if "deny" in one.because]


@pytest.mark.parametrize(
    ("peer", "said", "outside"),
    [
        ({"toFQDNs": [{"matchPattern": "*.example.com"}]}, "*.example.com", True),
        ({"toCIDR": ["10.1.0.0/16"]}, "10.1.0.0/16", True),
        ({"toCIDR": ["0.0.0.0/0"]}, "any address", False),
        ({"toCIDR": ["::/0"]}, "any address", False),
        ({"toCIDR": ["169.254.169.254/32"]}, "169.254.169.254/32", False),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}]}, "10.0.0.0/8 but 10.1.0.0/16", True),
        ({"toCIDRSet": [{"cidrGroupRef": "office"}]}, "addresses of the group office", True),
        ({"toCIDR": [Unknown()]}, str(Unknown()), False),
        ({"toEntities": ["world"]}, "any address outside the cluster", False),
        ({"toEntities": ["health"]}, "health", False),
        ({"toEndpoints": [{}]}, "pods of the queue", False),
        (
            {"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other", "any:a": "b"}}]},
            "pods with a=b of other",
            False,
        ),
        (
            {
                "toEndpoints": [
                    {"matchExpressions": [{"key": "k8s:spark-role", "operator": "In", "values": ["driver"]}]}
                ]
            },
            "drivers of the queue",
            False,
        ),
        ({"toServices": [{"k8sService": {"serviceName": "db", "namespace": "x"}}]}, "service db of x", False),
        ({"toNodes": [{"matchLabels": {"a": "b"}}]}, "nodes with a=b", False),
        ({}, "anybody", False),
    ],
)
def test_every_kind_of_peer_has_words(peer: dict[str, Json], said: str, outside: bool) -> None:
    (found,) = egress({**peer, "toPorts": PORT})
    assert found == NetworkRule("ads-batch", f"{OWN} mine", "pods of the queue", said, "TCP 5432", outside=outside)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "any port"),
        ({"toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}, {"port": "80"}]}]}, "port 53, port 80"),
        ({"toPorts": [{"ports": [{"port": "1", "endPort": 9, "protocol": "UDP"}]}, *PORT]}, "UDP 1 to 9, TCP 5432"),
        ({"toPorts": [{"ports": [{"port": "0", "protocol": "TCP"}]}]}, "TCP any"),
        ({"toPorts": [{**PORT[0], "rules": {"http": [{"method": "GET"}]}}]}, "TCP 5432 within rules of http"),
        ({"toPorts": [{**PORT[0], "rules": {"dns": [{"matchPattern": "*"}]}}]}, "TCP 5432"),
        ({"icmps": [{"fields": [{"type": 8}]}]}, "ICMP"),
    ],
)
def test_ports_are_said_with_what_bounds_them(rule: dict[str, Json], said: str) -> None:
    assert [one.ports for one in egress({"toFQDNs": [{"matchName": "a.example.com"}], **rule})] == [said]


@pytest.mark.parametrize("rule", [{}, {"toFQDNs": []}, {"toEndpoints": [], "toPorts": PORT}])
def test_a_rule_that_names_nobody_lets_nobody_pass(rule: dict[str, Json]) -> None:
    assert egress(rule) == []


def test_what_comes_in_has_its_source_and_what_is_denied_is_no_connection() -> None:
    spec = {
        "endpointSelector": {"matchLabels": {"spark-role": "driver"}},
        "ingress": [{"fromEntities": ["kube-apiserver"], "toPorts": PORT}, {"fromCIDR": ["10.1.0.0/16"]}],
        "egressDeny": [{"toCIDR": ["10.2.0.0/16"]}],
    }
    assert [(one.source, one.target, one.ports, one.outside) for one in rules(spec)] == [
        ("API server", "drivers of the queue", "TCP 5432", False),
        ("10.1.0.0/16", "drivers of the queue", "any port", False),
    ]


def test_a_policy_of_several_specs_has_the_rules_of_each() -> None:
    specs = [
        {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": name}]}]} for name in ("a.example", "b.example")
    ]
    assert [one.target for one in rules(None, specs=specs)] == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("spec", "closed"),
    [
        ({"egress": [{}]}, True),
        ({"egressDeny": [{"toCIDR": ["10.0.0.0/8"]}]}, True),
        ({"egress": [{}], "enableDefaultDeny": {"egress": False}}, False),
        ({"ingress": [{}]}, False),
        ({"egress": [{}], "endpointSelector": {"matchLabels": {"a": "b"}}}, False),
    ],
)
def test_a_policy_for_every_pod_closes_what_it_has_rules_about(spec: dict[str, Json], closed: bool) -> None:
    made = policy({"endpointSelector": {}, **spec})
    assert cilium_isolated([made], "Egress") == ({"ads-batch"} if closed else set())
    kept = (one for one in sample("ads-dev").values() if not one.type.endswith(":NetworkPolicy"))
    open_ = [one for one in connections([Registrations([*kept, made])]) if one.target == "anybody"]
    assert bool(open_) is not closed
    clusters = policy({"endpointSelector": {}, **spec}, CLUSTERS)
    assert cilium_isolated([clusters], "Egress") == set()


def texts(sheet: Drawing) -> list[str]:
    return [shape.text for shape in sheet.shapes if isinstance(shape, Label)]


def test_the_picture_counts_places_and_has_their_names_whole_with_ports() -> None:
    shown = topology("platform-dev", {name: sample(name) for name in ("platform-dev", "research-dev", "search-dev")})
    said = texts(drawing(None, shown))
    assert "3 places, 5 in S3" in said
    assert "S3: 4 locations" in said
    assert "10.70.4.0/24:9094" in said
    assert "metastore.example.internal:9083" in said
    assert not [text for text in said if "…" in text]


def test_places_are_drawn_where_there_is_no_storage() -> None:
    made = policy({"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": "a.example.com"}], "toPorts": PORT}]})
    metadata = {"name": "mine", "namespace": "demo-try"}
    there = Registrations(
        [
            *sample("demo-kind").values(),
            Registration("urn:mine", made.type, "mine", "", True, False, {**made.inputs, "metadata": metadata}),
        ]
    )
    said = texts(
        drawing(None, topology("platform-kind", {"platform-kind": sample("platform-kind"), "demo-kind": there}))
    )
    assert "1 place" in said
    assert "a.example.com:5432" in said
