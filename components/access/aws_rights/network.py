"""What making a platform's network takes: everything by its tag, since EC2 names things by identifiers alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from components.access.aws_rights.scope import Scope, both, same_tags
from components.access.iam import Statement

NEW: Final = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
"""What is made with its tags, and as what."""
PARENTS: Final = (
    "CreateFlowLogs",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpcEndpoint",
)
"""What is made of, or in, something that is the platform's already."""
OWN: Final = (
    "AssociateRouteTable",
    "AttachInternetGateway",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateRoute",
    "CreateSubnetCidrReservation",
    "DeleteFlowLogs",
    "DeleteInternetGateway",
    "DeleteNatGateway",
    "DeleteRoute",
    "DeleteRouteTable",
    "DeleteSecurityGroup",
    "DeleteSubnet",
    "DeleteTags",
    "DeleteVpc",
    "DeleteVpcEndpoints",
    "DetachInternetGateway",
    "DisassociateAddress",
    "DisassociateRouteTable",
    "ModifySecurityGroupRules",
    "ModifySubnetAttribute",
    "ModifyVpcAttribute",
    "ModifyVpcEndpoint",
    "ReleaseAddress",
    "ReplaceRoute",
    "ReplaceRouteTableAssociation",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
)
DESCRIBE: Final = (
    "DescribeAddresses",
    "DescribeAddressesAttribute",
    "DescribeAvailabilityZones",
    "DescribeFlowLogs",
    "DescribeInternetGateways",
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribePrefixLists",
    "DescribeRouteTables",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcEndpointServices",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
    "GetSubnetCidrReservations",
)
RULES: Final = ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules", "RevokeSecurityGroupIngress")


def _named(actions: tuple[str, ...] | list[str]) -> list[str]:
    return [f"ec2:{action}" for action in actions]


def network_reader() -> Statement:
    """What reading a network takes; of these actions AWS knows no resource, of one a VPC.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    return Statement(sid="ReadNetwork", actions=[*_named(DESCRIBE), "ec2:DescribeVpcAttribute"], resources=("*",))


def network(scope: Scope) -> Iterator[Statement]:
    """What making, changing and removing a platform's network takes."""
    everything = (scope.arn("ec2", "*/*"),)
    new = [scope.arn("ec2", f"{kind}/*") for kind in sorted(set(NEW.values()))]
    yield Statement(sid="NewNetwork", actions=_named(sorted(NEW)), resources=new, conditions=scope.tagged("RequestTag"))
    yield Statement(
        sid="TagNewNetwork",
        actions=("ec2:CreateTags",),
        resources=[*new, scope.arn("ec2", "security-group-rule/*")],
        conditions=both(
            scope.tagged("RequestTag"),
            {
                "StringEquals": {
                    "ec2:CreateAction": sorted([*NEW, "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"])
                }
            },
        ),
    )
    yield Statement(sid="Network", actions=_named([*OWN, *PARENTS]), resources=everything, conditions=scope.tagged())
    yield Statement(
        sid="TagNetwork",
        actions=("ec2:CreateTags",),
        resources=everything,
        conditions=both(scope.tagged(), same_tags(scope)),
    )
    rules = scope.arn("ec2", "security-group-rule/*")
    yield Statement(
        sid="Rules",
        actions=_named(("AuthorizeSecurityGroupEgress", *RULES)),
        # They are authorized together with their group.
        resources=(rules,),
    )
    groups = (scope.arn("ec2", "security-group/*"),)
    yield Statement(
        sid="ClustersGroup",
        actions=_named(RULES),
        resources=groups,
        conditions={"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": scope.platform}},
    )
    # A VPC's default group is there with the VPC, without a tag; taking its rules out is all that is done to it.
    yield Statement(
        sid="DefaultGroup",
        actions=("ec2:CreateTags", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"),
        resources=groups,
        conditions={"Null": {"aws:ResourceTag/elastic-spark:platform": "true", "aws:ResourceTag/Name": "true"}},
    )
    yield Statement(
        sid="NoResource",
        actions=(
            "ec2:DeleteSubnetCidrReservation",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
        ),
        resources=("*",),
    )
