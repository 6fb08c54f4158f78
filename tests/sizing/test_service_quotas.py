"""AWS's quotas as we have them, against data of others."""

from __future__ import annotations

from typing import Literal

import boto3  # type: ignore[import-untyped]
import botocore.session  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from sizing.arns import PARTITIONS
from sizing.instances import CATALOG
from sizing.service_quotas import CLUSTERS, IAM_REGIONS, QUOTAS, ROLES, Quota, vcpu_quota

VPC = [quota for quota in QUOTAS if quota.service == "vpc"]


def test_some_quotas_are_the_vpcs() -> None:
    assert len(VPC) >= 4


@pytest.mark.parametrize("quota", VPC, ids=lambda quota: quota.code)
def test_a_quota_that_moto_has_is_as_moto_has_it(quota: Quota) -> None:
    with mock_aws():
        client = boto3.client("service-quotas", region_name="eu-central-1")
        found = client.get_service_quota(ServiceCode="vpc", QuotaCode=quota.code)["Quota"]
    assert (found["QuotaName"], found["Value"]) == (quota.name, quota.default)
    assert found["Adjustable"]


def test_every_quota_names_a_service_of_aws_and_a_code_of_its_own() -> None:
    assert len({quota.code for quota in QUOTAS}) == len(QUOTAS)
    shape = botocore.session.get_session().get_service_model("service-quotas").shape_for("QuotaCode")
    assert all(len(quota.code) == 10 <= shape.metadata["max"] for quota in QUOTAS)
    # Of the VPC's and EBS's quotas the service code is Service Quotas' own, and no client's.
    services = set(botocore.session.get_session().get_available_services()) | {"ebs", "vpc"}
    assert {quota.service for quota in QUOTAS} <= services


def test_iams_quotas_are_asked_for_where_iam_is() -> None:
    loader = botocore.session.get_session().get_component("data_loader")
    regions = {p["id"]: p["outputs"]["implicitGlobalRegion"] for p in loader.load_data("partitions")["partitions"]}
    for partition in loader.load_data("endpoints")["partitions"]:
        if iam := partition["services"].get("iam"):
            endpoint = iam["endpoints"][iam["partitionEndpoint"]]
            regions[partition["partition"]] = endpoint["credentialScope"]["region"]
    assert regions == IAM_REGIONS
    assert set(PARTITIONS.values()) < set(IAM_REGIONS)
    assert ROLES.region("eu-central-1") == "us-east-1"
    assert CLUSTERS.region("eu-central-1") == "eu-central-1"


@pytest.mark.parametrize("capacity", ["on-demand", "spot"])
def test_every_known_instance_type_is_counted_by_the_quota_that_names_its_family(
    capacity: Literal["on-demand", "spot"],
) -> None:
    for name in CATALOG.instances:
        quota = vcpu_quota(name, capacity)
        letter = name[0].upper()
        assert letter in quota.name.partition("(")[2] if "(" in quota.name else f" {letter} " in quota.name, name
        assert ("Spot" in quota.name) == (capacity == "spot")


@pytest.mark.parametrize("capacity", ["on-demand", "spot"])
def test_types_that_may_be_in_one_pool_have_one_quota(capacity: Literal["on-demand", "spot"]) -> None:
    by_shape: dict[tuple[int, int], set[Quota]] = {}
    for name, item in CATALOG.instances.items():
        by_shape.setdefault((item.vcpu, item.memory_mib), set()).add(vcpu_quota(name, capacity))
    assert all(len(quotas) == 1 for quotas in by_shape.values())


@pytest.mark.parametrize(
    ("name", "on_demand", "spot"),
    [
        ("inf2.xlarge", "L-1945791B", "L-B5D1601B"),
        ("i4i.xlarge", "L-1216C47A", "L-34B43A08"),
        ("im4gn.xlarge", "L-1216C47A", "L-34B43A08"),
        ("trn1.2xlarge", "L-2C3B7624", "L-6B0D517C"),
        ("g6e.xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("vt1.3xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("p4d.24xlarge", "L-417A185B", "L-7212CCBC"),
        ("p5en.48xlarge", "L-417A185B", "L-C4BD4855"),
        ("x8g.xlarge", "L-7295265B", "L-E3A00192"),
    ],
)
def test_families_of_like_names_have_quotas_of_their_own(name: str, on_demand: str, spot: str) -> None:
    assert (vcpu_quota(name, "on-demand").code, vcpu_quota(name, "spot").code) == (on_demand, spot)


@pytest.mark.parametrize(("name", "capacity"), [("hpc7a.96xlarge", "spot"), ("mac2.metal", "on-demand")])
def test_a_type_of_no_known_quota_is_not_guessed(name: str, capacity: Literal["on-demand", "spot"]) -> None:
    with pytest.raises(LookupError, match=f"{capacity} {name}"):
        vcpu_quota(name, capacity)
