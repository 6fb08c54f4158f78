"""Names of AWS's own against sources that nobody here wrote: botocore's data, moto's, or a page of a day."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import botocore.session  # type: ignore[import-untyped]
import pytest
from botocore import loaders

from components.software import versions
from fleet.offline.registration import Unknown
from infra.settings.platform import LogRetention
from sizing.arns import partition
from sizing.network import INTERFACE_ENDPOINTS
from tests.aws.recorded import registered, texts

SESSION = botocore.session.get_session()
PARTITIONS = loaders.create_loader().load_data("partitions")["partitions"]
PAGE = "2026-11-28"
"""The day on which names were looked up on AWS's pages that neither botocore nor moto knows."""
APIS = {
    "amp",
    "autoscaling",
    "ec2",
    "ecr",
    "eks",
    "eks-auth",
    "glue",
    "kms",
    "logs",
    "secretsmanager",
    "sns",
    "ssm",
    "sts",
}
"""Of the services that have endpoints, as botocore calls them; to load the models of all takes long."""
ENDPOINTS_BY_PAGE = {
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html: a registry is no API
    "ecr.dkr",
    # https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-and-interface-VPC.html: of queries and remote write
    "aps-workspaces",
}
ADD_ONS_BY_PAGE = {
    # https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
    "aws-ebs-csi-driver",
    "eks-pod-identity-agent",
    # https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
    "metrics-server",
}
ACCESS_POLICIES_BY_PAGE = {
    # https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSViewPolicy",
}
AMI_PARAMETER = re.compile(
    # https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
    r"resolve:ssm:/aws/service/eks/optimized-ami/(?P<version>1\.\d+)/amazon-linux-2023/(?P<machine>x86_64|arm64)/standard/"
    r"amazon-eks-node-al2023-(?P=machine)-standard-(?P=version)-v\d{8}/image_id"
)


@functools.cache
def enum(service: str, shape: str) -> frozenset[str]:
    """The values of an enumeration of an API."""
    return frozenset(SESSION.get_service_model(service).shape_for(shape).enum)


ENUMS = [
    ("eks:index:Cluster", "enabledClusterLogTypes", "eks", "LogType"),
    ("eks:index:Cluster", "authenticationMode", "eks", "AuthenticationMode"),
    ("eks:index:Cluster", "upgradePolicy.supportType", "eks", "SupportType"),
    ("aws:eks/addon:Addon", "resolveConflictsOnCreate", "eks", "ResolveConflicts"),
    ("aws:eks/addon:Addon", "resolveConflictsOnUpdate", "eks", "ResolveConflicts"),
    ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "accessScope.type", "eks", "AccessScopeType"),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "vpcEndpointType", "ec2", "VpcEndpointType"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings.ebs.volumeType", "ec2", "VolumeType"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "tagSpecifications.resourceType", "ec2", "ResourceType"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "metadataOptions.httpTokens", "ec2", "LaunchTemplateHttpTokensState"),
    ("aws:ec2/flowLog:FlowLog", "trafficType", "ec2", "TrafficType"),
    ("aws:ec2/flowLog:FlowLog", "logDestinationType", "ec2", "LogDestinationType"),
    ("aws:ec2/subnetCidrReservation:SubnetCidrReservation", "reservationType", "ec2", "SubnetCidrReservationType"),
    ("aws:ec2/eip:Eip", "domain", "ec2", "DomainType"),
    ("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "rule.objectOwnership", "s3", "ObjectOwnership"),
    ("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration.status", "s3", "BucketVersioningStatus"),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "rules.applyServerSideEncryptionByDefault.sseAlgorithm",
        "s3",
        "ServerSideEncryption",
    ),
    ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "rules.status", "s3", "ExpirationStatus"),
    ("aws:grafana/workspace:Workspace", "accountAccessType", "grafana", "AccountAccessType"),
    ("aws:grafana/workspace:Workspace", "authenticationProviders", "grafana", "AuthenticationProviderTypes"),
    ("aws:grafana/workspace:Workspace", "permissionType", "grafana", "PermissionType"),
    ("aws:grafana/workspace:Workspace", "dataSources", "grafana", "DataSourceType"),
]
"""By resource and property: which enumeration of which API its values are of."""


