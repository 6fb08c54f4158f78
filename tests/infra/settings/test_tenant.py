"""A tenant's settings: what is refused, by itself or on its platform, where the error points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import PlatformContract
from infra.settings.contract_rules import COST_TAGS
from infra.settings.findings import Finding, SettingsError
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import TENANT_KEY, stack_settings
from sizing.cost_tags import TENANT_TAGS
from tests.infra.settings.on_platforms import wrong
from tests.samples import (
    AWS_TENANTS,
    TENANTS,
    changed,
    config_of,
    contract,
    platform,
    tenant,
    tenant_config,
    tenant_registrations,
)

QUEUE = "queues.batch"
POOL = "queues.batch.pools.main"
NIGHTLY = {
    "days": ["mon", "tue"],
    "start": "22:00",
    "end": "05:00",
    "timeZone": "Europe/Berlin",
    "zones": {"eu-central-1a": 4},
}
ARN = "arn:aws:iam::111122223333:role/x"


def findings(config: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What is found and allowed, by YAML path."""
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config)
    assert error.value.file == "stacks/Pulumi.test.yaml"
    return by_path(error.value.findings)


def by_path(found: tuple[Finding, ...] | list[Finding]) -> dict[str, tuple[str, str]]:
    return {f.path.removeprefix(f"{TENANT_KEY}."): (f.found, f.allowed) for f in found}


def read(settings: dict[str, Any]) -> AwsTenant | ExistingTenant:
    read = stack_settings("test", tenant_config(settings)).settings
    assert isinstance(read, AwsTenant | ExistingTenant)
    return read


@pytest.mark.parametrize("stack", TENANTS)
def test_a_sample_is_a_tenant(stack: str) -> None:
    settings = stack_settings(stack, tenant_config(tenant(stack)))
    assert isinstance(settings.settings, AwsTenant if stack in AWS_TENANTS else ExistingTenant)
    assert settings.region == ("eu-central-1" if stack in AWS_TENANTS else None)


