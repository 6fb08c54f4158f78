"""The places that a tenant's queues name: what is refused, where the error points, and what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.queue.reach import CILIUM_POLICY
from infra.settings.reach import Place, openings
from sizing.reach import Opening
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.tenants import by_path, findings, read
from tests.samples import changed, contract, tenant, tenant_config, tenant_registrations

PLACE = "queues.batch.reach.warehouse"
HOST = {"host": "db.example.com", "ports": [5432], "purpose": "jdbc"}
RANGE = {"cidr": "10.60.1.0/24", "ports": [9092, 9094], "purpose": "kafka"}


def reaching(*places: dict[str, Any], stack: str = "ads-dev") -> dict[str, Any]:
    settings = tenant(stack)
    queue = min(settings["queues"])
    named = dict(zip(("warehouse", "events"), places, strict=False))
    return changed(settings, f"queues.{queue}.reach", named)


@pytest.mark.parametrize(
    ("place", "where", "found", "allowed"),
    [
        ({**HOST, "host": "*.com"}, ".host", '"*.com"', "there must be 3"),
        ({**HOST, "host": "kubernetes.default.svc"}, ".host", "kubernetes.default.svc", "a host outside"),
        ({**HOST, "host": "169.254.169.254"}, ".host", "169.254.169.254", "an address goes under cidr"),
        ({**RANGE, "cidr": "0.0.0.0/0"}, ".cidr", "0.0.0.0/0", "/24 or narrower"),
        ({**RANGE, "cidr": "169.254.169.254/32"}, ".cidr", "169.254.169.254/32", "metadata service"),
        ({**RANGE, "cidr": "169.254.170.23/32"}, ".cidr", "169.254.170.23/32", "metadata service"),
        ({**RANGE, "cidr": "::/0"}, ".cidr", "::/0", "an IPv4 network"),
        ({**RANGE, "cidr": "::ffff:169.254.169.254/128"}, ".cidr", "::ffff", "an IPv4 network"),
        ({**RANGE, "cidr": "fd00:ec2::254/128"}, ".cidr", "fd00:ec2::254/128", "an IPv4 network"),
        ({**RANGE, "cidr": "10.60.1.7/24"}, ".cidr", "10.60.1.7/24", "without host bits"),
        ({**RANGE, "cidr": "10.60.1.7"}, ".cidr", "10.60.1.7", "an IPv4 network in CIDR form"),
        ({**HOST, "ports": [0]}, ".ports[0]", "0", "1 or more"),
        ({**HOST, "ports": [65536]}, ".ports[0]", "65536", "65535 or less"),
        ({**HOST, "ports": []}, ".ports", "[]", "at least 1"),
        ({**HOST, "ports": [1, 1]}, ".ports", "[1, 1]", "each entry once"),
        ({**HOST, "ports": ["5432"]}, ".ports[0]", '"5432"', "a whole number"),
        ({**HOST, "purpose": "fun"}, ".purpose", '"fun"', "'jdbc'"),
        ({**HOST, "cidr": "10.60.1.0/24"}, "", "both host and cidr", "exactly one"),
        ({"ports": [1], "purpose": "api"}, "", "neither host nor cidr", "exactly one"),
        ({**HOST, "port": 1}, ".port", "an unknown key", "did you mean ports?"),
    ],
)
def test_a_place_that_no_queue_may_name_is_refused(place: dict[str, Any], where: str, found: str, allowed: str) -> None:
    said = findings(tenant_config(reaching(place)))
    assert list(said) == [f"{PLACE}{where}"]
    assert found in said[f"{PLACE}{where}"][0]
    assert allowed in said[f"{PLACE}{where}"][1]


@pytest.mark.parametrize(
    ("cidr", "said"),
    [
        ("10.40.0.0/16", "10.40.0.0/18"),
        ("10.40.70.0/24", "10.40.64.0/18"),
        ("172.20.0.1/32", "172.20.0.0/16"),
    ],
)
def test_the_platforms_own_nodes_pods_services_and_api_are_refused(cidr: str, said: str) -> None:
    settings = read(reaching({**RANGE, "cidr": cidr}))
    found, allowed = by_path(wrong(settings, "eu-central-1", contract()))[f"{PLACE}.cidr"]
    assert found == cidr
    assert said in allowed


def test_the_platforms_own_endpoint_is_refused_whatever_it_is_called() -> None:
    named = contract()
    assert named.aws
    named = named.model_copy(update={"aws": named.aws.model_copy(update={"endpoint": "https://API.example.com"})})
    settings = read(reaching({**HOST, "host": "api.example.com"}))
    assert "the API of platform-dev" in by_path(wrong(settings, "eu-central-1", named))[f"{PLACE}.host"][1]
    assert wrong(settings, "eu-central-1", contract()) == []


def test_a_database_beside_the_nodes_in_their_vpc_may_be_named() -> None:
    assert wrong(read(reaching({**RANGE, "cidr": "10.40.200.0/24"})), "eu-central-1", contract()) == []


def test_on_an_existing_cluster_only_ranges_are_named_and_none_of_its_own() -> None:
    assert "a cidr: hosts are known by name only to Cilium" in next(
        allowed for _, allowed in findings(tenant_config(reaching(HOST, stack="demo-kind"))).values()
    )
    on_kind = contract("platform-kind")
    assert wrong(read(reaching(RANGE, stack="demo-kind")), None, on_kind) == []
    for own in ("10.244.1.0/24", "10.96.0.1/32"):
        (found,) = wrong(read(reaching({**RANGE, "cidr": own}, stack="demo-kind")), None, on_kind)
        assert "the cluster's own" in found.allowed


def test_a_queue_names_fifty_places_at_most() -> None:
    places = {f"place{number}": HOST for number in range(51)}
    said = findings(tenant_config(changed(tenant(), "queues.batch.reach", places)))
    assert list(said) == ["queues.batch.reach"]


def test_every_port_of_every_place_is_an_opening_with_the_places_name() -> None:
    places = {
        "events": Place.model_validate_json(json.dumps(RANGE)),
        "copies": Place.model_validate_json(json.dumps({**RANGE, "ports": [9092]})),
    }
    assert openings(places) == (
        Opening("10.60.1.0/24", 9092, "copies", "kafka"),
        Opening("10.60.1.0/24", 9092, "events", "kafka"),
        Opening("10.60.1.0/24", 9094, "events", "kafka"),
    )


def test_a_tenants_stack_opens_what_its_queue_names_in_that_queue_alone() -> None:
    settings = changed(tenant("search-dev"), "queues.adhoc.reach", {"warehouse": HOST, "events": RANGE})
    found = tenant_registrations(settings, "search-dev")
    (hosts,) = found.of_type(f"kubernetes:cilium.io/v2:{CILIUM_POLICY}")
    assert hosts.inputs["metadata"]["namespace"] == "search-adhoc"
    (ranges,) = (
        policy
        for policy in found.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        if policy.inputs["metadata"]["name"] == "reach"
    )
    assert ranges.inputs["metadata"]["namespace"] == "search-adhoc"
