"""Settings: what is refused, where the error points, and what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.nodes import pool_usable
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.validation import stack_settings
from sizing.instances import CATALOG, instance
from sizing.nodes import max_pods
from tests.samples import changed, config_of, platform

ZONES = "network.vpc.zones"


def findings(config: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What is found and allowed, by YAML path."""
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config)
    assert error.value.file == "stacks/Pulumi.test.yaml"
    prefix = "elastic-spark:platform."
    return {f.path.removeprefix(prefix): (f.found, f.allowed) for f in error.value.findings}


@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod"])
def test_a_sample_is_a_platform_on_eks(stack: str) -> None:
    settings = stack_settings(stack, config_of(platform(stack)))
    assert isinstance(settings.settings, AwsPlatform)
    assert settings.region == "eu-central-1"


def test_a_sample_is_a_platform_on_an_existing_cluster() -> None:
    settings = stack_settings("platform-kind", config_of(platform("platform-kind"), region=None))
    assert isinstance(settings.settings, ExistingPlatform)
    assert settings.region is None


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("name", "x" * 64, "name", '"xxx', "1 to 20 lower-case"),
        ("name", "Spark_Dev", "name", '"Spark_Dev"', "lower-case letters"),
        ("name", ..., "name", "nothing", "Name of the cluster"),
        ("pools.driver.podsPerNode", 250, "pools.driver.podsPerNode", "250", "at most 110, what EKS recommends for m7i.2xlarge"),
        ("pools.system.podsPerNode", 250, "pools.system.podsPerNode", "250", "at most 110"),
        ("pools.driver", {**platform()["pools"]["driver"], "instanceTypes": ["t3.medium"], "podsPerNode": 110}, "pools.driver.headroom", "", "at most what a driver node has"),
        ("cluster.existing", False, "cluster.existing", "false", "kubeconfig and context of a cluster"),
        ("colour", "red", "colour", "an unknown key", "one of access, accountId"),
        ("pools.driver.nodesPerZone.mx", 3, "pools.driver.nodesPerZone.mx", "an unknown key", "did you mean max?"),
        ("environment", "prod", "environment", '"prod"', "'development' or 'production'"),
        ("allowedAccountIds", ["12"], "allowedAccountIds[0]", '"12"', "12 digits"),
        ("allowedAccountIds", [111122223333], "allowedAccountIds[0]", "111122223333", "put it in quotes"),
        ("allowedAccountIds", [], "allowedAccountIds", "[]", "at least 1 of them"),
        ("allowedAccountIds", ["111122223333", "999988887777"], "accountId", "nothing", "one of allowedAccountIds"),
        ("accountId", "999988887777", "accountId", '"999988887777"', "one of allowedAccountIds: 111122223333"),
        ("access.deployers.ads-pipeline.tenants", ["ads", "adz"], "access.deployers.ads-pipeline.tenants[1]", "adz", "a tenant that the platform lists under tenants: ads, research, search"),
        ("tenants", {"Ads": {}}, "tenants.Ads", '"Ads"', "lower-case letters and digits"),
        ("tenants", {"driver": {}}, "tenants.driver", "driver", "groups of the platform's own pools are called so"),
        ("tenants.ads.data", [{"bucket": "spark-dev-logs-111122223333-eu-central-1", "access": "read"}], "tenants.ads.data[0].bucket", "spark-dev-logs", "other than the platform's own"),
        ("tenants.ads.data", [{"bucket": f"bucket-{n}", "prefix": "p" * 60, "access": "readWrite"} for n in range(30)], "tenants.ads.data", "30 locations, a boundary of", "AWS takes 6144 characters"),
        ("state", {"bucket": "example-ads-raw"}, "tenants.ads.data[0].bucket", "example-ads-raw", "other than Pulumi's"),
        ("state", {"bucket": "example-state", "keyAlias": "pulumi"}, "state.keyAlias", '"pulumi"', "such as alias/pulumi"),
        ("tags", {"aws:x": "y"}, "tags.aws:x", '"aws:x"', "aws:, ebs.csi.aws.com/, k8s.io/"),
        ("cluster.version", "1.35", "cluster.version", '"1.35"', 'at least "1.36"'),
        ("cluster.version", 1.36, "cluster.version", "1.36", "put it in quotes"),
        ("cluster.serviceCidr", "10.40.0.0/20", "cluster.serviceCidr", "10.40.0.0/20", "apart from the VPC's 10.40.0.0/16"),
        ("cluster.serviceCidr", "8.8.8.0/24", "cluster.serviceCidr", "8.8.8.0/24", "within 10.0.0.0/8"),
        ("cluster.publicAccessCidrs", ["0.0.0.0/0"], "cluster.publicAccessCidrs[0]", "0.0.0.0/0", "those who need it: /8 or smaller"),
        ("cluster.logRetentionDays", 31, "cluster.logRetentionDays", "31", "30, 60"),
        ("cluster.addOns", {"vpc-cni": "latest"}, "cluster.addOns.vpc-cni", '"latest"', "an EKS add-on version"),
        ("cluster.addOns", {"istio": "v1.0.0-eksbuild.1"}, "cluster.addOns.istio", '"istio"', "'vpc-cni'"),
        ("network.vpc", ..., "network", "neither vpc nor existing", "exactly one"),
        ("network.vpc.cidr", "10.40.0.0/8", "network.vpc.cidr", '"10.40.0.0/8"', "without host bits"),
        ("network.vpc.cidr", "10.0.0.0/8", "network.vpc.cidr", "10.0.0.0/8", "between /16 and /28"),
        ("network.vpc.cidr", "10.40.0.0/17", f"{ZONES}.eu-central-1a.public", "10.40.128.0/24", "a part of the VPC's"),
        (f"{ZONES}.eu-central-1b.private", "10.40.32.0/19", f"{ZONES}.eu-central-1b.private", "10.40.32.0/19", "a subnet apart"),
        (f"{ZONES}.eu-central-1b.public", "10.40.200.0/28", f"{ZONES}.eu-central-1b.public", "10.40.200.0/28", "/27 or larger"),
        (f"{ZONES}.eu-central-1b.private", "10.40.192.0/22", f"{ZONES}.eu-central-1b.private", "10.40.192.0/22", "/19 or larger, for 65 nodes"),
        (f"{ZONES}.eu-west-1a", {"private": "10.40.192.0/18", "public": "10.40.130.0/24"}, f"{ZONES}.eu-west-1a", '"eu-west-1a"', "a zone of eu-central-1"),
        (f"{ZONES}.eu-central-1b", ..., ZONES, "{", "at least 2 of them"),
        ("network.vpc.nat", "both", "network.vpc.nat", '"both"', "'perZone' or 'single'"),
        ("network.vpc.endpoints", ["sqs"], "network.vpc.endpoints[0]", '"sqs"', "'eks-auth'"),
        ("access.deployers", {}, "access.deployers", "{}", "at least 1 of them"),
        ("access.deployers.platform-team", ..., "access.deployers", "nobody with stacks: platform", "at least one"),
        ("access.deployers.platform-team.principalArn", "role/x", "access.deployers.platform-team.principalArn", '"role/x"', "the ARN of an IAM role"),
        ("access.deployers.tenant-pipeline.principalArn", "arn:aws:iam::111122223333:role/data-platform", "access.deployers.tenant-pipeline.principalArn", "arn:aws:iam", "a principal of its own"),
        ("access.deployers.tenant-pipeline.tenants", ..., "access.deployers.tenant-pipeline.tenants", "nothing", "whose stacks they deploy: all, or a list of the names of tenants"),
        ("access.deployers.tenant-pipeline.tenants", [], "access.deployers.tenant-pipeline.tenants", "[]", "at least 1 of them"),
        ("access.deployers.tenant-pipeline.tenants", "ads", "access.deployers.tenant-pipeline.tenants", '"ads"', "all, or a list of the names of tenants"),
        ("access.deployers.tenant-pipeline.tenants", ["ads", "ads"], "access.deployers.tenant-pipeline.tenants", '["ads", "ads"]', "each entry once; ads is there"),
        ("access.deployers.tenant-pipeline.tenants", ["ads", "ads-dev"], "access.deployers.tenant-pipeline.tenants[1]", '"ads-dev"', "1 to 16 lower-case letters and digits"),
        ("access.deployers.tenant-pipeline.tenants", [7], "access.deployers.tenant-pipeline.tenants[0]", "7", "text: put it in quotes"),
        ("access.deployers.tenant-pipeline.tenants", {"ads": {}}, "access.deployers.tenant-pipeline.tenants", "{", "all, or a list of the names of tenants"),
        ("access.deployers.platform-team.tenants", ["ads"], "access.deployers.platform-team.tenants", "ads", "nothing: with stacks: platform"),
        ("access.deployers.platform-team.tenants", "all", "access.deployers.platform-team.tenants", "all", "nothing: with stacks: platform"),
        ("access.creator", "tenant-pipeline", "access.creator", '"tenant-pipeline"', "platform-team"),
        ("pools.system.instanceTypes", ["m7i.xlrge"], "pools.system.instanceTypes[0]", '"m7i.xlrge"', "did you mean m7i.xlarge"),
        ("pools.system.instanceTypes", ["m7i.xlarge", "m7i.2xlarge"], "pools.system.instanceTypes[1]", "m7i.2xlarge: 8 vCPU", "as m7i.xlarge: 4 vCPU"),
        ("pools.system.instanceTypes", ["m7i.xlarge", "m7g.xlarge"], "pools.system.instanceTypes[1]", "m7g.xlarge: 4 vCPU, 16384 MiB, arm64", "amd64"),
        ("pools.system.instanceTypes", ["m7i.xlarge", "m7i.xlarge"], "pools.system.instanceTypes[1]", '"m7i.xlarge"', "once"),
        ("pools.system.nodesPerZone", 0, "pools.system.nodesPerZone", "0", "1 or more"),
        ("pools.system.nodesPerZone", True, "pools.system.nodesPerZone", "true", "a whole number"),
        ("pools.driver.nodesPerZone", {"min": 9, "max": 4}, "pools.driver.nodesPerZone.min", "9", "at most max, which is 4"),
        ("pools.driver.nodesPerZone", {"min": -1, "max": 4}, "pools.driver.nodesPerZone.min", "-1", "0 or more"),
        ("pools.driver.headroom.cpu", "-1", "pools.driver.headroom.cpu", '"-1"', "a positive Kubernetes quantity"),
        ("pools.driver.headroom.memory", "lots", "pools.driver.headroom.memory", '"lots"', "a positive Kubernetes quantity"),
        ("pools.driver.headroom.cpu", 64, "pools.driver.headroom", "64 cpu", "at most what a driver node has for pods"),
        ("pools.driver.headroom.drivers", 500, "pools.driver.headroom.drivers", "500", "what one zone holds at its maximum"),
        ("pools.driver.retiring", ["a"], "pools.driver.retiring[0]", "a", "an earlier generation"),
        ("executors.nodesPerZone", 10000, "executors.nodesPerZone", "10000", "5000 or less"),
        ("charts", {"mirror": "http://charts"}, "charts.mirror", '"http://charts"', "oci://"),
        ("pools.driver.nodesPerZone", {"max": 10**9}, "pools.driver.nodesPerZone.max", "1000000000", "5000 or less"),
        ("pools.system.nodesPerZone", 2**63 - 1, "pools.system.nodesPerZone", "9223372036854775807", "5000 or less"),
        ("pools.driver.retiring", ["b", "c", "d", "e", "f", "g"], "pools.driver.retiring", '["b"', "at most 5 of them"),
        ("network.vpc.endpoints", ["sts", "sts"], "network.vpc.endpoints", '["sts", "sts"]', "sts is there more than once"),
        ("allowedAccountIds", ["111122223333", "111122223333"], "allowedAccountIds", "[", "each entry once"),
        ("tags", {"ebs.csi.aws.com/cluster-name": "x"}, "tags.ebs.csi.aws.com/cluster-name", '"ebs.csi', "ebs.csi.aws.com/"),
        ("tags", {"k8s.io/cluster-autoscaler/enabled": "true"}, "tags.k8s.io/cluster-autoscaler/enabled", '"k8s.io', "k8s.io/"),
        ("tags", {"Name": "x"}, "tags.Name", '"Name"', "other than Name"),
        ("tags", {"Team": "x", "team": "y"}, "tags.team", "team", "more than case"),
        ("cluster.publicAccessCidrs", ["0.0.0.0/1", "128.0.0.0/1"], "cluster.publicAccessCidrs[1]", "128.0.0.0/1", "/8 or smaller"),
        ("cluster.publicAccessCidrs", ["10.0.0.0/8"], "cluster.publicAccessCidrs[0]", "10.0.0.0/8", "public addresses; private ones go to cluster.privateAccess.cidrs"),
        ("cluster.publicAccessCidrs", [], "cluster.privateAccess", "nobody", "reached by nodes only"),
        ("cluster.privateAccess", {"cidrs": ["0.0.0.0/0"]}, "cluster.privateAccess.cidrs[0]", "0.0.0.0/0", "those who need it: /8 or smaller"),
        ("cluster.privateAccess", {"cidrs": ["10.0.0.0/8", "10.0.0.0/7"]}, "cluster.privateAccess.cidrs[1]", "10.0.0.0/7", "/8 or smaller"),
        ("cluster.privateAccess", {"cidrs": ["::/0"]}, "cluster.privateAccess.cidrs[0]", '"::/0"', "an IPv4 network"),
        ("cluster.privateAccess", {"securityGroups": ["runners"]}, "cluster.privateAccess.securityGroups[0]", '"runners"', "the id of a security group"),
        ("cluster.privateAccess", {"securityGroups": ["sg-0123456789abcdef0"] * 2}, "cluster.privateAccess.securityGroups", "[", "more than once"),
        ("access.deployers.platform-team.principalArn", "arn:aws-cn:iam::111122223333:role/x", "access.deployers.platform-team.principalArn", "arn:aws-cn", "arn:aws:iam"),
        ("access.deployers.platform-team.principalArn", "arn:aws:iam::111122223333:role///", "access.deployers.platform-team.principalArn", '"arn:aws', "the ARN of an IAM role"),
        ("network.vpc.cidr", "10.40.0.0/255.255.0.0", "network.vpc.cidr", '"10.40.0.0/255', "CIDR form"),
        ("network.vpc.cidr", "fd00::/48", "network.vpc.cidr", '"fd00::/48"', "IPv4"),
        ("storage.logDays", 2**63 - 1, "storage.logDays", "9223372036854775807", "36500 or less"),
        ("pools.system.instanceTypes", ["x" * 100_000], "pools.system.instanceTypes[0]", '"xxx', "an instance type"),
        ("sparkOperator", {"workers": 80}, "pools.system.instanceTypes[0]", "m7i.xlarge", "a larger type: spark-operator-controller asks for 10 cpu"),
        ("sparkOperator", {"workers": 20}, "pools.system.nodesPerZone", "1", "at least 2"),
        *(
            ("autoscaler", {key: value}, f"autoscaler.{key}", f'"{value}"', f"{shortest} seconds to an hour, such as 90s or 5m")
            for key, value, shortest in (("unneededTime", "9s", 10), ("unneededTime", "61m", 10), ("delayAfterScaleOut", "61m", 0), ("delayAfterScaleOut", "1d", 0))
        ),
        ("storage.eventLogDays", 0, "storage.eventLogDays", "0", "1 or more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    result = findings(config_of(changed(platform(), path, value)))
    assert where in result, result
    assert result[where][0].startswith(found)
    assert allowed in result[where][1]


def test_all_errors_come_at_once_those_of_rules_too() -> None:
    settings = platform()
    for path, value in [
        ("name", "UPPER"),
        ("cluster.version", "1.20"),
        ("storage", {"eventLogDays": "many"}),
        (f"{ZONES}.eu-central-1b.private", "10.40.32.0/19"),
        ("pools.driver.nodesPerZone", {"min": 9, "max": 4}),
    ]:
        settings = changed(settings, path, value)
    result = findings(config_of(settings, region="nowhere", **{"elastic-spark:extra": "1"}))
    assert set(result) >= {
        "elastic-spark:extra",
        "aws:region",
        "name",
        "cluster.version",
        "storage.eventLogDays",
        f"{ZONES}.eu-central-1b.private",
        "pools.driver.nodesPerZone.min",
    }


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"aws:region": "eu-central-1"}, "config"),
        ({"elastic-spark:platform": "hello", "aws:region": "eu-central-1"}, "elastic-spark:platform"),
        ({"elastic-spark:platform": "[]", "aws:region": "eu-central-1"}, "elastic-spark:platform"),
        (config_of(platform(), region=None), "aws:region"),
        (config_of(platform(), **{"aws:profile": "me"}), "aws:profile"),
        (config_of(platform("platform-kind"), region="eu-central-1"), "aws:region"),
    ],
)
def test_a_configuration_that_is_not_one_stack_is_refused(config: dict[str, str], where: str) -> None:
    assert where in findings(config)


