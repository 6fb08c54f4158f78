"""Whole platforms: the invariants of the design hold in the registrations of any valid settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.network.policy_engine import STARTUP_TAINT
from fleet.offline.programs import run_program
from fleet.offline.registration import Registration, Registrations, Unknown
from infra.contract import contract_type
from infra.settings.findings import SettingsError
from infra.settings.validation import stack_settings
from sizing import names
from sizing.autoscaling_tags import Taint
from tests.samples import changed, config_of, platform, platform_registrations
from tests.strategies import platforms

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RELEASE = "kubernetes:helm.sh/v3:Release"
CLUSTER_ROLE_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
OPTIONS = "k8s.io/cluster-autoscaler/node-template/autoscaling-options/"
PROTECTED = ("aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:s3/bucket:Bucket", "eks:index:Cluster", GROUP)


def registrations_of(settings: dict[str, Any], region: str | None = "eu-central-1") -> Registrations:
    return run_program("test", config_of(settings, region), {})


def tags(group: Registration) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in group.inputs["tags"]}


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)


def policy_documents(registrations: Registrations) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy by the resource it belongs to; all are known, as policies must judge them at preview."""
    for registration in registrations.values():
        for key in ("policy", "assumeRolePolicy"):
            if key in registration.inputs and registration.type.startswith("aws:"):
                assert isinstance(registration.inputs[key], str), (registration.urn, key)
                if registration.inputs[key].startswith("{"):
                    yield registration.urn, json.loads(registration.inputs[key])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(platforms())
def test_the_registrations_of_any_valid_settings_keeps_the_invariants(chosen: dict[str, Any]) -> None:
    registrations = registrations_of(chosen)
    groups = registrations.of_type(GROUP)
    zones = sorted(chosen["network"]["vpc"]["zones"])
    retiring = chosen["pools"]["driver"]["retiring"]
    assert len(groups) == len(zones) * (2 + len(retiring))
    for group in groups:
        assert "desiredCapacity" not in group.inputs
        assert group.inputs["protectFromScaleIn"] is True
        assert "AZRebalance" in group.inputs["suspendedProcesses"]
        assert len(group.inputs["vpcZoneIdentifiers"]) == 1
        identity = tags(group)["k8s.io/cluster-autoscaler/node-template/label/elastic-spark/pool"]
        assert (
            tags(group)["k8s.io/cluster-autoscaler/node-template/taint/elastic-spark/pool"] == f"{identity}:NoSchedule"
        )
        for key, value in chosen["tags"].items():
            assert tags(group)[key] == value
        if identity == "driver":
            assert tags(group)[f"{OPTIONS}scaledownutilizationthreshold"] == "-1"
        else:
            assert group.inputs["minSize"] == group.inputs["maxSize"] == chosen["pools"]["system"]["nodesPerZone"]
    for template in registrations.of_type(TEMPLATE):
        assert template.inputs["metadataOptions"]["httpTokens"] == "required"
        assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
        assert "keyName" not in template.inputs
        assert template.inputs["networkInterfaces"][0]["associatePublicIpAddress"] == "false"
    for kind in PROTECTED:
        for registration in registrations.of_type(kind):
            assert registration.options.protect == (chosen["environment"] == "production"), registration.urn
    contract = registrations.stack.outputs["contract"]
    assert contract["driver"]["maxNodes"] == len(zones) * chosen["pools"]["driver"]["nodesPerZone"]["max"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(platforms(), st.data())
def test_any_single_broken_field_is_named(chosen: dict[str, Any], data: st.DataObject) -> None:
    paths = list(_leaves(chosen))
    path = data.draw(st.sampled_from(paths))
    broken = changed(chosen, path, {"not": "a leaf"})
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config_of(broken))
    named = path.split(".")
    while named and named[-1].isdigit():
        index = named.pop()
        named[-1] += f"[{index}]"
    expected = "elastic-spark:platform." + ".".join(named)
    assert any(finding.path.startswith(expected) for finding in error.value.findings), str(error.value)


def _leaves(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("tags", "people"):
                yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}.{index}")
    else:
        yield path


@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod"])
def test_no_policy_is_unknown_and_none_gives_everything(stack: str) -> None:
    documents = list(policy_documents(registrations_of(platform(stack))))
    assert len(documents) > 10
    for urn, document in documents:
        for statement in document["Statement"]:
            if "kms/key" in urn or "vpcEndpoint" in urn or statement["Effect"] == "Deny":
                continue
            assert "*" not in statement["Action"], urn


