"""What stacks need of an account's quotas, and the command that says so."""

from __future__ import annotations

import shlex
from pathlib import Path

from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.offline.costs import stack_cost
from fleet.offline.quotas import AccountNeeds, Need, quota_needs
from fleet.offline.registration import Registrations
from infra.settings.stack_file import stack_path
from sizing.instances import instance
from sizing.service_quotas import (
    ELASTIC_IPS,
    GP3_STORAGE,
    INTERFACE_ENDPOINTS,
    NAT_GATEWAYS,
    ROLES,
    VPCS,
    Quota,
    vcpu_quota,
)
from tests.fleet.offline.recorded import platform_with, sample, tenant_with
from tests.samples import ROOT

STANDARD = vcpu_quota("m7i.large", "on-demand")
STANDARD_SPOT = vcpu_quota("m7i.large", "spot")
PROD = "444455556666"


def one(*recorded: Registrations) -> AccountNeeds:
    """What stacks need together, in one account and region."""
    (found,) = quota_needs(
        {str(n): registrations for n, registrations in enumerate(recorded)},
        {str(n): PROD for n in range(len(recorded))},
    )
    return found


def need(found: AccountNeeds, quota: Quota) -> Need | None:
    return next((need for need in found.needs if need.quota == quota), None)


def amounts(found: AccountNeeds, quota: Quota) -> tuple[int, int]:
    got = need(found, quota)
    return (got.minimum, got.maximum) if got else (0, 0)


def run(*arguments: str, root: Path = ROOT) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["quotas", *arguments, "--root", str(root)])