def at(value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    """The values at a dotted path, in all items of lists on it."""
    if isinstance(value, list):
        for item in value:
            yield from at(item, path)
    elif not path:
        if value is not None:
            yield str(value)
    elif isinstance(value, Mapping):
        key, _, rest = path.partition(".")
        yield from at(value.get(key), rest)


@pytest.mark.parametrize(("kind", "path", "service", "shape"), ENUMS, ids=lambda value: value.rsplit(":", 1)[-1])
def test_a_value_is_one_of_the_apis_enumeration(kind: str, path: str, service: str, shape: str) -> None:
    found = {value for _, r in registered() if r.type == kind for value in at(r.inputs, path)}
    assert found
    assert found <= enum(service, shape)


def test_processes_that_groups_suspend_are_those_of_auto_scaling() -> None:
    # an enumeration that the model has in the text of its documentation alone
    text = SESSION.get_service_model("autoscaling").shape_for("ScalingProcessQuery").members["ScalingProcesses"]
    known = set(re.findall(r"<code>(\w+)</code>", text.documentation))
    found = {
        value
        for _, r in registered()
        if r.type == "aws:autoscaling/group:Group"
        for value in at(r.inputs, "suspendedProcesses")
    }
    assert found
    assert found <= known


def test_days_that_logs_are_kept_are_those_that_cloudwatch_takes() -> None:
    text = SESSION.get_service_model("logs").shape_for("Days").documentation
    known = {int(number) for number in re.findall(r"\d+", text.split("possible values are:")[-1])}
    assert set(get_args(LogRetention)) <= known


def test_interface_endpoints_are_services_of_aws() -> None:
    prefixes = {
        ".".join(reversed(SESSION.get_service_model(name).metadata["endpointPrefix"].split(".")))
        for name in SESSION.get_available_services()
        if name in APIS
    }
    assert set(INTERFACE_ENDPOINTS) - ENDPOINTS_BY_PAGE <= prefixes
    assert not ENDPOINTS_BY_PAGE & prefixes, f"botocore knows what was taken from pages on {PAGE}"


def test_an_endpoints_service_is_of_the_stacks_region() -> None:
    names = [
        (stack, r.inputs["serviceName"]) for stack, r in registered() if r.type == "aws:ec2/vpcEndpoint:VpcEndpoint"
    ]
    assert len(names) > 30
    for stack, name in names:
        region = "us-gov-west-1" if stack == "government" else "eu-central-1"
        known = ("s3", *INTERFACE_ENDPOINTS)
        assert name in {f"com.amazonaws.{region}.{service}" for service in known}


@pytest.mark.parametrize("aws", PARTITIONS, ids=lambda item: item["id"])
def test_a_regions_partition_is_what_botocore_says(aws: Mapping[str, Any]) -> None:
    for region in aws["regions"]:
        if re.fullmatch(aws["regionRegex"], region):
            assert partition(region) == aws["id"]


def test_arns_are_of_the_partition_of_their_stack() -> None:
    for stack, resource in registered():
        wrong = "arn:aws:" if stack == "government" else "arn:aws-"
        assert not [text for text in texts(resource.inputs) if wrong in text], resource.name


def test_add_ons_are_those_of_eks() -> None:
    text = json.dumps(loaders.create_loader().load_service_model("eks", "service-2"))
    by_botocore = {name for name in versions.ADD_ONS if f"{name}" in text}
    used = {r.inputs["addonName"] for _, r in registered() if r.type == "aws:eks/addon:Addon"}
    assert used == set(versions.ADD_ONS)
    assert used - by_botocore == ADD_ONS_BY_PAGE, f"as of {PAGE}"


def test_access_policies_are_those_of_eks() -> None:
    used = {
        r.inputs["policyArn"].split(":cluster-access-policy/")[1]
        for _, r in registered()
        if r.type == "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    }
    assert used == ACCESS_POLICIES_BY_PAGE, f"as of {PAGE}"


def test_images_of_nodes_are_by_parameters_of_eks() -> None:
    images = {r.inputs["imageId"] for _, r in registered() if r.type == "aws:ec2/launchTemplate:LaunchTemplate"}
    assert images
    assert all(AMI_PARAMETER.fullmatch(image) for image in images)


def test_inputs_are_known_where_names_are_checked() -> None:
    for _, r in registered():
        for name in ("policyArn", "serviceName", "addonName", "imageId", "principalArn"):
            assert not isinstance(r.inputs.get(name), Unknown), f"{r.name}.{name}"
