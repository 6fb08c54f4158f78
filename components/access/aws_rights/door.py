"""What making a platform's door takes: its load balancer by name, its certificate by tag, its records by the domain.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html,
list_awscertificatemanager.html, list_amazoncloudwatch.html and list_amazonroute53.html there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from components.access.aws_rights.scope import Scope
from components.access.iam import Statement
from sizing import names

DESCRIBE: Final = (
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)
"""Of these AWS knows no resource."""
WRITE: Final = (
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
)
SERVICE_LINKED: Final = "elasticloadbalancing.amazonaws.com"
"""Makes a role of its own with an account's first load balancer."""


@dataclass(frozen=True, kw_only=True)
class DoorScope:
    """What of a platform's door is in AWS beside the load balancer.

    Args:
        domain: of the door.
        hosted_zone_id: in which the stack writes records; None for none.
        certificate: whether the stack asks for the certificate.
    """

    domain: str
    hosted_zone_id: str | None
    certificate: bool


def door_reader(scope: Scope, door: DoorScope) -> Iterator[Statement]:
    """What reading a door takes."""
    yield Statement(sid="ReadDoor", actions=DESCRIBE, resources=("*",))
    yield Statement(
        sid="ReadDoorsAlarm",
        actions=("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        resources=(_alarm(scope),),
    )
    if door.certificate:
        yield Statement(
            sid="ReadCertificate",
            actions=("acm:DescribeCertificate", "acm:ListTagsForCertificate"),
            resources=(scope.arn("acm", "certificate/*"),),
            conditions=scope.tagged(),
        )
    if door.hosted_zone_id:
        yield Statement(
            sid="ReadZone",
            actions=("route53:GetHostedZone", "route53:ListResourceRecordSets"),
            resources=(_zone(scope, door.hosted_zone_id),),
        )
        yield Statement(
            sid="ReadZoneChange",
            actions=("route53:GetChange",),
            # Changes have ids alone, and say whether they are through.
            resources=(f"arn:{scope.arns.partition}:route53:::change/*",),
        )


def door(scope: Scope, door: DoorScope) -> Iterator[Statement]:
    """What making, changing and removing a door takes."""
    name = names.door_balancer(scope.platform)
    yield Statement(
        sid="Door",
        actions=WRITE,
        resources=[
            scope.arn("elasticloadbalancing", f"{kind}/{name}/*")
            for kind in ("listener/net", "loadbalancer/net", "targetgroup")
        ],
    )
    yield Statement(
        sid="DoorsNodes",
        actions=("autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:DetachLoadBalancerTargetGroups"),
        resources=(scope.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),),
        conditions=scope.tagged(),
    )
    yield Statement(
        sid="DoorsRole",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(
            f"arn:{scope.arns.partition}:iam::{scope.arns.account}:role/aws-service-role/{SERVICE_LINKED}/"
            "AWSServiceRoleForElasticLoadBalancing",
        ),
        conditions={"StringEquals": {"iam:AWSServiceName": SERVICE_LINKED}},
    )
    yield Statement(
        sid="DoorsAlarm",
        actions=(
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ),
        resources=(_alarm(scope),),
    )
    if door.certificate:
        certificates = (scope.arn("acm", "certificate/*"),)
        yield Statement(
            sid="NewCertificate",
            actions=("acm:AddTagsToCertificate", "acm:RequestCertificate"),
            resources=("*",),
            conditions=scope.tagged("RequestTag"),
        )
        yield Statement(
            sid="Certificate",
            actions=("acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions"),
            resources=certificates,
            conditions=scope.tagged(),
        )
    if door.hosted_zone_id:
        yield Statement(
            sid="Records",
            actions=("route53:ChangeResourceRecordSets",),
            resources=(_zone(scope, door.hosted_zone_id),),
            conditions={
                "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": f"*.{door.domain}"}
            },
        )


def _alarm(scope: Scope) -> str:
    return scope.arn("cloudwatch", f"alarm:{names.door_alarm(scope.platform)}")


def _zone(scope: Scope, zone: str) -> str:
    return f"arn:{scope.arns.partition}:route53:::hostedzone/{zone}"
