"""What only an API server shows: it takes what stacks register, Envoy Gateway's rights suffice, and people come in."""

from __future__ import annotations

import copy
import functools
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from components.door.login import ENVOY_GROUP, GATEWAY_API
from components.door.proxy import NODE_PORT, PORT
from sizing import names
from tests.cluster.api import Object, RefusedError
from tests.cluster.binaries import BinariesError, available
from tests.cluster.cluster import Cluster, deployer_of
from tests.cluster.objects import apply_all, objects_of
from tests.door.attempts import (
    ADS,
    GROUP,
    GROUPS,
    OTHER,
    OTHER_GROUP,
    PROMETHEUS,
    QUEUE,
    SEARCH,
    person,
    reaches,
    send,
)
from tests.door.deployed import ISSUER, SECONDS, Deployed, deployed, door_parts, missing
from tests.door.manifests import platform
from tests.door.rooms import MACHINE
from tests.door.test_changes import of_history
from tests.door.test_login import Browser, groups

ADS_STACK = "ads-dev"
SEARCH_STACK = "search-dev"
SERVED_SECONDS = 15
"""From a tenant's deployment to its first page, and from its removal to 404."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A platform with a door and two tenants, by the definitions and with the rights that the chart brings."""
    if why := missing():
        pytest.skip(why)
    try:
        binaries = available()
    except BinariesError as error:
        pytest.skip(str(error))
    with deployed(tmp_path_factory.mktemp("deployed"), binaries, {ADS_STACK: [GROUP], SEARCH_STACK: []}) as there:
        wait(there, lambda: send()(there).status == 200)
        yield there


@pytest.fixture(scope="module")
def cluster(door: Deployed) -> Cluster:
    """Where it is."""
    return door.cluster


