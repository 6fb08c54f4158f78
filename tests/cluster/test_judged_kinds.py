"""What admission refuses of applications is what Kubernetes refuses of their pods, and the operator of them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.cluster.api import Object, RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.attacks_applications_containers import CONTAINERS, FILES
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.cluster import Cluster
from tests.cluster.pod_shapes import DRIVER, ENGINEER, NAMESPACE, driver, executor
from tests.operator_rows import Row, rows

RULE = re.compile(r"\[application-[a-z-]+\]")
OF_CONTAINER = ("env", "envFrom", "lifecycle", "ports")
OPERATORS = [row for row in rows() if not row.name.endswith("another namespace")]
"""What the operator's webhook refuses; of a namespace, admission puts the queue's in its place."""


def pod_of(thing: Object) -> Object | None:
    """The pod of an application with something special about it, as far as that is in a field which the pod has too."""
    spec = thing["spec"].get("template", thing["spec"])
    if thing["kind"] == "SparkConnect":
        return None
    if sidecars := spec["executor"].get("sidecars"):
        return executor(containers=sidecars) if len(sidecars) == 1 else None
    if mounts := spec["driver"].get("volumeMounts"):
        own = driver()["spec"]
        volumes = [*own["volumes"], *spec["volumes"]]
        return driver(volumes=volumes, container={"volumeMounts": [*own["containers"][0]["volumeMounts"], *mounts]})
    found: dict[str, Any] = {key: spec["driver"][key] for key in OF_CONTAINER if key in spec["driver"]}
    if "ports" in found:
        found["ports"] = [*driver()["spec"]["containers"][0]["ports"], *found["ports"]]
    return driver(container=found) if found else None


def pods() -> dict[str, tuple[Object, Object]]:
    """Pods by the names of their rows: one that is refused, one that is not."""
    found = {}
    cases: tuple[Case, ...] = (*CONTAINERS, *FILES)
    for case in cases:
        if isinstance(case, Attempt) and isinstance(case.does, Create) and isinstance(case.twin, Create):
            wrong, right = pod_of(case.does.thing), pod_of(case.twin.thing)
            if wrong and right:
                found[case.name] = (wrong, right)
    return found


PODS = pods()


def test_many_rows_have_pods() -> None:
    assert len(PODS) >= 20


@pytest.mark.parametrize("name", PODS)
def test_kubernetes_refuses_the_same_of_a_pod(cluster: Cluster, name: str) -> None:
    wrong, right = PODS[name]
    with pytest.raises(RefusedError, match=r"is invalid"):
        cluster.acting(DRIVER).create(wrong, dryRun="All")
    cluster.acting(DRIVER).create(right, dryRun="All")


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_what_the_operators_webhook_refuses_admission_has_refused_before(cluster: Cluster, row: Row) -> None:
    thing = {**row.refused, "metadata": {**row.refused["metadata"], "namespace": NAMESPACE}}
    with pytest.raises(RefusedError, match=RULE):
        cluster.acting(ENGINEER).create(thing, dryRun="All")


def test_of_several_numbers_of_executors_the_wrong_ones_are_told(cluster: Cluster) -> None:
    thing = application(
        executor={"instances": 500},
        dynamicAllocation={"enabled": True, "minExecutors": 1, "maxExecutors": 40},
        sparkConf={"spark.dynamicAllocation.initialExecutors": "some"},
    )
    with pytest.raises(RefusedError) as refused:
        cluster.acting(ENGINEER).create(thing, dryRun="All")
    told = "found: executor.instances=500, spark.dynamicAllocation.initialExecutors=some; allowed: up to "
    assert told in refused.value.message
