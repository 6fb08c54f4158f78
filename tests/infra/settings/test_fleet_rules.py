"""What is wrong between stacks that are each right by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.fleet_rules import FleetFinding, fleet_findings
from infra.settings.stack_file import read_config, stack_names
from infra.settings.validation import PLATFORM_KEY, StackSettings, stack_settings
from tests.samples import ROOT, changed, config_of, doored_settings, platform, tenant, tenant_config

EAST = "eu-west-1"


def samples() -> dict[str, dict[str, str]]:
    return {stack: read_config(ROOT, stack) for stack in stack_names(ROOT)}


def findings(configs: Mapping[str, Mapping[str, str]]) -> list[FleetFinding]:
    return fleet_findings(stack_settings(stack, config) for stack, config in configs.items())


def one(configs: Mapping[str, Mapping[str, str]]) -> FleetFinding:
    (found,) = findings(configs)
    return found


def dev(**tenants: dict[str, Any]) -> dict[str, dict[str, str]]:
    """`platform-dev` with these tenants only."""
    return {
        "platform-dev": config_of(platform()),
        **{stack.replace("_", "-"): tenant_config(settings) for stack, settings in tenants.items()},
    }


def named(name: str, stack: str = "ads-dev") -> dict[str, Any]:
    """A sample tenant of another name, with nobody in it."""
    return changed(changed(tenant(stack), "name", name), "people", {})


def moved(settings: dict[str, Any], region: str) -> dict[str, Any]:
    """A platform in another region."""
    moved: dict[str, Any] = json.loads(json.dumps(settings).replace("eu-central-1", region))
    return moved


def test_nothing_is_wrong_between_the_samples() -> None:
    assert findings(samples()) == []


def test_what_a_month_costs_is_kept_for_a_month() -> None:
    configs = dev(ads_dev=tenant("ads-dev"))
    assert findings(configs) == []
    configs["platform-dev"] = config_of(changed(platform(), "monitoring", {"retentionDays": 30}))
    found = one(configs)
    assert found.stacks == ("platform-dev", "ads-dev")
    assert "retentionDays: 30" in found.found
    assert found.allowed.startswith("retentionDays: 31 or more")


def test_without_a_budget_samples_may_be_kept_for_a_day() -> None:
    short = config_of(changed(platform(), "monitoring", {"retentionDays": 1}))
    assert findings({"platform-dev": short, "search-dev": samples()["search-dev"]}) == []


def test_a_tenant_has_one_stack_on_a_platform() -> None:
    twin = changed(tenant(), "people", {})
    found = one(dev(ads_dev=tenant(), ads_twin=twin))
    assert found.stacks == ("ads-dev", "ads-twin")
    assert found.found == "tenants of the name ads on one platform"
    assert "one stack a tenant" in found.allowed


def test_tenants_of_one_name_on_two_platforms_are_fine() -> None:
    assert {"ads-dev", "ads-prod"} <= samples().keys()
    assert (
        findings({stack: samples()[stack] for stack in ("platform-dev", "platform-prod", "ads-dev", "ads-prod")}) == []
    )


def test_a_principal_belongs_to_one_tenant() -> None:
    arn = "arn:aws:iam::111122223333:role/ads-lead"
    found = one(
        dev(ads=tenant(), other=changed(named("other"), "people", {"x": {"principalArn": arn, "purpose": "viewer"}}))
    )
    assert found.stacks == ("ads", "other")
    assert arn in found.found
    assert "one access entry for a principal" in found.allowed


@pytest.mark.parametrize("section", ["deployers", "people"])
def test_a_principal_of_the_platform_is_no_tenants(section: str) -> None:
    arn = "arn:aws:iam::111122223333:role/everywhere"
    who = {
        "principalArn": arn,
        **({"stacks": "tenants", "tenants": "all"} if section == "deployers" else {"access": "viewer"}),
    }
    section_of = platform()["access"].get(section, {})
    configs = dev(other=changed(named("other"), "people", {"x": {"principalArn": arn, "purpose": "viewer"}}))
    configs["platform-dev"] = config_of(changed(platform(), f"access.{section}", {**section_of, "everywhere": who}))
    found = one(configs)
    assert found.stacks == ("other", "platform-dev")
    assert arn in found.found


def test_a_group_may_be_in_several_tenants() -> None:
    person = {"group": "company:data", "purpose": "viewer"}
    assert (
        findings(dev(a=changed(named("a"), "people", {"x": person}), b=changed(named("b"), "people", {"x": person})))
        == []
    )


def test_the_driver_pool_holds_all_allowances() -> None:
    """Of 8 driver nodes with 7 cpu to fill, each holds three drivers of 2 cpu, so 24 at once, of which two are the
    queues' history servers."""
    drivers = {"atOnce": 11, "cpu": 2, "memory": "4Gi"}
    fitting = {name: changed(named(name), "queues.batch.drivers", drivers) for name in ("a", "b")}
    assert findings(dev(**fitting)) == []
    found = one(dev(**fitting, c=changed(named("c"), "queues.batch.drivers", {**drivers, "atOnce": 1})))
    assert found.stacks == ("platform-dev", "a", "b", "c")
    assert found.found == "driver allowances and history servers that take 9 driver nodes"
    assert "at most 8" in found.allowed
    assert "pools.driver.nodesPerZone.max of platform-dev" in found.allowed


