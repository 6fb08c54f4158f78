"""A tenant's settings on its platform: what is refused, where the error points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.contract_rules import COST_TAGS
from infra.settings.findings import SettingsError
from infra.settings.tenant import AwsTenant
from infra.settings.validation import stack_settings
from sizing.cost_tags import TENANT_TAGS
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.tenants import POOL, QUEUE, by_path, on, read
from tests.samples import TENANTS, changed, contract, tenant, tenant_config, tenant_registrations


@pytest.mark.parametrize("stack", TENANTS)
def test_a_sample_fits_its_platform(stack: str) -> None:
    settings = tenant(stack)
    assert on(settings, contract(settings["platform"]), None if "existing" in settings else "eu-central-1") == {}


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("allowedAccountIds", ["999988887777"], "allowedAccountIds", "999988887777", "the platform's: 111122223333"),
        (f"{POOL}.zones", {"eu-central-1c": 1}, f"{POOL}.zones.eu-central-1c", "eu-central-1c", "a zone of the platform: eu-central-1a, eu-central-1b"),
        (f"{POOL}.maxNodes", 61, f"{POOL}.maxNodes", "61", "at most 60"),
        (f"{QUEUE}.drivers.cpu", 8, f"{QUEUE}.drivers", "8 cpu, 4Gi memory", "at most what a driver node offers"),
        (f"{QUEUE}.drivers.memory", "31Gi", f"{QUEUE}.drivers", "1 cpu, 31Gi memory", "at most what a driver node offers"),
        (f"{QUEUE}.data.0.bucket", "spark-dev-events-111122223333-eu-central-1", f"{QUEUE}.data[0].bucket", "spark-dev-events", "a bucket other than the platform's own"),
        (f"{QUEUE}.data.1", {"bucket": "spark-dev-artifacts-111122223333-eu-central-1", "prefix": "search/adhoc", "access": "readWrite"}, f"{QUEUE}.data[1].bucket", "spark-dev-artifacts", "a bucket other than the platform's own"),
        ("tags", {f"t{n}": "x" for n in range(25)}, None, "", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_platform_is_named(
    path: str,
    value: Any,  # noqa: ANN401
    where: str | None,
    found: str,
    allowed: str,
) -> None:
    result = on(changed(tenant(), path, value), contract())
    if where is None:
        assert result == {}
        return
    assert list(result) == [where]
    assert result[where][0].startswith(found)
    assert allowed in result[where][1]


def test_an_executor_is_not_larger_than_its_node() -> None:
    """So many pods a node that the kubelet's share of a small node leaves no heap; more than that no node takes."""
    small = changed(tenant(), f"{POOL}.instanceTypes", ["c6i.large"])
    aws = contract().aws
    assert aws is not None
    too_many = "c6i.large, for which EKS recommends 110 pods at most"
    for pods, found, allowed in (
        (110, "c6i.large", "a type on which an executor fits beside DaemonSets"),
        (111, too_many, "a type for 111 pods, the platform's executors.podsPerNode"),
        (250, too_many, "a type for 250 pods, the platform's executors.podsPerNode"),
    ):
        crowded = contract().model_copy(update={"aws": aws.model_copy(update={"executor_pods_per_node": pods})})
        assert on(small, crowded) == {f"{POOL}.instanceTypes[0]": (found, allowed)}
    assert on(small, contract()) == {}


@pytest.mark.parametrize(("key", "value"), [("cpu", "500m"), ("memory", "1Gi")])
def test_a_labelled_node_holds_an_executor(key: str, value: str) -> None:
    result = on(changed(tenant("demo-kind"), f"queues.try.pools.main.{key}", value), contract("platform-kind"), None)
    assert list(result) == ["queues.try.pools.main"]
    assert "an executor fits" in result["queues.try.pools.main"][1]


@pytest.mark.parametrize(("found", "holds"), [(140, True), (141, False), (100_000, False)])
def test_one_job_may_have_no_more_executors_than_its_queue_holds(found: int, holds: bool) -> None:
    """r7i.2xlarge offers 7,530m and 60,784 MiB to executors: seven of a core, on each of twenty nodes."""
    settings = changed(tenant(), "queues.batch.maxExecutorsPerJob", found)
    wrong_there = by_path(wrong(read(settings), "eu-central-1", contract()))
    if holds:
        assert not wrong_there
        return
    ((where, (said, allowed)),) = wrong_there.items()
    assert (where, said) == ("queues.batch.maxExecutorsPerJob", str(found))
    assert allowed.startswith("at most 140, which the queue holds at its maximum")