def words(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def test_the_production_sample_needs_the_vcpus_that_its_file_says() -> None:
    """From the file itself: nodes of a zone, times zones, times what EC2 says of the type."""
    platform = YAML(typ="safe").load(stack_path(ROOT, "platform-prod"))["config"]["elastic-spark:platform"]
    zones, pools = len(platform["network"]["vpc"]["zones"]), platform["pools"]
    vcpus = {pool: instance(settings["instanceTypes"][0]).vcpu for pool, settings in pools.items()}
    system = pools["system"]["nodesPerZone"] * zones * vcpus["system"]
    driver = [pools["driver"]["nodesPerZone"][end] * zones * vcpus["driver"] for end in ("min", "max")]
    assert amounts(one(sample("platform-prod")), STANDARD) == (system + driver[0], system + driver[1]) == (144, 1056)


def test_a_gateway_takes_an_address_and_a_zone_holds_its_own_gateways_alone() -> None:
    found = one(sample("platform-prod"))
    assert amounts(found, ELASTIC_IPS) == (3, 3)
    assert amounts(found, NAT_GATEWAYS) == (1, 1)


def test_endpoints_are_counted_in_each_vpc_and_gateways_in_each_zone() -> None:
    other = platform_with(("network.vpc.endpoints", ["ec2", "sts"]))
    together = one(sample("platform-prod"), other)
    assert amounts(together, VPCS) == (2, 2)
    assert amounts(one(other), INTERFACE_ENDPOINTS) == (2, 2)
    assert (
        amounts(together, INTERFACE_ENDPOINTS) == amounts(one(sample("platform-prod")), INTERFACE_ENDPOINTS) == (10, 10)
    )
    assert amounts(together, NAT_GATEWAYS) == (2, 2)


def test_two_stacks_of_one_account_and_region_are_summed() -> None:
    parts = [one(sample("platform-prod")), one(sample("ads-prod"))]
    whole = one(sample("platform-prod"), sample("ads-prod"))
    for quota in (STANDARD, ROLES):
        minimum, maximum = zip(*(amounts(part, quota) for part in parts), strict=True)
        assert amounts(whole, quota) == (sum(minimum), sum(maximum))
    assert whole.cost.per_hour == parts[0].cost.per_hour + parts[1].cost.per_hour


def test_other_regions_and_accounts_have_tables_of_their_own_and_regions_share_iam() -> None:
    recorded = {"a": platform_with(), "b": platform_with(region="us-east-1"), "c": platform_with()}
    found = quota_needs(recorded, {"a": PROD, "b": PROD, "c": "111122223333"})
    assert [(each.account, each.region, each.stacks) for each in found] == [
        ("111122223333", "eu-central-1", ("c",)),
        (PROD, "eu-central-1", ("a",)),
        (PROD, "us-east-1", ("b",)),
    ]
    roles = amounts(found[0], ROLES)[0]
    assert [amounts(each, ROLES)[0] for each in found] == [roles, 2 * roles, 2 * roles]
    assert [amounts(each, VPCS)[0] for each in found] == [1, 1, 1]


def test_a_spot_pool_with_a_fall_back_may_need_both_quotas_whole_and_its_disks_once() -> None:
    found = one(sample("research-dev"))
    assert amounts(found, STANDARD) == amounts(found, STANDARD_SPOT) == (0, 12 * 16)
    assert amounts(found, GP3_STORAGE) == (0, 2)
    spot_alone = one(tenant_with(("queues.explore.pools.nvme.fallback", False), stack="research-dev"))
    assert amounts(spot_alone, STANDARD_SPOT) == (0, 12 * 16)
    assert need(spot_alone, STANDARD) is None


def test_types_of_another_family_are_counted_by_its_own_quota() -> None:
    path = "queues.batch.pools.main"
    found = one(tenant_with((f"{path}.instanceTypes", ["x2idn.16xlarge"])))
    assert need(found, STANDARD) is None
    assert amounts(found, vcpu_quota("x2idn.16xlarge", "on-demand"))[1] > 0


def test_disks_of_all_nodes_and_of_monitoring_are_storage() -> None:
    registrations = sample("platform-prod")
    gib = [line for line in stack_cost(registrations).lines if line.unit == "GiB"]
    assert any("monitoring" in line.what for line in gib)
    expected = tuple(
        -(-sum(count) // 1024) for count in zip(*((line.minimum, line.maximum) for line in gib), strict=True)
    )
    assert amounts(one(registrations), GP3_STORAGE) == expected


def test_what_the_default_does_not_cover_comes_first_and_what_fails_at_once_before_it() -> None:
    found = one(sample("platform-prod"), sample("ads-prod"))
    assert [need.quota for need in found.needs[:2]] == [STANDARD, GP3_STORAGE]
    assert [(need.enough_at_minimum, need.enough) for need in found.needs[:2]] == [(False, False), (True, False)]
    assert all(need.enough for need in found.needs[2:])
    gateways = one(*[platform_with(("network.vpc.nat", "perZone"))] * 3)
    assert {need.quota for need in gateways.needs if not need.enough} == {STANDARD, ELASTIC_IPS}


def test_the_command_asks_aws_for_what_the_maximum_takes_and_for_nothing_else() -> None:
    result = run("platform-prod", "ads-prod")
    assert result.exit_code == 0, result.output
    asked = [shlex.split(line) for line in result.output.replace("\\\n", "").splitlines() if "--desired-value" in line]
    assert [dict(zip(call[3::2], call[4::2], strict=True)) for call in asked] == [
        {"--region": "eu-central-1", "--service-code": "ec2", "--quota-code": "L-1216C47A", "--desired-value": "7936"},
        {"--region": "eu-central-1", "--service-code": "ebs", "--quota-code": "L-7A658B76", "--desired-value": "114"},
    ]
    assert {tuple(call[:3]) for call in asked} == {("aws", "service-quotas", "request-service-quota-increase")}
    assert "aws service-quotas get-service-quota --region eu-central-1" in result.output
    rows = [line for line in result.output.splitlines() if "L-" in line and "--" not in line]
    assert [row.split()[-1] for row in rows[:3]] == ["no", "minimum", "yes"]


def test_calls_are_those_of_the_api() -> None:
    import botocore.session  # type: ignore[import-untyped]

    model = botocore.session.get_session().get_service_model("service-quotas")
    members = model.operation_model("RequestServiceQuotaIncrease").input_shape
    assert set(members.required_members) == {"ServiceCode", "QuotaCode", "DesiredValue"}
    assert set(model.operation_model("GetServiceQuota").input_shape.required_members) == {"ServiceCode", "QuotaCode"}


def test_the_first_hour_is_what_the_preview_says_that_stacks_cost() -> None:
    usd = stack_cost(sample("platform-prod")).per_hour
    said = f"First hour: from {usd.minimum:,.2f} USD at minimum, {usd.maximum:,.2f} USD at maximum"
    assert said in words(run("platform-prod"))


def test_the_guide_has_the_figures_of_the_samples() -> None:
    guide = " ".join((ROOT / "docs/guides/first-deployment.md").read_text().split())
    prod, dev = (stack_cost(sample(stack)).per_hour.minimum for stack in ("platform-prod", "platform-dev"))
    assert f"costs {prod:,.2f} USD an hour, the development one {dev:,.2f}" in guide
    assert f"needs {amounts(one(sample('platform-prod')), STANDARD)[0]} vCPUs before its first `up`" in guide


def test_a_price_that_is_not_known_is_named(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for stack in ("platform-dev", "ads-dev"):
        text = stack_path(ROOT, stack).read_text().replace("r7i.2xlarge", "r8i.2xlarge")
        stack_path(tmp_path, stack).write_text(text)
    said = words(run("ads-dev", root=tmp_path))
    assert "without on-demand r8i.2xlarge nodes of pool ads-batch-main, of which no price is known" in said


def test_nothing_is_wider_than_eighty_columns() -> None:
    assert max(len(line.rstrip()) for line in run().output.splitlines()) <= 80


def test_stacks_of_the_same_platforms_that_are_not_counted_are_named() -> None:
    assert "Not counted, though of the same platforms: ads-prod." in words(run("platform-prod"))
    assert "Not counted, though of the same platforms: platform-prod." in words(run("ads-prod"))
    assert "Not counted" not in words(run("platform-prod", "ads-prod"))


def test_stacks_with_nothing_in_aws_need_no_quota() -> None:
    result = run("platform-kind", "demo-kind")
    assert result.exit_code == 0
    assert words(result) == "platform-kind, demo-kind have nothing in AWS, so no quota is needed."


def test_an_unknown_stack_is_the_error_that_other_commands_give() -> None:
    result = run("nobody")
    assert result.exit_code == 2
    assert "no stack nobody; there are: ads-dev" in words(result)


def test_a_stack_that_is_wrong_is_told_and_nothing_is_summed(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for stack in ("platform-dev", "ads-dev"):
        text = stack_path(ROOT, stack).read_text().replace("r7i.2xlarge", "r7i.3xlarge")
        stack_path(tmp_path, stack).write_text(text)
    result = run(root=tmp_path)
    assert result.exit_code == 1
    assert "elastic-spark:tenant.queues.batch.pools.main.instanceTypes" in words(result)
    assert "Account" not in result.output
