"""Every object that the sample stacks register is accepted by the API server as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sizing import names
from tests import samples
from tests.cluster.attempts import JOB_SECONDS
from tests.cluster.binaries import Binaries
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.objects import custom_kinds, objects_of, unknowns, with_stand_ins
from tests.cluster.tables import PLATFORM, TENANTS

OTHERS = ("platform-kind", "platform-prod")


@pytest.fixture
def empty_cluster(binaries: Binaries) -> Iterator[Cluster]:
    """A control plane of one's own with nothing on it."""
    with control_plane(binaries) as plane:
        yield Cluster(plane)


@pytest.mark.parametrize("platform", OTHERS)
def test_a_platforms_objects_and_its_tenants_are_accepted(empty_cluster: Cluster, platform: str) -> None:
    tenants = [stack for stack in samples.TENANTS if samples.tenant(stack)["platform"] == platform]
    assert tenants
    empty_cluster.deploy(
        samples.platform_registrations(platform), [samples.sample_registrations(stack) for stack in tenants]
    )
    assert empty_cluster.refused == []


def test_the_development_platforms_objects_and_its_tenants_are_accepted(cluster: Cluster) -> None:
    assert len(TENANTS) > 1
    assert cluster.refused == []


@pytest.mark.parametrize("stack", [PLATFORM, *TENANTS])
def test_what_was_accepted_is_there_as_it_was_written(cluster: Cluster, stack: str) -> None:
    registrations = samples.doored_platform() if stack == PLATFORM else samples.doored_registrations(stack)
    things = objects_of(registrations)
    assert things
    for thing in things:
        assert _holds(cluster.admin.read(thing), thing), thing


def test_a_history_servers_pod_is_let_in_where_drivers_run(cluster: Cluster) -> None:
    end = time.monotonic() + JOB_SECONDS
    while not (
        pods := cluster.admin.items("v1", "Pod", "ads-batch", labelSelector="app.kubernetes.io/name=spark-history")
    ):
        assert time.monotonic() < end, "the controller made no pod"
        time.sleep(0.1)
    (pod,) = pods
    assert pod["metadata"]["name"] == names.HISTORY_POD
    assert pod["spec"]["nodeSelector"] == {names.POOL_LABEL: names.DRIVER_POOL}
    assert (pod["spec"]["serviceAccountName"], pod["spec"]["schedulerName"]) == (names.HISTORY_SERVER, "yunikorn")


INVENTED = {"platform-prod": {"StorageClass gp3": ["<unknown until Key spark-prod-volumes-key>"]}}
"""The storage driver takes a key by its ARN alone, which AWS makes up."""


@pytest.mark.parametrize("stack", [PLATFORM, *OTHERS])
def test_nothing_that_is_known_only_when_deployed_is_made_up(stack: str) -> None:
    found = {
        f"{thing['kind']} {thing['metadata']['name']}": unknowns(thing)
        for thing in objects_of(samples.platform_registrations(stack))
    }
    assert {name: texts for name, texts in found.items() if texts} == INVENTED.get(stack, {})


def test_stand_ins_take_the_place_of_what_is_known_only_when_deployed() -> None:
    thing = {"metadata": {"name": "n"}, "data": {"id": "<unknown until Vpc x>", "list": ["a-<unknown until Vpc x>", 1]}}
    assert unknowns(thing) == ["<unknown until Vpc x>", "<unknown until Vpc x>"]
    assert with_stand_ins(thing)["data"] == {"id": "known-when-deployed", "list": ["a-known-when-deployed", 1]}


def test_kubernetes_own_kinds_and_those_that_a_stack_defines_need_no_definition() -> None:
    things = objects_of(samples.platform_registrations(PLATFORM))
    found = {kind.kind for kind in custom_kinds(things)}
    assert "ServiceMonitor" in found
    assert not found & {"CapacityBuffer", "Namespace", "ClusterRole", "PodTemplate"}


def _holds(found: object, written: object) -> bool:
    """Whether all that was written is in what was found, which has defaults beside it and leaves out what is empty."""
    match found, written:
        case dict(), dict():
            return all(not value or _holds(found.get(key), value) for key, value in written.items())
        case list(), list():
            return len(found) == len(written) and all(map(_holds, found, written))
        case _:
            return found == written