def test_what_the_engine_adds_is_not_ours_to_refuse() -> None:
    stack_settings("test", config_of(platform(), **{"pulumi:tags": json.dumps({"a": "b"})}))


def test_the_message_is_for_the_person_who_wrote_the_file() -> None:
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config_of(changed(platform(), "pools.driver.nodesPerZone.max", "many")))
    assert str(error.value) == (
        "stacks/Pulumi.test.yaml: 1 error\n"
        "  elastic-spark:platform.pools.driver.nodesPerZone.max\n"
        '    found    "many"\n'
        "    allowed  a whole number"
    )


def test_a_wrong_entry_is_one_error_and_not_also_a_missing_one() -> None:
    assert list(findings(config_of(changed(platform(), "allowedAccountIds", ["12"])))) == ["allowedAccountIds[0]"]


def test_two_zones_need_two_subnets() -> None:
    zones = {
        f"eu-central-1{zone}": {"privateSubnetId": "subnet-12345678", "private": f"10.40.{index * 64}.0/18"}
        for index, zone in enumerate("ab")
    }
    network = {"existing": {"id": "vpc-12345678", "cidr": "10.40.0.0/16", "zones": zones}}
    result = findings(config_of(changed(platform(), "network", network)))
    assert "a subnet of its own" in result["network.existing.zones.eu-central-1b.privateSubnetId"][1]


def test_of_every_type_something_is_left_for_as_many_pods_as_it_takes() -> None:
    for name in CATALOG.instances:
        assert pool_usable(name, max_pods(instance(name)), 20).memory > 0, name


@pytest.mark.parametrize(("region", "of"), [("cn-north-1", "aws-cn"), ("us-isob-east-1", "aws-iso-b")])
def test_regions_are_refused_where_services_have_other_names(region: str, of: str) -> None:
    assert f"in {of}, endpoints" in findings(config_of(platform(), region=region))["aws:region"][1]