def with_pool(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    pool: dict[str, Any] = {**tenant()["queues"]["batch"]["pools"]["main"], **changes}
    return pool


def hours(start: str, end: str, *days: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {**NIGHTLY, "start": start, "end": end, "days": list(days), **changes}


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("platform", ..., "platform", "nothing", "The platform's stack"),
        ("platform", "plat form", "platform", '"plat form"', "the name of a stack"),
        ("name", "ads-team", "name", '"ads-team"', "lower-case letters and digits"),
        ("name", "a" * 17, "name", '"aaa', "1 to 16"),
        ("name", "2ads", "name", '"2ads"', "starting with a letter"),
        ("name", ..., "name", "nothing", "a value"),
        ("allowedAccountIds", [], "allowedAccountIds", "[]", "at least 1"),
        ("allowedAccountIds", [111122223333], "allowedAccountIds[0]", "111122223333", "put it in quotes"),
        ("tags", {"elastic-spark:tenant": "search"}, "tags.elastic-spark:tenant", '"elastic-spark:tenant"', "elastic-spark:"),
        ("budget", {"monthlyUsd": 0}, "budget.monthlyUsd", "0", "1 or more"),
        ("colour", "red", "colour", "an unknown key", "one of alerts, allowedAccountIds"),
        (f"{QUEUE}.pool", {}, f"{QUEUE}.pool", "an unknown key", "did you mean pools?"),
        (f"{POOL}.maxNode", 3, f"{POOL}.maxNode", "an unknown key", "did you mean maxNodes?"),
        (f"{POOL}.desired", 3, f"{POOL}.desired", "an unknown key", "one of capacity, diskGib"),
        ("existing", True, "allowedAccountIds", "an unknown key", "one of alerts, existing, name"),
        ("queues", {}, "queues", "{}", "at least 1"),
        ("queues", ..., "queues", "nothing", "a value"),
        (f"{QUEUE}.pools", {}, f"{QUEUE}.pools", "{}", "at least 1"),
        (f"{QUEUE}.drivers", ..., f"{QUEUE}.drivers", "nothing", "a value"),
        (f"{QUEUE}.drivers.atOnce", 0, f"{QUEUE}.drivers.atOnce", "0", "1 or more"),
        (f"{QUEUE}.drivers.atOnce", 10_000, f"{QUEUE}.drivers.atOnce", "10000", "1000 or less"),
        (f"{QUEUE}.drivers.cpu", 0, f"{QUEUE}.drivers.cpu", "0", "a positive Kubernetes quantity"),
        (f"{QUEUE}.drivers.memory", "512Mi", f"{QUEUE}.drivers.memory", "512Mi", "at least 896Mi"),
        (f"{POOL}.instanceTypes", ["r7i.2xlrge"], f"{POOL}.instanceTypes[0]", '"r7i.2xlrge"', "did you mean r7i.2xlarge"),
        (f"{POOL}.instanceTypes", [], f"{POOL}.instanceTypes", "[]", "at least 1"),
        (f"{POOL}.instanceTypes", ["r7i.2xlarge", "r7i.xlarge"], f"{POOL}.instanceTypes[1]", "r7i.xlarge: 4 vCPU", "as r7i.2xlarge: 8 vCPU"),
        (f"{POOL}.instanceTypes", ["r7i.2xlarge", "r7g.2xlarge"], f"{POOL}.instanceTypes[1]", "r7g.2xlarge: 8 vCPU, 65536 MiB, arm64", "amd64"),
        (f"{POOL}.maxNodes", 10_000, f"{POOL}.maxNodes", "10000", "2000 or less"),
        (f"{POOL}.maxNodes", 0, f"{POOL}.maxNodes", "0", "1 or more"),
        (f"{POOL}.maxNodes", 1, f"{POOL}.zones", "2 nodes at any time", "at most maxNodes, which is 1"),
        (f"{POOL}.zones", {}, f"{POOL}.zones", "{}", "at least 1"),
        (f"{POOL}.zones", {"eu-central-1a": -1}, f"{POOL}.zones.eu-central-1a", "-1", "0 or more"),
        (f"{POOL}.zones", {"eu-central-1": 1}, f"{POOL}.zones.eu-central-1", '"eu-central-1"', "an Availability Zone"),
        (f"{POOL}.zones", {"eu-west-1a": 1}, f"{POOL}.zones.eu-west-1a", '"eu-west-1a"', "a zone of eu-central-1"),
        (f"{POOL}.capacity", "Spot", f"{POOL}.capacity", '"Spot"', "'on-demand' or 'spot'"),
        (f"{POOL}.capacity", "spot", f"{POOL}.zones", "2 nodes at any time", "0 in each zone: Spot promises no node"),
        (POOL, with_pool(capacity="spot", zones={"eu-central-1a": 0}, schedules={"n": NIGHTLY}), f"{POOL}.schedules", "n", "none: Spot has no minimum"),
        *(
            (f"{POOL}.unneededTime", value, f"{POOL}.unneededTime", shown, "10 seconds to an hour, such as 90s or 5m")
            for value, shown in (("9s", '"9s"'), ("1h1s", '"1h1s"'), ("2 m", '"2 m"'), ("1d", '"1d"'), ("", '""'))
        ),
        (f"{POOL}.unneededTime", 120, f"{POOL}.unneededTime", "120", "quotes"),
        (f"{POOL}.retiring", ["a"], f"{POOL}.retiring[0]", "a", "an earlier generation"),
        ("existing", False, "existing", "false", "true, for a platform on an existing cluster"),
        ("existing", None, "existing", "null", "true, for a platform on an existing cluster"),
        (f"{POOL}.diskGib", 5, f"{POOL}.diskGib", "5", "20 or more"),
        (f"{QUEUE}.pools.main-spot", with_pool(), f"{QUEUE}.pools.main-spot", "main-spot", "does not end with -spot"),
        (f"{QUEUE}.pools.spot", with_pool(), f"{QUEUE}.pools.spot", "spot", "another name than spot"),
        (f"{QUEUE}.pools.Main", with_pool(), f"{QUEUE}.pools.Main", '"Main"', "lower-case letters"),
        ("queues.batch-", tenant()["queues"]["batch"], "queues.batch-", '"batch-"', "not ending with '-'"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1a": 21}}}, f"{POOL}.schedules.n.zones", "21 nodes in these hours", "at most maxNodes, which is 20"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1a": 1}}}, f"{POOL}.schedules.n.zones.eu-central-1a", "1", "the zone's own minimum, 2"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1b": 3}}}, f"{POOL}.schedules.n.zones.eu-central-1b", "eu-central-1b", "a zone of the pool: eu-central-1a"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {}}}, f"{POOL}.schedules.n.zones", "{}", "at least 1"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "timeZone": "Europe/Berln"}}, f"{POOL}.schedules.n.timeZone", '"Europe/Berln"', "did you mean Europe/Berlin?"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "start": "25:00"}}, f"{POOL}.schedules.n.start", '"25:00"', "a quoted time of day"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "start": 1320}}, f"{POOL}.schedules.n.start", "1320", "put it in quotes"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": ["monday"]}}, f"{POOL}.schedules.n.days[0]", '"monday"', "'mon'"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": []}}, f"{POOL}.schedules.n.days", "[]", "at least 1"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": ["mon", "mon"]}}, f"{POOL}.schedules.n.days", "[", "once"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "min": 9}}, f"{POOL}.schedules.n.min", "an unknown key", "zones"),
        (f"{POOL}.schedules", {"a": hours("08:00", "12:00", "mon"), "b": hours("11:00", "13:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("08:00", "12:00", "mon"), "b": hours("12:00", "13:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("22:00", "08:00", "sun"), "b": hours("07:00", "09:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("08:00", "08:00", "mon", "tue")}, f"{POOL}.schedules.a", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": NIGHTLY, "b": hours("08:00", "12:00", "mon", timeZone="UTC")}, f"{POOL}.schedules", "Europe/Berlin, UTC", "one time zone"),
        (f"{QUEUE}.data", [{"bucket": "s3://lake", "access": "read"}], f"{QUEUE}.data[0].bucket", '"s3://lake"', "without s3:// and path"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "a*", "access": "read"}], f"{QUEUE}.data[0].prefix", '"a*"', "a prefix of object names"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "a/${aws:userid}", "access": "read"}], f"{QUEUE}.data[0].prefix", '"a/${aws:userid}"', "a prefix of object names"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "/a/", "access": "read"}], f"{QUEUE}.data[0].prefix", '"/a/"', "without slashes at start and end"),
        (f"{QUEUE}.data", [{"bucket": "lake", "access": "write"}], f"{QUEUE}.data[0].access", '"write"', "'read' or 'readWrite'"),
        ("people", {"x": {"principalArn": ARN, "group": "g", "purpose": "viewer"}}, "people.x", "both principalArn and group", "exactly one"),
        ("people", {"x": {"purpose": "viewer"}}, "people.x", "neither principalArn nor group", "exactly one"),
        ("people", {"x": {"group": "system:masters", "purpose": "owner"}}, "people.x.group", '"system:masters"', "not one of Kubernetes' own"),
        ("people", {"x": {"group": "elastic-spark:ads:viewer", "purpose": "owner"}}, "people.x.group", "elastic-spark:ads:viewer", "does not start with elastic-spark:"),
        ("people", {"x": {"group": "g", "purpose": "admin"}}, "people.x.purpose", '"admin"', "'owner'"),
        ("people", {"x": {"principalArn": "*", "purpose": "owner"}}, "people.x.principalArn", '"*"', "the ARN of an IAM role"),
        ("people", {"x": {"principalArn": ARN, "purpose": "owner"}, "y": {"principalArn": ARN, "purpose": "viewer"}}, "people.y", ARN, "people.x has this one"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    result = findings(tenant_config(changed(tenant(), path, value)))
    assert where in result, result
    assert result[where][0].startswith(found)
    assert allowed in result[where][1]


def test_hours_may_be_a_minute_apart() -> None:
    apart = {"a": hours("08:00", "12:00", "mon"), "b": hours("12:01", "13:00", "mon")}
    read(changed(tenant(), f"{POOL}.schedules", apart))


@pytest.mark.parametrize(("name", "queue"), [("kube", "system"), ("spark", "system"), ("kube", "public")])
def test_a_queue_does_not_take_the_systems_namespace(name: str, queue: str) -> None:
    settings = changed(changed(tenant(), "name", name), "queues", {queue: tenant()["queues"]["batch"]})
    assert f"the namespace {name}-{queue}" in findings(tenant_config(settings))[f"queues.{queue}"][0]


def test_the_default_pool_is_one_of_the_queues() -> None:
    result = findings(tenant_config(changed(tenant(), "queues.batch.defaultPool", "other")))
    assert result == {"queues.batch.defaultPool": ("other", "a pool of the queue: main")}


def test_two_pools_do_not_have_one_identity() -> None:
    """Label and taint `ads-etl-x-y` would be of pool `y` in `etl-x` and of pool `x-y` in `etl`."""
    batch = tenant()["queues"]["batch"]
    queues = {"etl": {**batch, "pools": {"x-y": with_pool()}}, "etl-x": {**batch, "pools": {"y": with_pool()}}}
    result = findings(tenant_config(changed(tenant(), "queues", queues)))
    assert result == {
        "queues.etl-x.pools.y": ("the identity ads-etl-x-y", "a name by which it differs from queues.etl.pools.x-y")
    }


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("people.everybody", {"principalArn": ARN, "purpose": "viewer"}, "people.everybody.principalArn", ARN, "a group: the platform is not in AWS"),
        ("existing", False, "existing", "false", "true"),
        ("existing", "yes", "existing", '"yes"', "true"),
        ("allowedAccountIds", ["111122223333"], "allowedAccountIds", "an unknown key", "one of alerts, existing"),
        ("queues.try.pools.main.instanceTypes", ["m7i.large"], "queues.try.pools.main.instanceTypes", "an unknown key", "cpu, memory, nodes"),
        ("queues.try.data", [], "queues.try.data", "an unknown key",
         "backfill, defaultPool, drivers, maxExecutorsPerJob, order, pools"),
        ("queues.try.drivers.memory", "100Mi", "queues.try.drivers.memory", "100Mi", "at least 896Mi"),
        ("queues.try.pools.main.nodes", 0, "queues.try.pools.main.nodes", "0", "1 or more"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_an_existing_cluster_is_named_too(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    result = findings(tenant_config(changed(tenant("demo-kind"), path, value)))
    assert where in result, result
    assert result[where][0].startswith(found)
    assert allowed.lower() in result[where][1].lower()


@pytest.mark.parametrize(
    ("config", "where"),
    [
        (tenant_config(tenant()) | config_of(platform()), "config"),
        (tenant_config("ads"), TENANT_KEY),
        (tenant_config([]), TENANT_KEY),
        (tenant_config(tenant(), region=None), "aws:region"),
        (tenant_config(tenant(), region="nowhere"), "aws:region"),
        (tenant_config(tenant(), **{"elastic-spark:extra": "1"}), "elastic-spark:extra"),
        (tenant_config(tenant("demo-kind"), **{"aws:region": "eu-central-1"}), "aws:region"),
    ],
)
def test_a_configuration_that_is_not_one_tenant_is_refused(config: dict[str, str], where: str) -> None:
    assert where in findings(config)


def test_all_errors_come_at_once_those_of_rules_too() -> None:
    settings = tenant()
    for path, value in [
        ("name", "A-B"),
        ("people.lead.group", "both"),
        ("tags", {"aws:x": "y"}),
        (f"{POOL}.maxNodes", 1),
    ]:
        settings = changed(settings, path, value)
    assert set(findings(tenant_config(settings))) == {"name", "people.lead", "tags.aws:x", f"{POOL}.zones"}


def on(settings: dict[str, Any], contract: PlatformContract, region: str | None = "eu-central-1") -> dict[str, tuple[str, str]]:  # fmt: skip
    return by_path(wrong(read(settings), region, contract))


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


def test_a_platform_in_another_region_is_named() -> None:
    elsewhere = changed(tenant(), f"{POOL}.zones", {"eu-west-1a": 2})
    settings = stack_settings("test", tenant_config(elsewhere, region="eu-west-1")).settings
    assert isinstance(settings, AwsTenant)
    result = by_path(wrong(settings, "eu-west-1", contract()))
    assert result["platform"] == ("platform-dev, in eu-central-1", "a platform in eu-west-1")


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
        tenant_registrations(changed(tenant(), "name", "other"))
    ((where, (found, allowed)),) = by_path(error.value.findings).items()
    assert (where, found) == ("name", "other, which platform-dev doesn't list")
    assert "(ads, research, search)" in allowed
    assert "add other under tenants in stacks/Pulumi.platform-dev.yaml" in allowed


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


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("order", "lifo", "fifo"),
        ("maxExecutorsPerJob", 0, "1"),
        ("maxExecutorsPerJob", "many", "number"),
        ("backfill", "sometimes", "true"),
    ],
)
def test_how_jobs_share_a_queue_is_said_in_words_that_it_knows(key: str, value: object, allowed: str) -> None:
    found = findings(tenant_config(changed(tenant(), f"{QUEUE}.{key}", value)))
    assert allowed in found[f"{QUEUE}.{key}"][1]


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