def test_with_a_door_history_servers_show_logs_and_are_larger() -> None:
    """A server of 250m that fits a driver's place is one of 350m, which doesn't."""
    drivers = {"atOnce": 60, "cpu": 0.3, "memory": "1Gi"}
    configs = dev(**{name: changed(named(name), "queues.batch.drivers", drivers) for name in ("a", "b")})
    assert findings(configs) == []
    found = one(configs | {"platform-dev": config_of(doored_settings())})
    assert found.found == "driver allowances and history servers that take 13 driver nodes"
    without_logs = changed(doored_settings(), "logs", {"enabled": False})
    assert findings(configs | {"platform-dev": config_of(without_logs)}) == []


def test_labelled_driver_nodes_hold_all_allowances_too() -> None:
    configs = {"platform-kind": config_of(platform("platform-kind"), region=None)}
    small = tenant("demo-kind")
    assert findings({**configs, "demo-kind": tenant_config(small)}) == []
    found = one({**configs, "demo-kind": tenant_config(changed(small, "queues.try.drivers.atOnce", 5))})
    assert found.found == "driver allowances and history servers that take 2 driver nodes"


def test_a_driver_that_fits_no_node_is_the_tenants_own_mistake() -> None:
    drivers = {"atOnce": 1, "cpu": 64, "memory": "4Gi"}
    assert findings(dev(a=changed(named("a"), "queues.batch.drivers", drivers))) == []


def test_a_zone_has_addresses_for_so_many_executor_nodes() -> None:
    fitting = {name: changed(named(name), "queues.batch.pools.main.maxNodes", 30) for name in ("a", "b")}
    assert findings(dev(**fitting)) == []
    elsewhere = changed(named("c"), "queues.batch.pools.main.zones", {"eu-central-1b": 0})
    found = one(dev(**fitting | {"b": changed(fitting["b"], "queues.batch.pools.main.maxNodes", 31), "c": elsewhere}))
    assert found.stacks == ("platform-dev", "a", "b")
    assert found.found == "pools that may have 61 executor nodes in eu-central-1a"
    assert "at most 60, which is executors.nodesPerZone of platform-dev" in found.allowed


def test_a_pool_in_several_zones_counts_in_each() -> None:
    zones = {"eu-central-1a": 0, "eu-central-1b": 0}
    wide = changed(changed(named("a"), "queues.batch.pools.main.zones", zones), "queues.batch.pools.main.maxNodes", 60)
    found = findings(dev(a=wide, b=named("b")))
    assert [f.found for f in found] == ["pools that may have 80 executor nodes in eu-central-1a"]


def test_platforms_of_an_account_have_different_names() -> None:
    found = findings({"one": config_of(platform()), "two": config_of(moved(platform(), EAST), EAST)})
    assert [f.stacks for f in found] == [("one", "two")]
    assert found[0].found == "platforms of the name spark-dev in account 111122223333"


def test_platforms_of_two_accounts_may_share_a_name() -> None:
    other = json.loads(json.dumps(platform()).replace("111122223333", "999988887777"))
    assert findings({"one": config_of(platform()), "two": config_of(other)}) == []