def test_a_platform_in_another_region_is_named() -> None:
    elsewhere = changed(tenant(), f"{POOL}.zones", {"eu-west-1a": 2})
    settings = stack_settings("test", tenant_config(elsewhere, region="eu-west-1")).settings
    assert isinstance(settings, AwsTenant)
    result = by_path(wrong(settings, "eu-west-1", contract()))
    assert result["platform"] == (
        "platform-dev, in eu-central-1",
        "a platform in eu-west-1; or aws:region: eu-central-1, and zones, keys and secrets of it",
    )


def test_a_tenant_and_its_platform_are_both_in_aws_or_neither() -> None:
    assert on(tenant("demo-kind"), contract(), None) == {
        "platform": ("platform-kind", "settings for a platform in AWS: leave existing out")
    }
    assert on(tenant(), contract("platform-kind")) == {
        "platform": ("platform-dev", "settings for a platform on an existing cluster: set existing: true")
    }


def test_tags_of_platform_and_tenant_fit_a_group_together() -> None:
    of_platform = {f"p{n}": "x" for n in range(COST_TAGS - TENANT_TAGS - 25)}
    full = contract().model_copy(update={"tags": of_platform})
    maximum = changed(tenant(), "tags", {f"t{n}": "x" for n in range(25)})
    assert on(maximum, full) == {}
    assert on(maximum, full.model_copy(update={"tags": {**of_platform, "one": "more"}})) == {
        "tags": (
            f"{COST_TAGS - 1} with the platform's",
            f"at most {COST_TAGS - TENANT_TAGS}: an Auto Scaling group has no more",
        )
    }


def test_more_data_than_a_policy_holds_is_named() -> None:
    data = [{"bucket": f"bucket-{n}", "prefix": "p" * 60, "access": "read"} for n in range(60)]
    with pytest.raises(SettingsError) as error:
        tenant_registrations(changed(tenant(), f"{QUEUE}.data", data), data=data)
    ((where, (found, allowed)),) = by_path(error.value.findings).items()
    assert where == f"{QUEUE}.data"
    assert found.startswith("60 locations, a policy of")
    assert "AWS takes 10240 characters" in allowed


def test_a_tenant_that_the_platform_does_not_list_is_told_where_to_add_it() -> None:
    with pytest.raises(SettingsError) as error:
        tenant_registrations(changed(changed(tenant(), "name", "other"), "accepts", {}))
    ((where, (found, allowed)),) = by_path(error.value.findings).items()
    assert (where, found) == ("name", "other, which platform-dev doesn't list")
    assert "(ads, research, search)" in allowed
    assert "add other under tenants in stacks/Pulumi.platform-dev.yaml" in allowed


LISTED = [
    {"bucket": "lake", "prefix": "sales", "access": "read"},
    {"bucket": "lake", "prefix": "ads/out", "access": "readWrite"},
    {"bucket": "whole", "prefix": "", "access": "read"},
]


@pytest.mark.parametrize(
    ("bucket", "prefix", "access", "fine"),
    [
        ("lake", "sales", "read", True),
        ("lake", "sales/2026", "read", True),
        ("lake", "sales", "readWrite", False),
        ("lake", "sales2", "read", False),
        ("lake", "sale", "read", False),
        ("lake", "", "read", False),
        ("lake", "ads", "read", False),
        ("lake", "ads/out", "read", True),
        ("lake", "ads/out/x", "readWrite", True),
        ("lake2", "sales", "read", False),
        ("whole", "", "read", True),
        ("whole", "x/y", "read", True),
        ("whole", "x/y", "readWrite", False),
    ],
)
def test_data_is_what_the_platform_lists_or_a_part_of_it(bucket: str, prefix: str, access: str, fine: bool) -> None:
    settings = changed(tenant(), f"{QUEUE}.data", [{"bucket": bucket, "prefix": prefix, "access": access}])
    if fine:
        tenant_registrations(settings, data=LISTED)
        return
    with pytest.raises(SettingsError) as error:
        tenant_registrations(settings, data=LISTED)
    ((where, (found, allowed)),) = by_path(error.value.findings).items()
    assert (where, found) == (f"{QUEUE}.data[0]", f"{access} of {bucket}/{prefix}")
    assert "(read of lake/sales; read of whole/; readWrite of lake/ads/out)" in allowed
    assert "tenants.ads.data in stacks/Pulumi.platform-dev.yaml" in allowed


def test_errors_on_the_platform_name_the_file_and_the_whole_path() -> None:
    with pytest.raises(SettingsError) as error:
        tenant_registrations(changed(tenant(), f"{POOL}.maxNodes", 61))
    assert str(error.value) == (
        "stacks/Pulumi.test.yaml: 1 error\n"
        "  elastic-spark:tenant.queues.batch.pools.main.maxNodes\n"
        "    found    61\n"
        "    allowed  at most 60: for so many executor nodes a zone has addresses"
    )
