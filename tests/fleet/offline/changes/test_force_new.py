"""What forces a new resource: the table covers what the program registers, and fits the SDKs that are installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fleet.offline.changes import force_new_rules, force_new_table
from fleet.offline.changes.force_new import TABLE, forces_replacement, load, replaced_if
from fleet.offline.changes.force_new_table import UnknownProperty, forcing_sentence, stated, table, written
from fleet.offline.changes.property_paths import PropertyPath
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.settings.stack_file import stack_names
from tests.samples import ROOT, TENANTS, config_of, exports, platform_registrations, sample_registrations, tenant_config
from tests.strategies import fleets

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"


def is_known(token: str) -> bool:
    """Whether the table has a type, or all of its package."""
    return token in TABLE.types or token.partition(":")[0] in TABLE.types


def unknown_types(*recorded: Registrations) -> set[str]:
    return {r.type for registrations in recorded for r in registrations.values() if r.custom and not is_known(r.type)}


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_every_type_that_a_sample_registers_is_in_the_table(stack: str) -> None:
    registrations = sample_registrations(stack) if stack in TENANTS else platform_registrations(stack)
    assert unknown_types(registrations) == set()


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_every_type_that_any_settings_register_is_in_the_table(
    fleet: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    platform, tenants = fleet
    on = run_program("platform", config_of(platform), {})
    seen = {"platform": exports(on, "platform")}
    recorded = [run_program(chosen["name"], tenant_config(chosen), seen) for chosen in tenants]
    assert unknown_types(on, *recorded) == set()


def test_the_table_is_current() -> None:
    text = (ROOT / force_new_table.TABLE).read_text(encoding="utf-8")
    assert text == written(table(TABLE.date.isoformat())), "run make force-new"


def test_the_table_says_what_it_was_made_from() -> None:
    assert any(source.startswith("the docstrings of pulumi-aws 7.") for source in TABLE.sources)
    assert any(source.startswith("the source of terraform-provider-aws 6.") for source in TABLE.sources)
    assert TABLE.date.year >= 2026


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("aws:ec2/subnet:Subnet", ("vpcId",)),
        ("aws:autoscaling/group:Group", ("name",)),
        ("aws:autoscaling/group:Group", ("initialLifecycleHooks", 0, "heartbeatTimeout")),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", ("accessScope", "namespaces", 1)),
        (ENDPOINT, ("dnsOptions", "privateDnsPreference")),
        ("kubernetes:batch/v1:Job", ("spec", "template", "spec", "containers", 0, "image")),
        ("kubernetes:batch/v1:Job", ("metadata", "name")),
        ("kubernetes:core/v1:Pod", ("spec", "containers", 3, "env", 0, "value")),
        (ROLE_BINDING, ("roleRef", "name")),
        ("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy", ("metadata", "name")),
        ("kubernetes:core/v1:ServiceAccountPatch", ("metadata", "namespace")),
        ("kubernetes:helm.sh/v3:Release", ("namespace",)),
        ("pulumi:providers:kubernetes", ("clusterIdentifier",)),
    ],
)
def test_a_force_new_property_and_what_is_below_it_force_a_new_resource(token: str, path: PropertyPath) -> None:
    assert forces_replacement(token, path)
    assert replaced_if(token, path) == ""


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("aws:autoscaling/group:Group", ("maxSize",)),
        ("aws:autoscaling/group:Group", ("launchTemplate", "version")),
        ("aws:autoscaling/group:Group", ("mixedInstancesPolicy", "launchTemplate", "name")),
        ("aws:autoscaling/group:Group", ("tags", 0, "key")),
        ("aws:iam/role:Role", ("assumeRolePolicy", "Statement", 0)),
        (ENDPOINT, ("dnsOptions", "dnsRecordIpType")),
        ("kubernetes:batch/v1:Job", ("spec", "backoffLimit")),
        ("kubernetes:batch/v1:Job", ("metadata", "labels", "name")),
        (ROLE_BINDING, ("subjects", 0, "name")),
        ("kubernetes:helm.sh/v3:Release", ("version",)),
        ("kubernetes:helm.sh/v3:Release", ("values", "namespace")),
        ("kubernetes:core/v1:ServiceAccountPatch", ("imagePullSecrets", 0)),
        ("pulumi:providers:aws", ("defaultTags", "tags", "team")),
    ],
)
def test_other_changes_do_not(token: str, path: PropertyPath) -> None:
    assert is_known(token)
    assert not forces_replacement(token, path)
    assert replaced_if(token, path) == ""


def test_a_whole_that_comes_or_goes_counts_with_what_can_be_in_it() -> None:
    assert forces_replacement(ENDPOINT, ("dnsOptions",))
    assert forces_replacement("kubernetes:apps/v1:Deployment", ("spec",))
    assert not forces_replacement(ENDPOINT, ("subnetConfigurations",))


@pytest.mark.parametrize(
    ("token", "path", "condition"),
    [
        (ENDPOINT, ("privateDnsEnabled",), "vpcEndpointType is not Interface"),
        (RULE, ("cidrIpv4",), "the rule's source becomes one of another kind"),
        ("aws:s3/bucket:Bucket", ("region",), "the region of the resource becomes another"),
        ("pulumi:providers:kubernetes", ("kubeconfig",), "the provider has no clusterIdentifier"),
    ],
)
def test_where_it_depends_the_condition_is_told(token: str, path: PropertyPath, condition: str) -> None:
    assert not forces_replacement(token, path)
    assert replaced_if(token, path).startswith(condition)


def test_every_regional_type_has_the_condition_of_its_region() -> None:
    regional = {token for token, rules in TABLE.types.items() if ("region",) in rules.conditional}
    of_aws = {token for token in TABLE.types if token.startswith("aws:")}
    assert {token for token in of_aws - regional if not token.startswith(("aws:iam/", "aws:route53/"))} == set()
    assert regional < of_aws


@pytest.mark.parametrize("token", ["eks:index:Cluster", "aws:rds/instance:Instance", "elastic-spark:pool:Pool"])
def test_nothing_is_said_of_a_type_that_is_not_in_the_table(token: str) -> None:
    assert not is_known(token)
    assert not forces_replacement(token, ("name",))
    assert replaced_if(token, ("name",)) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Changing this forces a new resource to be created.",
        "Changing this value will re-create the resource.",
        "Forces replacement if modified.",
        "Changing this value will trigger a resource replacement.",
        "If `type` is anything other than `Interface`, changing this value forces a new resource to be created.",
        "Changing this forces a new resource, because the service API does not support renaming.",
        "Changing `interface_type` will cause the resource to be destroyed and re-created.",
    ],
)
def test_a_docstring_that_says_that_a_change_forces_a_new_resource_is_understood(sentence: str) -> None:
    assert forcing_sentence(f"Name of the thing. {sentence} Defaults to `a`.") == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Changing this does not force a new resource.",
        "This may force new resources downstream.",
        "Enable to force a new task deployment of the service.",
        "To force resource recreation after this configuration has been applied, see the `taint` command.",
        "Whether to force detaching any policies the role has before destroying it.",
        "Virtual attribute used to trigger replacement when source code changes.",
        "Whenever a change to this resource creates a new version, the new version has this description.",
        "This replaces the entire policy on the resource.",
    ],
)
def test_a_docstring_that_says_something_else_is_not_taken_for_it(sentence: str) -> None:
    assert forcing_sentence(f"Name of the thing. {sentence} Defaults to `a`.") == ""


def test_what_only_the_docstrings_say_gets_into_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = "aws:eks/cluster:Cluster"
    monkeypatch.setattr(force_new_rules, "AWS", {cluster: "name"})
    entry = table("2026-01-01")["types"][cluster]
    assert entry["always"] == ["bootstrapSelfManagedAddons", "name"]
    assert "changing this value will force a new cluster" in entry["if"]["kubernetesNetworkConfig.ipFamily"]
    assert "name" not in entry["inDocstring"]
    assert stated(cluster).keys() == set(entry["inDocstring"])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"aws:ec2/vpc:Vpc": "cidrBlok"}, "aws:ec2/vpc:Vpc has no property cidrBlok"),
        ({ENDPOINT: "dnsOptions.preference"}, "has no property dnsOptions.preference"),
        ({"aws:ec2/vpc:Net": ""}, "pulumi_aws.ec2 has no type aws:ec2/vpc:Net"),
    ],
)
def test_a_rule_that_does_not_fit_the_sdk_is_refused(
    rule: Mapping[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(force_new_rules, "AWS", rule)
    with pytest.raises(UnknownProperty, match=message):
        table("2026-01-01")


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which there is nothing but the folder of the table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / force_new_table.TABLE).parent.mkdir(parents=True)
    return tmp_path / force_new_table.TABLE


def test_a_table_that_says_the_same_keeps_its_date(in_a_folder: Path) -> None:
    in_a_folder.write_text(written(table("2026-01-01")), encoding="utf-8")
    force_new_table.main()
    assert load(in_a_folder.read_text(encoding="utf-8")).date.isoformat() == "2026-01-01"


def test_a_table_that_says_something_new_gets_the_day(in_a_folder: Path) -> None:
    in_a_folder.write_text(json.dumps({**table("2026-01-01"), "sources": []}), encoding="utf-8")
    force_new_table.main()
    assert load(in_a_folder.read_text(encoding="utf-8")).date >= TABLE.date


@pytest.mark.parametrize("text", ["", "[]", '{"date": "2026-01-01"}', '{"date": 1, "docstrings": [], "sources": []}'])
def test_a_file_that_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a table of force-new properties"):
        load(text)