def test_what_the_platform_installs_runs_on_system_nodes() -> None:
    registrations = registrations_of(platform("platform-prod"))
    for name in ("cluster-autoscaler", "yunikorn", "spark-operator"):
        (chart,) = [r for r in registrations.of_type(RELEASE) if r.inputs["name"] == name]
        assert {"elastic-spark/pool": "system"} in list(_dicts(chart.inputs["values"], "nodeSelector")), name


def _dicts(value: Any, key: str) -> Iterator[Any]:  # noqa: ANN401
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for item in value.values():
            yield from _dicts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _dicts(item, key)


def closure(registrations: Registrations, registration: Registration) -> set[str]:
    """The URNs of everything that is deployed before a registration."""
    seen: set[str] = set()
    waiting = [registration]
    while waiting:
        for urn in waiting.pop().dependencies:
            if urn not in seen:
                seen.add(urn)
                waiting.append(registrations[urn])
    return seen


def test_definitions_come_before_what_uses_them_and_plugins_before_nodes() -> None:
    registrations = registrations_of(platform("platform-prod"))
    releases = {r.inputs["name"]: r for r in registrations.of_type(RELEASE)}
    crds = releases["prometheus-operator-crds"].urn
    read = {
        r.inputs["metadata"]["name"]: r.urn
        for r in registrations.of_type("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition")
    }
    assert read.keys() == {"capacitybuffers.autoscaling.x-k8s.io", "capacityquotas.autoscaling.x-k8s.io"}
    for name, release in releases.items():
        if name != "prometheus-operator-crds":
            assert crds in closure(registrations, release), name
    assert set(read.values()) <= closure(registrations, releases["cluster-autoscaler"])
    cni = registrations.one("aws:eks/addon:Addon", "spark-prod-node-add-ons-vpc-cni").urn
    entry = registrations.one("aws:eks/accessEntry:AccessEntry", "spark-prod-nodes-access").urn
    nat = {r.urn for r in registrations.of_type("aws:ec2/route:Route")}
    for group in registrations.of_type(GROUP):
        assert {cni, entry} | nat <= closure(registrations, group), group.name
    system = {r.urn for r in registrations.of_type(GROUP) if "system" in r.name}
    coredns = registrations.one("aws:eks/addon:Addon", "spark-prod-system-add-ons-coredns")
    assert system <= closure(registrations, coredns)
    assert releases["cilium"].urn in closure(registrations, coredns)


def test_the_contract_is_typed_once_the_platform_is_deployed() -> None:
    from fleet.offline.references import named

    for stack, region in (("platform-prod", "eu-central-1"), ("platform-kind", None)):
        contract = named(registrations_of(platform(stack), region).stack.outputs["contract"], stack)
        parsed = contract_type(contract).model_validate_json(json.dumps(contract))
        assert parsed.version == 2
        assert (parsed.aws is None) == (region is None)


def test_a_platform_on_an_existing_cluster_has_nothing_in_aws() -> None:
    registrations = registrations_of(platform("platform-kind"), None)
    assert not [r.urn for r in registrations.values() if "aws" in r.type or r.type.startswith("eks:")]
    provider = registrations.one("pulumi:providers:kubernetes")
    assert provider.inputs["context"] == "kind-elastic-spark"
    assert all(r.provider == provider.urn for r in registrations.values() if r.type.startswith("kubernetes:"))


@pytest.mark.parametrize(
    ("tenants", "given"),
    [
        ("all", [names.TENANT_DEPLOYERS]),
        (["search", "ads"], [names.deployers_group("ads"), names.deployers_group("search")]),
    ],
)
def test_the_groups_of_access_entries_are_those_that_have_rights(tenants: Any, given: list[str]) -> None:  # noqa: ANN401
    chosen = platform()
    pipelines = {name: who for name, who in chosen["access"]["deployers"].items() if name != "science-pipeline"}
    pipelines["tenant-pipeline"] = {**pipelines["tenant-pipeline"], "tenants": tenants}
    registrations = registrations_of(changed(chosen, "access.deployers", pipelines))
    entries = registrations.of_type("aws:eks/accessEntry:AccessEntry")
    (entry,) = (r for r in entries if r.name == "spark-dev-access-tenant-pipeline-entry")
    assert entry.inputs["kubernetesGroups"] == given
    binding = registrations.one(CLUSTER_ROLE_BINDING, "spark-dev-tenant-deployers-binding")
    assert [subject["name"] for subject in binding.inputs["subjects"]] == sorted(
        group
        for group in {group for entry in entries for group in entry.inputs.get("kubernetesGroups", ())}
        if not group.startswith(names.SHARED_GROUPS)  # which tenants' stacks bind
    )


