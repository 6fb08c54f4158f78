from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.nodes.pool import Pool, PoolArgs, ZoneGroup
from fleet.offline.registration import Registration, Registrations, Unknown
from sizing.autoscaling_tags import Taint
from sizing.nodes import Resources
from sizing.quantities import GIB
from tests.components.nodes import boots
from tests.components.nodes.test_user_data import parts
from tests.recording import registrations_of

GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
AUTOSCALER = "k8s.io/cluster-autoscaler/"

BOOT = replace(boots.BOOT, startup_taints=(Taint("example.com/not-ready", "true", "NoExecute"),))
DRIVER = PoolArgs(
    boot=BOOT,
    identity="driver",
    purpose="driver",
    generation="a",
    retiring=(),
    instance_types=("m7g.4xlarge", "m6g.4xlarge"),
    architecture="arm64",
    zones={
        "eu-central-1b": ZoneGroup(subnet_id="subnet-b", minimum=1, maximum=9),
        "eu-central-1a": ZoneGroup(subnet_id="subnet-a", minimum=2, maximum=10),
    },
    maximum=19,
    capacity="on-demand",
    disk_gib=100,
    instance_store=False,
    allocatable=Resources(cpu=15_890, memory=58 * GIB, ephemeral_storage=88 * GIB, pods=48),
    labels={},
    scale_in="never",
    unneeded_time=None,
    tags={"cost-center": "1234"},
    protect=True,
)
EXECUTOR = replace(
    DRIVER,
    identity="ads-batch-main",
    purpose="executor",
    labels={"elastic-spark/tenant": "ads", "elastic-spark/queue": "ads-batch"},
    scale_in="empty",
    unneeded_time="3m",
)
SYSTEM = replace(DRIVER, identity="system", purpose="system")


def registrations(args: PoolArgs) -> Registrations:
    return registrations_of(lambda: Pool("pool", args))


def booted(args: PoolArgs, **facts: Any) -> PoolArgs:  # noqa: ANN401
    return replace(args, boot=replace(args.boot, **facts))


def tags(group: Registration) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in group.inputs["tags"]}


def node_config(template: Registration) -> Any:  # noqa: ANN401
    ((_, config),) = parts(template.inputs["userData"])
    return config


def node_labels(template: Registration) -> dict[str, str]:
    (flag,) = node_config(template)["spec"]["kubelet"]["flags"]
    return dict(pair.split("=") for pair in flag.removeprefix("--node-labels=").split(","))


def test_each_zone_has_one_group_in_its_own_subnet_with_its_own_sizes() -> None:
    groups = {group.inputs["name"]: group.inputs for group in registrations(DRIVER).of_type(GROUP)}
    assert {name: (g["vpcZoneIdentifiers"], g["minSize"], g["maxSize"]) for name, g in groups.items()} == {
        "prod-driver-eu-central-1a-a": (["subnet-a"], 2, 10),
        "prod-driver-eu-central-1b-a": (["subnet-b"], 1, 9),
    }


def test_a_desired_size_is_never_sent() -> None:
    for args in (DRIVER, EXECUTOR, SYSTEM, replace(DRIVER, retiring=("z",))):
        for group in registrations(args).of_type(GROUP):
            assert "desiredCapacity" not in group.inputs


def test_nothing_of_aws_takes_a_healthy_node_away() -> None:
    for group in registrations(EXECUTOR).of_type(GROUP):
        assert group.inputs["protectFromScaleIn"] is True
        assert group.inputs["suspendedProcesses"] == ["AZRebalance", "AlarmNotification", "InstanceRefresh"]
        assert group.inputs["capacityRebalance"] is False
        assert group.inputs["forceDelete"] is False
        assert not group.inputs.keys() & {"maxInstanceLifetime", "instanceRefresh", "warmPool"}


def test_an_update_does_not_wait_for_nodes() -> None:
    assert {group.inputs["waitForCapacityTimeout"] for group in registrations(DRIVER).of_type(GROUP)} == {"0"}


