from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pulumi
import pytest

from components.nodes.buffer_crd import capacity_buffer_crd
from components.nodes.headroom import Headroom, HeadroomArgs
from components.nodes.pool import Pool
from fleet.offline.registration import Registrations
from sizing.nodes import Resources
from sizing.quantities import GIB
from tests.components.nodes.test_pool import DRIVER, TEMPLATE
from tests.components.nodes.test_user_data import parts
from tests.recording import registrations_of

BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
POD_TEMPLATE = "kubernetes:core/v1:PodTemplate"
CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"

ARGS = HeadroomArgs(namespace="spark-system", drivers=8, driver=Resources(cpu=1500, memory=6 * GIB))


def registrations() -> Registrations:
    return registrations_of(lambda: Headroom("headroom", ARGS))


def definition() -> dict[str, Any]:
    crd = registrations_of(lambda: capacity_buffer_crd("buffers")).one(CRD)
    spec: dict[str, Any] = crd.inputs["spec"]
    return spec


def schema() -> dict[str, Any]:
    (version,) = definition()["versions"]
    openapi: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return openapi


def test_the_buffer_asks_for_so_many_units_of_the_template_beside_it() -> None:
    buffer = registrations().one(BUFFER)
    assert buffer.inputs["metadata"] == {"name": "headroom", "namespace": "spark-system"}
    assert buffer.inputs["spec"] == {
        "provisioningStrategy": "buffer.x-k8s.io/active-capacity",
        "podTemplateRef": {"name": "headroom"},
        "replicas": 8,
    }
    assert registrations().one(POD_TEMPLATE).inputs["metadata"] == buffer.inputs["metadata"]


def test_the_template_is_there_before_the_buffer() -> None:
    assert registrations().one(POD_TEMPLATE).urn in registrations().one(BUFFER).dependencies


def test_one_unit_requests_what_one_driver_requests() -> None:
    (container,) = registrations().one(POD_TEMPLATE).inputs["template"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "1500m", "memory": "6Gi"}}


def test_units_fit_the_driver_pools_nodes_and_no_other() -> None:
    spec = registrations().one(POD_TEMPLATE).inputs["template"]["spec"]
    ((_, node),) = parts(registrations_of(lambda: Pool("pool", DRIVER)).one(TEMPLATE).inputs["userData"])
    (flag,) = node["spec"]["kubelet"]["flags"]
    taint, *_ = node["spec"]["kubelet"]["config"]["registerWithTaints"]
    assert spec["nodeSelector"] == {"elastic-spark/pool": "driver"}
    assert "elastic-spark/pool=driver" in flag.removeprefix("--node-labels=").split(",")
    assert spec["tolerations"] == [taint | {"operator": "Equal"}]


def test_the_namespace_may_come_from_another_resource() -> None:
    recorded = registrations_of(
        lambda: Headroom("headroom", replace(ARGS, namespace=pulumi.Output.from_input("elsewhere")))
    )
    assert recorded.one(BUFFER).inputs["metadata"]["namespace"] == "elsewhere"


def test_the_definition_serves_and_stores_the_one_version_that_the_autoscaler_speaks() -> None:
    (version,) = definition()["versions"]
    assert (version["name"], version["served"], version["storage"]) == ("v1beta1", True, True)
    assert version["subresources"] == {"status": {}}
    assert definition()["scope"] == "Namespaced"


def test_the_definition_is_named_as_kubernetes_demands() -> None:
    crd = registrations_of(lambda: capacity_buffer_crd("buffers")).one(CRD)
    names = definition()["names"]
    assert crd.inputs["metadata"]["name"] == f"{names['plural']}.{definition()['group']}"


def test_the_headrooms_buffer_is_what_the_definition_describes() -> None:
    buffer = registrations().one(BUFFER).inputs
    described = schema()["properties"]["spec"]["properties"]
    jsonschema.validate(buffer, schema())
    assert buffer["spec"].keys() <= described.keys()


@pytest.mark.parametrize("value", [4, "4", "500m", "1.5", "10Gi", "3Ki", "2k", "1M"])
def test_limits_take_quantities(value: object) -> None:
    jsonschema.validate({"spec": {"limits": {"cpu": value}}}, schema())


@pytest.mark.parametrize("value", ["", "four", "-1", "10gi", "1 Gi", "3mi", "3ki", [4]])
def test_limits_take_nothing_else(value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"spec": {"limits": {"cpu": value}}}, schema())


def test_every_part_of_the_definition_has_a_type_as_structural_schemas_must() -> None:
    def untyped(part: dict[str, Any], path: str) -> list[str]:
        below = [
            *part.get("properties", {}).items(),
            *((k, part[k]) for k in ("items", "additionalProperties") if k in part),
        ]
        here = [] if "type" in part or part.get("x-kubernetes-int-or-string") else [path]
        return here + [found for key, child in below for found in untyped(child, f"{path}.{key}")]

    assert untyped(schema(), "") == []