@pytest.fixture
def browser(door: Deployed, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody's, on a machine that knows the issuer's address."""
    known = socket.getaddrinfo

    def asked(host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        return known(MACHINE if host == ISSUER else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    return Browser(door)


def found(cluster: Cluster, api_version: str, kind: str, name: str, namespace: str = names.SYSTEM_NAMESPACE) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return cluster.admin.read({"apiVersion": api_version, "kind": kind, "metadata": metadata})


def wait(door: Deployed, holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    def known_and_so() -> bool:
        try:
            return holds()
        except (RefusedError, KeyError):
            return False

    door.wait(known_and_so, seconds)


def says(status: Object, condition: str, value: str = "True") -> bool:
    return any(each["type"] == condition and each["status"] == value for each in status["conditions"])


def test_all_that_stacks_register_is_taken_by_the_charts_own_definitions(cluster: Cluster) -> None:
    assert cluster.refused == []


def test_the_platforms_own_objects_of_the_door_are_taken_while_admission_is_in_effect(door: Deployed) -> None:
    things = door_parts(objects_of(platform(door.issuer.url)))
    assert "GatewayClass" in {thing["kind"] for thing in things}
    assert apply_all(door.cluster.admin, things) == []


def test_the_class_and_the_gateway_are_accepted(door: Deployed, cluster: Cluster) -> None:
    wait(door, lambda: says(found(cluster, GATEWAY_API, "GatewayClass", names.DOOR_CLASS, "")["status"], "Accepted"))
    wait(door, lambda: says(found(cluster, GATEWAY_API, "Gateway", names.DOOR)["status"], "Accepted"))


def test_its_listeners_share_their_port_without_a_conflict(door: Deployed, cluster: Cluster) -> None:
    def status() -> list[Object]:
        listeners: list[Object] = found(cluster, GATEWAY_API, "Gateway", names.DOOR)["status"]["listeners"]
        return listeners

    wait(door, lambda: all(says(each, "Programmed") and says(each, "ResolvedRefs") for each in status()))
    assert {"people", "prometheus", "grafana"} <= {each["name"] for each in status()}
    assert not [each["name"] for each in status() if says(each, "Conflicted")]


def test_envoys_are_made_behind_the_one_node_port(cluster: Cluster, door: Deployed) -> None:
    wait(door, lambda: bool(found(cluster, "v1", "Service", names.DOOR)))
    spec = found(cluster, "v1", "Service", names.DOOR)["spec"]
    assert [(each["port"], each["nodePort"]) for each in spec["ports"]] == [(PORT, NODE_PORT)]
    assert (spec["type"], spec["externalTrafficPolicy"]) == ("NodePort", "Local")
    own = f"{ENVOY_GROUP}/owning-gateway-name={names.DOOR}"
    budgets = functools.partial(
        cluster.admin.items, "policy/v1", "PodDisruptionBudget", names.SYSTEM_NAMESPACE, labelSelector=own
    )
    wait(door, lambda: [each["spec"]["maxUnavailable"] for each in budgets()] == [1])


def test_no_other_program_of_their_pods_has_the_doors_port(cluster: Cluster, door: Deployed) -> None:
    spec = found(cluster, "apps/v1", "Deployment", names.DOOR)["spec"]["template"]["spec"]
    assert "hostNetwork" not in spec
    ports = [port["containerPort"] for each in spec["containers"] for port in each.get("ports", ())]
    probed = [
        each[probe]["httpGet"]["port"]
        for each in spec["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    ]
    assert len(ports) == len(set(ports))
    assert probed
    assert PORT not in {*probed, *ports}


def test_an_envoy_waits_for_no_others(cluster: Cluster, door: Deployed) -> None:
    spec = found(cluster, "apps/v1", "Deployment", names.DOOR)["spec"]["template"]["spec"]
    bootstrap = next(each for each in spec["containers"][0]["args"] if "xds_cluster" in each)
    assert "local_cluster_name" not in bootstrap


@pytest.mark.parametrize("namespace", [QUEUE, OTHER])
def test_queues_routes_are_accepted_by_their_namespaces_labels(
    cluster: Cluster, door: Deployed, namespace: str
) -> None:
    def accepted() -> bool:
        route = found(cluster, GATEWAY_API, "HTTPRoute", names.HISTORY_SERVER, namespace)
        return [says(parent, "Accepted") for parent in route["status"]["parents"]] == [True]

    wait(door, accepted)


@pytest.mark.parametrize("host", [ADS, SEARCH, PROMETHEUS])
def test_people_come_to_what_their_groups_may_see_and_others_do_not(door: Deployed, host: str) -> None:
    answer = send(host, token=person(GROUPS[host]))(door)
    assert not reaches(host)(door, answer)
    for groups_of_others in [group for group in GROUPS.values() if group != GROUPS[host]]:
        refused = send(host, token=person(groups_of_others))(door)
        assert (refused.status, door.marked(refused.mark)) == (403, [])
    nobody = send(host, token=None)(door)
    assert (nobody.status, door.marked(nobody.mark)) == (302, [])


def test_a_browser_logs_in_at_the_issuer_that_envoy_gateway_found_by_itself(door: Deployed, browser: Browser) -> None:
    with groups(door, GROUP):
        answer = browser.log_in("/history/app-1/jobs/?id=7")
    assert (answer.status, answer.header("location")) == (302, f"https://{ADS}/history/app-1/jobs/?id=7")
    page = browser.open("/history/app-1/jobs/?id=7")
    assert not reaches(ADS, authorization=[], cookie=[])(door, page)


def test_a_browser_of_another_group_logs_in_and_is_refused(door: Deployed, browser: Browser) -> None:
    with groups(door, OTHER_GROUP):
        browser.log_in()
    answer = browser.open()
    assert (answer.status, door.marked(answer.mark)) == (403, [])


def test_a_tenant_is_gone_when_its_deployer_removed_it_and_served_when_they_added_it(door: Deployed) -> None:
    assert door.deployer(SEARCH_STACK) == deployer_of("search")
    searcher = person(OTHER_GROUP)
    assert send(SEARCH, token=searcher)(door).status == 200
    door.take_away(SEARCH_STACK)
    wait(door, lambda: send(SEARCH, token=searcher)(door).status == 404, SERVED_SECONDS)
    assert send()(door).status == 200
    assert door.add(SEARCH_STACK) == []
    wait(door, lambda: send(SEARCH, token=searcher)(door).status == 200, SERVED_SECONDS)
    assert not reaches(SEARCH)(door, send(SEARCH, token=searcher)(door))
    assert send(SEARCH, token=person(GROUP))(door).status == 403


def test_a_deployer_changes_no_routes_of_anothers(door: Deployed) -> None:
    route = of_history(door.tenants[ADS_STACK], QUEUE, "HTTPRoute")
    with pytest.raises(RefusedError):
        door.cluster.acting(door.deployer(SEARCH_STACK)).delete(route)
    assert send()(door).status == 200


def test_a_queues_route_at_a_page_of_the_platforms_is_refused(door: Deployed) -> None:
    own = of_history(door.tenants[ADS_STACK], QUEUE, "HTTPRoute")
    route = copy.deepcopy(own)
    route["metadata"] = {"name": "page", "namespace": QUEUE}
    route["spec"]["hostnames"] = [PROMETHEUS]
    route["spec"]["parentRefs"][0]["sectionName"] = "prometheus"
    deployer = door.cluster.acting(door.deployer(ADS_STACK))
    with pytest.raises(RefusedError, match="door-host"):
        deployer.create(route)


def test_its_rights_suffice(door: Deployed) -> None:
    assert "forbidden" not in door.log().lower()