def test_who_deploys_all_tenants_on_an_existing_cluster_may_be_in_a_group() -> None:
    binding = registrations_of(platform("platform-kind"), None).one(
        CLUSTER_ROLE_BINDING, "spark-kind-tenant-deployers-binding"
    )
    assert [subject["name"] for subject in binding.inputs["subjects"]] == [names.TENANT_DEPLOYERS]


def test_nodes_join_with_the_taint_that_the_network_policy_engine_takes_off() -> None:
    for pool in registrations_of(platform("platform-prod")).of_type("elastic-spark:pool:Pool"):
        (taint,) = pool.inputs["boot"]["startupTaints"]
        assert taint == ["node.cilium.io/agent-not-ready", "true", "NoExecute"], pool.name


def toleration_lists(value: Any) -> Iterator[list[dict[str, Any]]]:  # noqa: ANN401
    """Every list of tolerations in a resource's inputs, whatever the chart or the add-on calls it."""
    match value:
        case dict():
            for key, item in value.items():
                if key == "configurationValues" and item:
                    yield from toleration_lists(json.loads(item))
                elif key.lower().endswith("tolerations"):
                    yield item
                elif key == "tolerateAllTaints" and item:
                    yield [{"operator": "Exists"}]
                else:
                    yield from toleration_lists(item)
        case list():
            for item in value:
                yield from toleration_lists(item)


def tolerates(tolerations: list[dict[str, Any]], taint: Taint) -> bool:
    """Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"""
    return any(
        t.get("key") in (None, "", taint.key)
        and t.get("effect") in (None, "", taint.effect)
        and (t.get("operator") == "Exists" or t.get("value") == taint.value)
        for t in tolerations
    )


@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod", "platform-kind"])
def test_nothing_on_the_pod_network_starts_on_a_node_before_its_policies_hold(stack: str) -> None:
    early = {
        registration.name
        for registration in platform_registrations(stack).values()
        for tolerations in toleration_lists(registration.inputs)
        if tolerates(tolerations, STARTUP_TAINT)
    }
    name = platform(stack)["name"]
    # Both on the nodes' own network: Cilium's agent and operator, and the reader of Spot notices (`useHostNetwork`).
    on_nodes = {f"{name}-network-policy-chart", f"{name}-termination-handler-chart"}
    assert early == (set() if stack == "platform-kind" else on_nodes)


def test_fluent_bit_and_the_storage_driver_run_on_the_nodes_of_every_pool() -> None:
    registrations = platform_registrations("platform-prod")
    driver = registrations.one("aws:eks/addon:Addon", "spark-prod-system-add-ons-aws-ebs-csi-driver")
    node = json.loads(driver.inputs["configurationValues"])["node"]
    logs = registrations.one(RELEASE, "spark-prod-logs-nodes-chart").inputs["values"]
    for pool in ("system", "driver", "ads-batch-main"):
        for tolerations in (node["tolerations"], logs["tolerations"]):
            assert tolerates(tolerations, Taint(names.POOL_LABEL, pool))


def test_the_data_key_lets_flow_logs_in_where_there_are_any() -> None:
    for stack, delivered in (("platform-prod", True), ("platform-dev", False)):
        key = registrations_of(platform(stack)).one("aws:kms/key:Key", f"{platform(stack)['name']}-data-key")
        assert ("delivery.logs.amazonaws.com" in key.inputs["policy"]) is delivered


def test_what_runs_on_the_system_pool_waits_for_its_plugins() -> None:
    registrations = registrations_of(platform("platform-prod"))
    coredns = registrations.one("aws:eks/addon:Addon", "spark-prod-system-add-ons-coredns").urn
    for name in ("cluster-autoscaler", "yunikorn", "spark-operator"):
        (release,) = [r for r in registrations.of_type(RELEASE) if r.inputs["name"] == name]
        assert coredns in closure(registrations, release), name