def test_platforms_on_existing_clusters_may_share_a_name() -> None:
    config = config_of(platform("platform-kind"), region=None)
    assert findings({"one": config, "two": config}) == []


@pytest.mark.parametrize(
    ("name", "clash"), [("x-queue", True), ("x-ads", True), ("x2", False), ("xads", False), ("ads-x", False)]
)
@pytest.mark.parametrize("region", ["eu-central-1", EAST])
def test_no_platforms_name_continues_anothers(name: str, clash: bool, region: str) -> None:
    """Roles and policies of `x-ads` would be among `x-*`, which belongs to who deploys `x`; IAM knows no region."""
    other = moved(changed(platform(), "name", name), region)
    found = findings({"one": config_of(changed(platform(), "name", "x")), "two": config_of(other, region)})
    assert [f.stacks for f in found] == ([("one", "two")] if clash else [])


def listing(bucket: str, stack: str = "platform-dev", **more: Any) -> dict[str, str]:  # noqa: ANN401
    """A sample platform that lists a bucket for the tenant `ads`."""
    return config_of({**changed(platform(stack), "tenants.ads.data", [{"bucket": bucket, "access": "read"}]), **more})


def test_no_listed_data_is_in_another_platforms_bucket() -> None:
    bucket = "spark-prod-events-444455556666-eu-central-1"
    found = one(samples() | {"platform-dev": listing(bucket)})
    assert found.stacks == ("platform-dev", "platform-prod")
    assert bucket in found.found


def test_no_listed_data_is_in_the_bucket_of_another_platforms_state() -> None:
    prod = config_of({**platform("platform-prod"), "state": {"bucket": "example-state"}})
    found = one(samples() | {"platform-prod": prod, "platform-dev": listing("example-state")})
    assert found.stacks == ("platform-dev", "platform-prod")
    assert "where the state of platform-prod is" in found.allowed
    assert findings(samples() | {"platform-prod": prod, "platform-dev": listing("example-state2")}) == []


def test_two_doors_have_two_domains() -> None:
    one_of_them, other = doored_settings(), doored_settings()
    other["name"] = "lake-dev"
    configs = {"platform-dev": config_of(one_of_them), "platform-lake": config_of(other)}
    found = one(configs)
    assert found.stacks == ("platform-dev", "platform-lake")
    assert found.found == "doors of the domain spark.example.com"
    other["door"]["domain"] = "lake.example.com"
    assert findings(configs | {"platform-lake": config_of(other)}) == []


def test_platforms_may_keep_their_state_in_one_bucket() -> None:
    state = {"state": {"bucket": "example-state"}}
    configs = {stack: config_of(platform(stack) | state) for stack in ("platform-dev", "platform-prod")}
    assert findings(samples() | configs) == []


def test_a_wrong_stack_is_not_counted_and_its_tenants_only_among_themselves() -> None:
    """As the preview does it: what is wrong by itself never becomes settings."""
    broken = changed(platform(), "pools.driver.nodesPerZone", {"min": 9, "max": 1})
    with pytest.raises(SettingsError):
        stack_settings("platform-dev", {PLATFORM_KEY: json.dumps(broken), "aws:region": "eu-central-1"})
    drivers = {"atOnce": 900, "cpu": 2, "memory": "4Gi"}
    configs = dev(a=changed(named("a"), "queues.batch.drivers", drivers), b=named("a"))
    del configs["platform-dev"]
    assert [f.stacks for f in findings(configs)] == [("a", "b")]


def test_findings_are_sorted_and_the_order_of_stacks_changes_nothing() -> None:
    configs = dev(c=named("a"), b=named("a"), a=named("z", "search-dev"), d=changed(named("z"), "people", {}))
    forward: list[StackSettings] = [stack_settings(stack, config) for stack, config in configs.items()]
    found = fleet_findings(forward)
    assert [f.stacks for f in found] == [("a", "d"), ("b", "c")]
    assert fleet_findings(reversed(forward)) == found


def test_a_finding_reads_as_one_line() -> None:
    text = str(FleetFinding(("a", "b"), "two of them", "one"))
    assert text == "a, b: two of them; allowed: one"