@pytest.mark.parametrize("protect", [True, False])
def test_groups_are_protected_from_deletion_where_told(protect: bool) -> None:
    groups = registrations(replace(DRIVER, protect=protect, retiring=("z",))).of_type(GROUP)
    assert [group.options.protect for group in groups] == [protect] * 4


def test_a_new_template_reaches_new_nodes_without_a_change_of_the_group() -> None:
    group = registrations(DRIVER).of_type(GROUP)[0]
    launch = group.inputs["mixedInstancesPolicy"]["launchTemplate"]
    assert launch["launchTemplateSpecification"] == {"launchTemplateName": "prod-driver-a", "version": "$Default"}
    assert registrations(DRIVER).one(TEMPLATE).inputs["updateDefaultVersion"] is True


def test_instance_types_keep_their_order_of_preference() -> None:
    policy = registrations(DRIVER).of_type(GROUP)[0].inputs["mixedInstancesPolicy"]
    assert policy["launchTemplate"]["overrides"] == [{"instanceType": "m7g.4xlarge"}, {"instanceType": "m6g.4xlarge"}]
    assert policy["instancesDistribution"] == {
        "onDemandBaseCapacity": 0,
        "onDemandPercentageAboveBaseCapacity": 100,
        "onDemandAllocationStrategy": "prioritized",
    }


def test_a_spot_pool_buys_no_on_demand_node() -> None:
    policy = registrations(replace(EXECUTOR, capacity="spot")).of_type(GROUP)[0].inputs["mixedInstancesPolicy"]
    assert policy["instancesDistribution"] == {
        "onDemandBaseCapacity": 0,
        "onDemandPercentageAboveBaseCapacity": 0,
        "spotAllocationStrategy": "price-capacity-optimized",
    }


def test_metadata_needs_a_token_and_ends_on_the_node() -> None:
    assert registrations(DRIVER).one(TEMPLATE).inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "instanceMetadataTags": "disabled",
    }