def test_the_contract_says_what_the_settings_say() -> None:
    contract = registrations_of(platform("platform-prod")).stack.outputs["contract"]
    assert contract["platform"] == "spark-prod"
    assert contract["environment"] == "production"
    assert contract["kubernetesVersion"] == "1.36"
    assert contract["driver"]["maxNodes"] == 60
    aws = contract["aws"]
    assert aws["accountId"] == "444455556666"
    assert aws["region"] == "eu-central-1"
    assert aws["serviceCidr"] == "172.20.0.0/16"
    assert aws["instanceProfile"] == "spark-prod-node"
    assert aws["executorNodesPerZone"] == 300
    assert aws["executorPodsPerNode"] == 16
    assert aws["dataKeyAlias"] == "alias/spark-prod-data"
    assert aws["buckets"]["events"] == "spark-prod-events-444455556666-eu-central-1"
    assert sorted(aws["subnetIds"]) == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]


def test_an_existing_vpc_is_used_and_none_made() -> None:
    zones = {
        f"eu-central-1{zone}": {"privateSubnetId": f"subnet-0000000{zone}", "private": f"10.40.{index * 64}.0/18"}
        for index, zone in enumerate("ab")
    }
    network = {"existing": {"id": "vpc-12345678", "cidr": "10.40.0.0/16", "zones": zones}}
    registrations = registrations_of(changed(platform(), "network", network))
    assert not registrations.of_type("aws:ec2/vpc:Vpc")
    assert not registrations.of_type("aws:ec2/subnet:Subnet")
    assert {g.inputs["vpcZoneIdentifiers"][0] for g in registrations.of_type(GROUP)} == {
        "subnet-0000000a",
        "subnet-0000000b",
    }
    assert registrations.one("eks:index:Cluster").inputs["vpcId"] == "vpc-12345678"


@pytest.mark.parametrize(
    ("mirror", "chart", "has_repository"),
    [
        ("oci://registry.example.com/charts", "oci://registry.example.com/charts/yunikorn", False),
        ("./charts", "./charts/yunikorn-1.9.0.tgz", False),
        (None, "yunikorn", True),
    ],
)
def test_charts_come_from_the_mirror_when_there_is_one(mirror: str | None, chart: str, has_repository: bool) -> None:
    chosen = changed(platform("platform-kind"), "charts", {"mirror": mirror} if mirror else {})
    (yunikorn,) = [r for r in registrations_of(chosen, None).of_type(RELEASE) if r.inputs["name"] == "yunikorn"]
    assert yunikorn.inputs["chart"] == chart
    assert ("repositoryOpts" in yunikorn.inputs) == has_repository


@pytest.mark.parametrize(
    ("settings", "unneeded", "delay", "empty"),
    [
        ({}, "90s", "10s", "4m"),
        ({"unneededTime": "5m", "delayAfterScaleOut": "0s"}, "5m", "0s", "440s"),
    ],
)
def test_how_long_empty_nodes_stay_reaches_the_autoscaler_and_the_alert(
    settings: dict[str, Any], unneeded: str, delay: str, empty: str
) -> None:
    registrations = registrations_of(changed(platform("platform-dev"), "autoscaler", settings), "eu-central-1")
    (autoscaler,) = [r for r in registrations.of_type(RELEASE) if r.inputs["chart"] == "cluster-autoscaler"]
    flags = autoscaler.inputs["values"]["extraArgs"]
    assert (flags["scale-down-unneeded-time"], flags["scale-down-delay-after-add"]) == (unneeded, delay)
    rules = [r.inputs for r in registrations.of_type("kubernetes:monitoring.coreos.com/v1:PrometheusRule")]
    assert f"have been empty for more than {empty}, and" in str(rules)
    assert f"elastic_spark:node:empty[{empty}]" in str(rules)


@pytest.mark.parametrize("stack", ["platform-dev", "platform-kind"])
def test_admission_is_in_force_before_the_scheduler_and_the_operator(stack: str) -> None:
    registrations = registrations_of(platform(stack), "eu-central-1" if stack == "platform-dev" else None)
    bindings = {r.urn for r in registrations.values() if r.type.endswith("AdmissionPolicyBinding")}
    assert bindings
    for name in ("yunikorn", "spark-operator"):
        (release,) = [r for r in registrations.of_type(RELEASE) if r.inputs["name"] == name]
        assert bindings <= set(release.dependencies)


