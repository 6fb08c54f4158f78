"""What AWS's policy for the storage driver lets it do, by the tags that our nodes have."""

from __future__ import annotations

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from components.cluster.add_ons import STORAGE_DRIVER_POLICY
from tests.aws.recorded import recorded
from tests.iam_eval import Request, allowed

CLUSTER, OTHER = "spark-prod", "spark-other"
INSTANCE = "arn:aws:ec2:eu-central-1:444455556666:instance/i-1"
VOLUME = "arn:aws:ec2:eu-central-1:444455556666:volume/vol-1"
TAG = "ebs.csi.aws.com/cluster-name"


def lets(cluster: str, action: str, resource: str, tags: dict[str, str], prefix: str = "ec2:ResourceTag") -> bool:
    """Whether the policy lets the driver of a cluster, whose session Pod Identity tags."""
    statements = json.loads(aws_managed_policies_data)[STORAGE_DRIVER_POLICY]["Document"]["Statement"]
    text = json.dumps({"Version": "2012-10-17", "Statement": [s for s in statements if action in s["Action"]]}).replace(
        "${aws:PrincipalTag/eks-cluster-name}", cluster
    )
    context = {f"{prefix}/{key}": value for key, value in tags.items()}
    return allowed(text, Request(action=action, resource=resource, context=context))


def tags_of(kind: str) -> list[dict[str, str]]:
    return [
        spec["tags"]
        for stack in ("platform-prod", "ads-prod")
        for template in recorded()[stack].of_type("aws:ec2/launchTemplate:LaunchTemplate")
        for spec in template.inputs["tagSpecifications"]
        if spec["resourceType"] == kind
    ]


@pytest.mark.parametrize("action", ["ec2:AttachVolume", "ec2:DetachVolume"])
def test_volumes_may_be_attached_to_every_node_of_the_cluster_and_to_none_of_another(action: str) -> None:
    assert tags_of("instance")
    for tags in tags_of("instance"):
        assert lets(CLUSTER, action, INSTANCE, tags)
        assert not lets(OTHER, action, INSTANCE, tags)


@pytest.mark.parametrize("action", ["ec2:DeleteVolume", "ec2:DetachVolume", "ec2:ModifyVolume"])
def test_root_volumes_are_out_of_the_drivers_reach(action: str) -> None:
    assert tags_of("volume")
    assert not [tags for tags in tags_of("volume") if lets(CLUSTER, action, VOLUME, tags)]


def test_the_driver_makes_and_deletes_what_is_tagged_with_its_clusters_name_alone() -> None:
    assert lets(CLUSTER, "ec2:CreateVolume", VOLUME, {TAG: CLUSTER}, "aws:RequestTag")
    assert not lets(CLUSTER, "ec2:CreateVolume", VOLUME, {TAG: OTHER}, "aws:RequestTag")
    assert lets(CLUSTER, "ec2:DeleteVolume", VOLUME, {TAG: CLUSTER})
    assert not lets(CLUSTER, "ec2:DeleteVolume", VOLUME, {TAG: OTHER})
