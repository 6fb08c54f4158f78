from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from components.nodes.pool import Pool
from components.nodes.pool_quota import PoolQuota, PoolQuotaArgs
from components.nodes.quota_crd import capacity_quota_crd
from fleet.offline.registration import Registration, Registrations
from tests.components.nodes.test_pool import EXECUTOR, TEMPLATE
from tests.components.nodes.test_user_data import parts
from tests.recording import registrations_of

QUOTA = "kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota"
CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
ARGS = PoolQuotaArgs(identity=EXECUTOR.identity, generation=EXECUTOR.generation, maximum=19)


def quota() -> Registration:
    return registrations_of(lambda: PoolQuota("quota", ARGS)).one(QUOTA)


def registered_definition() -> Registration:
    registrations: Registrations = registrations_of(lambda: capacity_quota_crd("quotas"))
    return registrations.one(CRD)


def schema() -> dict[str, Any]:
    (version,) = registered_definition().inputs["spec"]["versions"]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return found


def test_a_pool_has_so_many_nodes_at_most() -> None:
    assert quota().inputs["metadata"] == {"name": "ads-batch-main"}
    assert quota().inputs["spec"]["limits"] == {"resources": {"nodes": 19}}


@pytest.mark.parametrize("capacity", ["on-demand", "spot"])
def test_nodes_of_all_its_current_groups_count_spot_and_on_demand(capacity: Any) -> None:  # noqa: ANN401
    pool = registrations_of(lambda: Pool("pool", replace(EXECUTOR, capacity=capacity, retiring=("b",))))
    counted = {
        generation: quota().inputs["spec"]["selector"]["matchLabels"].items() <= labels_of(template).items()
        for template in pool.of_type(TEMPLATE)
        for generation in [labels_of(template)["elastic-spark/generation"]]
    }
    assert counted == {"a": True, "b": False}


def labels_of(template: Registration) -> dict[str, str]:
    """The labels of the nodes that come by a launch template."""
    *_, (_, node) = parts(template.inputs["userData"])
    (flag,) = node["spec"]["kubelet"]["flags"]
    return dict(label.split("=", 1) for label in flag.removeprefix("--node-labels=").split(","))


def test_the_definition_is_cluster_wide_and_of_the_one_version_that_the_autoscaler_speaks() -> None:
    spec = registered_definition().inputs["spec"]
    (version,) = spec["versions"]
    assert registered_definition().inputs["metadata"]["name"] == "capacityquotas.autoscaling.x-k8s.io"
    assert (spec["scope"], version["name"], version["served"], version["storage"]) == (
        "Cluster",
        "v1alpha1",
        True,
        True,
    )
    assert version["subresources"] == {"status": {}}


def test_a_pools_quota_is_what_the_definition_describes() -> None:
    jsonschema.validate(quota().inputs, schema())
    described = schema()["properties"]["spec"]["properties"]
    assert quota().inputs["spec"].keys() <= described.keys()


@pytest.mark.parametrize("value", ["", "-1", "1.5", "500m", "12 ", [4]])
def test_limits_are_whole_numbers(value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"spec": {"limits": {"resources": {"nodes": value}}}}, schema())
