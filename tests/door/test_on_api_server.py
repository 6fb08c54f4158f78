"""What only an API server shows: it takes all that stacks register, and Envoy Gateway's rights suffice for its work."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.door.login import ENVOY_GROUP, GATEWAY_API, GATEWAY_GROUP
from components.door.proxy import NODE_PORT, PORT
from sizing import names
from tests.cluster.api import Object, RefusedError
from tests.cluster.binaries import BinariesError, available
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.objects import apply_all, define_as_written, objects_of
from tests.door.attempts import GROUP, OTHER, QUEUE
from tests.door.chart import Chart
from tests.door.deployed import envoy_gateway, missing
from tests.door.manifests import login_secret, platform, tenant

SECONDS = 30


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A platform with a door and two tenants, by the definitions and with the rights that the chart brings."""
    if why := missing():
        pytest.skip(why)
    try:
        binaries = available()
    except BinariesError as error:
        pytest.skip(str(error))
    chart = Chart()
    with control_plane(binaries) as plane:
        made = Cluster(plane)
        define_as_written(made.admin, chart.definitions())
        made.deploy(
            platform(), [tenant("ads-dev", [GROUP]), tenant("search-dev", [])], defined=(GATEWAY_GROUP, ENVOY_GROUP)
        )
        for thing in (*chart.accounts(), login_secret()):
            made.admin.apply(thing)
        yield made


@pytest.fixture(scope="module")
def log(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What Envoy Gateway writes, which runs."""
    with envoy_gateway(cluster, tmp_path_factory.mktemp("deployed")) as written:
        yield written


def found(cluster: Cluster, api_version: str, kind: str, name: str, namespace: str = names.SYSTEM_NAMESPACE) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return cluster.admin.read({"apiVersion": api_version, "kind": kind, "metadata": metadata})


def wait(log: Path, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            if holds():
                return
        except (RefusedError, KeyError):
            pass
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.2)


def says(status: Object, condition: str) -> bool:
    return any(each["type"] == condition and each["status"] == "True" for each in status["conditions"])


def test_all_that_stacks_register_is_taken_by_the_charts_own_definitions(cluster: Cluster) -> None:
    assert cluster.refused == []


def test_the_platforms_own_objects_of_the_door_are_taken_while_admission_is_in_effect(cluster: Cluster) -> None:
    things = [t for t in objects_of(platform()) if t["apiVersion"].partition("/")[0] in (GATEWAY_GROUP, ENVOY_GROUP)]
    assert "GatewayClass" in {thing["kind"] for thing in things}
    assert apply_all(cluster.admin, things) == []


def test_the_class_and_the_gateway_are_accepted(cluster: Cluster, log: Path) -> None:
    wait(log, lambda: says(found(cluster, GATEWAY_API, "GatewayClass", names.DOOR_CLASS, "")["status"], "Accepted"))
    wait(log, lambda: says(found(cluster, GATEWAY_API, "Gateway", names.DOOR)["status"], "Accepted"))


def test_envoys_are_made_behind_the_one_node_port(cluster: Cluster, log: Path) -> None:
    wait(log, lambda: bool(found(cluster, "apps/v1", "Deployment", names.DOOR)))
    wait(log, lambda: bool(found(cluster, "v1", "Service", names.DOOR)))
    spec = found(cluster, "v1", "Service", names.DOOR)["spec"]
    assert [(each["port"], each["nodePort"]) for each in spec["ports"]] == [(PORT, NODE_PORT)]
    assert (spec["type"], spec["externalTrafficPolicy"]) == ("NodePort", "Local")
    own = f"{ENVOY_GROUP}/owning-gateway-name={names.DOOR}"
    budgets = functools.partial(
        cluster.admin.items, "policy/v1", "PodDisruptionBudget", names.SYSTEM_NAMESPACE, labelSelector=own
    )
    wait(log, lambda: [each["spec"]["maxUnavailable"] for each in budgets()] == [1])


@pytest.mark.parametrize("namespace", [QUEUE, OTHER])
def test_queues_routes_are_accepted_by_their_namespaces_labels(cluster: Cluster, log: Path, namespace: str) -> None:
    def accepted() -> bool:
        route = found(cluster, GATEWAY_API, "HTTPRoute", names.HISTORY_SERVER, namespace)
        return [says(parent, "Accepted") for parent in route["status"]["parents"]] == [True]

    wait(log, accepted)


def test_its_rights_suffice(cluster: Cluster, log: Path) -> None:
    wait(log, lambda: bool(found(cluster, "apps/v1", "Deployment", names.DOOR)))
    assert "forbidden" not in log.read_text().lower()