def test_nodes_have_no_key_pair_and_no_public_address() -> None:
    inputs = registrations(DRIVER).one(TEMPLATE).inputs
    assert "keyName" not in inputs
    (interface,) = inputs["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == ["sg-1"]


def test_the_root_volume_is_encrypted_and_goes_with_its_node() -> None:
    (device,) = registrations(replace(DRIVER, disk_gib=250)).one(TEMPLATE).inputs["blockDeviceMappings"]
    assert device == {
        "deviceName": "/dev/xvda",
        "ebs": {"volumeType": "gp3", "volumeSize": 250, "encrypted": "true", "deleteOnTermination": "true"},
    }


def test_the_root_volume_is_encrypted_by_the_key_that_is_named() -> None:
    alias = "arn:aws:kms:eu-central-1:111122223333:alias/prod-volumes"
    encrypted = booted(DRIVER, volume_key_arn=alias)
    (device,) = registrations(encrypted).one(TEMPLATE).inputs["blockDeviceMappings"]
    assert device["ebs"]["kmsKeyId"] == alias
    assert device["ebs"]["encrypted"] == "true"


def test_the_image_is_the_parameter_and_is_resolved_by_ec2() -> None:
    parameter = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/arm64/standard"
    assert registrations(DRIVER).one(TEMPLATE).inputs["imageId"].startswith(f"resolve:ssm:{parameter}/")


@pytest.mark.parametrize("args", [DRIVER, EXECUTOR, SYSTEM], ids=lambda args: args.purpose)
def test_label_taint_and_tags_agree_on_the_identity(args: PoolArgs) -> None:
    recorded = registrations(args)
    template = recorded.one(TEMPLATE)
    labels = node_labels(template)
    release = labels.pop("elastic-spark/ami-release")
    assert release == args.boot.ami_release
    assert template.inputs["imageId"].endswith(f"-{release}/image_id")
    assert labels == {
        **args.labels,
        "elastic-spark/pool": args.identity,
        "elastic-spark/purpose": args.purpose,
        "elastic-spark/capacity": args.capacity,
        "elastic-spark/generation": "a",
    }
    assert node_config(template)["spec"]["kubelet"]["config"]["registerWithTaints"][0] == {
        "key": "elastic-spark/pool",
        "value": args.identity,
        "effect": "NoSchedule",
    }
    for group in recorded.of_type(GROUP):
        prefix = f"{AUTOSCALER}node-template/"
        by_tag = {key.removeprefix(f"{prefix}label/"): value for key, value in tags(group).items() if "/label/" in key}
        assert by_tag == labels
        assert tags(group)[f"{prefix}taint/elastic-spark/pool"] == f"{args.identity}:NoSchedule"


def test_a_startup_taint_is_on_the_node_and_not_in_the_autoscalers_template() -> None:
    recorded = registrations(DRIVER)
    taints = node_config(recorded.one(TEMPLATE))["spec"]["kubelet"]["config"]["registerWithTaints"]
    assert {"key": "example.com/not-ready", "value": "true", "effect": "NoExecute"} in taints
    assert not any("example.com" in key for group in recorded.of_type(GROUP) for key in tags(group))


def test_drivers_nodes_are_never_candidates_and_executors_nodes_only_when_empty() -> None:
    threshold = f"{AUTOSCALER}node-template/autoscaling-options/scaledownutilizationthreshold"
    assert {tags(group)[threshold] for group in registrations(DRIVER).of_type(GROUP)} == {"-1"}
    assert {tags(group)[threshold] for group in registrations(EXECUTOR).of_type(GROUP)} == {"0"}


@pytest.mark.parametrize(("args", "found"), [(DRIVER, True), (EXECUTOR, True), (SYSTEM, False)])
def test_the_autoscaler_finds_driver_and_executor_groups_and_leaves_system_alone(args: PoolArgs, found: bool) -> None:
    for group in registrations(args).of_type(GROUP):
        assert ({f"{AUTOSCALER}enabled", f"{AUTOSCALER}prod"} <= tags(group).keys()) is found
        assert tags(group)["kubernetes.io/cluster/prod"] == "owned"


def test_cost_tags_are_on_groups_and_on_all_that_a_launch_makes() -> None:
    recorded = registrations(DRIVER)
    for group in recorded.of_type(GROUP):
        assert tags(group)["cost-center"] == "1234"
        assert not any(tag["propagateAtLaunch"] for tag in group.inputs["tags"])
    specifications = recorded.one(TEMPLATE).inputs["tagSpecifications"]
    assert [specification["resourceType"] for specification in specifications] == [
        "instance",
        "network-interface",
        "volume",
    ]
    for specification in specifications:
        attachable = {"ebs.csi.aws.com/cluster-name": "prod"} if specification["resourceType"] == "instance" else {}
        assert specification["tags"] == {
            "cost-center": "1234",
            "Name": "prod-driver-a",
            "kubernetes.io/cluster/prod": "owned",
            **attachable,
        }


def test_pod_limit_and_local_disks_reach_the_node() -> None:
    spec = node_config(registrations(replace(EXECUTOR, instance_store=True)).one(TEMPLATE))["spec"]
    assert spec["kubelet"]["maxPodsExpression"] == "48"
    assert spec["instance"] == {"localStorage": {"strategy": "RAID0"}}


def test_user_data_waits_for_a_cluster_that_is_not_there_yet() -> None:
    def program() -> None:
        cluster = aws.eks.Cluster("c", role_arn="arn:aws:iam::111111111111:role/c", vpc_config={"subnet_ids": ["s"]})
        there = {"endpoint": cluster.endpoint, "certificate_authority": cluster.certificate_authority.data}
        Pool("pool", booted(DRIVER, **there))

    recorded = registrations_of(program)
    cluster = recorded.one("aws:eks/cluster:Cluster")
    user_data = recorded.one(TEMPLATE).inputs["userData"]
    assert user_data == Unknown((cluster.urn,))


def test_a_retiring_generation_runs_beside_its_successor_and_cannot_grow() -> None:
    recorded = registrations(replace(EXECUTOR, generation="b", retiring=("a",)))
    groups = {group.inputs["name"]: group for group in recorded.of_type(GROUP)}
    assert sorted(groups) == [
        f"prod-ads-batch-main-eu-central-1{zone}-{generation}" for zone in "ab" for generation in "ab"
    ]
    old, new = (groups[f"prod-ads-batch-main-eu-central-1a-{generation}"] for generation in "ab")
    assert (old.inputs["minSize"], new.inputs["minSize"]) == (0, 2)
    assert "Launch" in old.inputs["suspendedProcesses"]
    assert "Launch" not in new.inputs["suspendedProcesses"]
    assert f"{AUTOSCALER}enabled" not in tags(old)
    assert f"{AUTOSCALER}prod" not in tags(old)
    assert f"{AUTOSCALER}enabled" in tags(new)
    assert old.inputs["protectFromScaleIn"] is True


def test_a_successors_smaller_maximum_does_not_shrink_a_retiring_group() -> None:
    recorded = registrations(replace(EXECUTOR, generation="b", retiring=("a",)))
    ignored = {group.inputs["name"][-1]: group.options.ignore_changes for group in recorded.of_type(GROUP)}
    assert ignored == {"a": ("maxSize",), "b": ()}


def test_taking_a_generation_into_use_changes_no_resource_of_its_predecessor_but_its_groups() -> None:
    before = registrations(EXECUTOR)
    after = registrations(replace(EXECUTOR, generation="b", retiring=("a",)))
    for template in before.of_type(TEMPLATE):
        assert after[template.urn].inputs == template.inputs
    for group in before.of_type(GROUP):
        changed = {key for key in group.inputs if after[group.urn].inputs[key] != group.inputs[key]}
        assert changed == {"minSize", "suspendedProcesses", "tags"}


def test_a_generation_is_current_or_retiring() -> None:
    with pytest.raises(ValueError, match="driver: a generation is either current or retiring"):
        registrations(replace(DRIVER, retiring=("a",)))


def test_names_of_the_current_groups_are_known_before_anything_is_deployed() -> None:
    found: list[Mapping[str, str]] = []
    registrations_of(lambda: found.append(Pool("pool", replace(DRIVER, generation="b", retiring=("a",))).group_names))
    assert found == [
        {"eu-central-1a": "prod-driver-eu-central-1a-b", "eu-central-1b": "prod-driver-eu-central-1b-b"},
    ]


def test_sizes_are_inputs_of_the_pool() -> None:
    inputs = registrations(DRIVER).one("elastic-spark:pool:Pool").inputs
    assert inputs["zones"]["eu-central-1a"] == {"subnetId": "subnet-a", "minimum": 2, "maximum": 10}
    assert inputs["allocatable"]["cpu"] == 15_890
    assert "certificateAuthority" not in inputs


def test_an_output_as_security_group_is_taken() -> None:
    recorded = registrations_of(
        lambda: Pool("pool", booted(DRIVER, security_group_ids=(pulumi.Output.from_input("sg-9"),)))
    )
    assert recorded.one(TEMPLATE).inputs["networkInterfaces"][0]["securityGroups"] == ["sg-9"]


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["eu-central-1a", "eu-central-1b", "eu-central-1c"]),
        st.tuples(st.integers(0, 500), st.integers(0, 500)).map(sorted),
        min_size=1,
    )
)
def test_any_sizes_give_one_protected_group_per_zone_without_a_desired_size(sizes: dict[str, list[int]]) -> None:
    zones = {
        zone: ZoneGroup(subnet_id=f"subnet-{zone}", minimum=low, maximum=high) for zone, (low, high) in sizes.items()
    }
    groups = registrations(replace(EXECUTOR, zones=zones)).of_type(GROUP)
    assert {group.inputs["name"]: (group.inputs["minSize"], group.inputs["maxSize"]) for group in groups} == {
        f"prod-ads-batch-main-{zone}-a": (low, high) for zone, (low, high) in sizes.items()
    }
    assert all(group.inputs["protectFromScaleIn"] and "desiredCapacity" not in group.inputs for group in groups)