def test_the_provider_is_held_to_the_accounts_and_tags_everything() -> None:
    provider = registrations_of(platform()).one("pulumi:providers:aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == ["111122223333"]
    assert json.loads(provider.inputs["defaultTags"])["tags"] == {
        "cost-center": "data-platform",
        "environment": "development",
        "elastic-spark:platform": "spark-dev",
    }


def test_only_what_aws_invents_is_unknown() -> None:
    registrations = registrations_of(platform("platform-prod"))
    unknown = {
        (r.type.rsplit(":", 1)[-1], key)
        for r in registrations.values()
        for key, value in r.inputs.items()
        if _has_unknown(value)
    }
    assert ("Role", "name") not in unknown
    assert ("RolePolicy", "policy") not in unknown
    assert ("LaunchTemplate", "userData") in unknown
    assert {key for _, key in unknown}.isdisjoint({"policy", "assumeRolePolicy", "name", "bucket", "tags"})
    # The address of a workspace of Amazon Managed Prometheus has an identifier of AWS's.
    values = {r.name: r.inputs["values"] for r in registrations.of_type("kubernetes:helm.sh/v3:Release")}
    (target,) = values["spark-prod-monitoring-chart"]["prometheus"]["prometheusSpec"].pop("remoteWrite")
    assert isinstance(target["url"], Unknown)
    assert not _has_unknown(list(values.values()))


def _has_unknown(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, dict):
        return any(_has_unknown(item) for item in value.values())
    return any(_has_unknown(item) for item in value) if isinstance(value, list) else isinstance(value, Unknown)


def test_nothing_is_said_to_kubernetes_before_the_endpoint_lets_the_deployer_in() -> None:
    registrations = platform_registrations("platform-prod")
    ways_in = {rule.urn for rule in registrations.of_type(INGRESS) if "elastic-spark:cluster:Cluster$" in rule.urn}
    assert len(ways_in) == 2
    provider = registrations.one("pulumi:providers:kubernetes")
    assert ways_in <= set(provider.dependencies)
    assert {r.provider for r in registrations.values() if r.custom and r.type.startswith("kubernetes:")} == {
        provider.urn
    }


def test_with_a_key_for_volumes_all_disks_and_claims_are_of_it_and_wait_for_it() -> None:
    registrations = registrations_of(changed(platform(), "cluster.volumeKey", True))
    arn = "arn:aws:kms:eu-central-1:111122223333:alias/spark-dev-volumes"
    (key,) = (r for r in registrations.of_type("aws:kms/key:Key") if r.name == "spark-dev-volumes-key")
    (alias,) = (
        r for r in registrations.of_type("aws:kms/alias:Alias") if r.inputs["name"] == "alias/spark-dev-volumes"
    )
    disks = [
        device["ebs"]
        for template in registrations.of_type(TEMPLATE)
        for device in template.inputs["blockDeviceMappings"]
    ]
    assert disks
    assert {disk["kmsKeyId"] for disk in disks} == {arn}
    storage_class = registrations.one("kubernetes:storage.k8s.io/v1:StorageClass")
    assert storage_class.inputs["parameters"]["kmsKeyId"] == Unknown((key.urn,))
    for user in (storage_class, *registrations.of_type(TEMPLATE), *registrations.of_type(GROUP)):
        assert {key.urn, alias.urn} <= {*user.dependencies}
    driver = registrations.one("aws:iam/rolePolicy:RolePolicy", "spark-dev-system-add-ons-aws-ebs-csi-driver-policy")
    assert '"alias/spark-dev-volumes"' in driver.inputs["policy"]


def test_without_one_the_accounts_default_encrypts_disks_and_claims() -> None:
    registrations = registrations_of(platform())
    assert not [r.urn for r in registrations.of_type("aws:kms/key:Key") if r.name == "spark-dev-volumes-key"]
    assert "kmsKeyId" not in registrations.one("kubernetes:storage.k8s.io/v1:StorageClass").inputs["parameters"]
    assert all("kmsKeyId" not in t.inputs["blockDeviceMappings"][0]["ebs"] for t in registrations.of_type(TEMPLATE))
