"""What making nodes takes: launch templates, groups, and the right to launch what a template says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.access.aws_rights.scope import Conditions, Scope, both, same_tags
from components.access.iam import Statement

LAUNCH_CONFIGURATION = "autoscaling:LaunchConfigurationName"
NO_OTHERS = (
    LAUNCH_CONFIGURATION,
    "autoscaling:LoadBalancerNames",
    "autoscaling:TargetGroupARNs",
    "autoscaling:TrafficSourceIdentifiers",
)


def nodes(scope: Scope, identities: Sequence[str]) -> Iterator[Statement]:
    """To make pools: groups by name, templates by tag, since a template's ARN has an identifier that AWS makes up.

    Args:
        scope: whose pools.
        identities: patterns of the pools' identities, with what follows them in a group's name.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    """
    templates = (scope.arn("ec2", "launch-template/*"),)
    launched = [scope.arn("ec2", f"{kind}/*") for kind in ("instance", "network-interface", "volume")]
    yield Statement(
        sid="NewTemplates",
        actions=("ec2:CreateLaunchTemplate",),
        resources=templates,
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="TagNewTemplates",
        actions=("ec2:CreateTags",),
        resources=templates,
        conditions=both(scope.tagged("RequestTag"), {"StringEquals": {"ec2:CreateAction": "CreateLaunchTemplate"}}),
    )
    yield Statement(
        sid="Templates",
        actions=(
            "ec2:CreateLaunchTemplateVersion",
            "ec2:DeleteLaunchTemplate",
            "ec2:DeleteTags",
            "ec2:ModifyLaunchTemplate",
            "ec2:RunInstances",
        ),
        resources=templates,
        conditions=scope.tagged(),
    )
    yield Statement(
        sid="TagTemplates",
        actions=("ec2:CreateTags",),
        resources=templates,
        conditions=both(scope.tagged(), same_tags(scope)),
    )
    # To make a group, one must be allowed to launch what its template says.
    by_template: Conditions = {"ArnLike": {"ec2:LaunchTemplate": list(templates)}}
    yield Statement(
        sid="Launch",
        actions=("ec2:RunInstances",),
        resources=launched[:1],
        conditions=both(scope.tagged("RequestTag"), by_template),
    )
    yield Statement(
        sid="LaunchParts",
        actions=("ec2:RunInstances",),
        resources=[*launched[1:], f"arn:{scope.arns.partition}:ec2:{scope.arns.region}::image/*"],
        conditions=by_template,
    )
    yield from _places(scope, by_template)
    yield Statement(
        sid="TagLaunched",
        actions=("ec2:CreateTags",),
        resources=launched,
        conditions=both(scope.tagged("RequestTag"), {"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
    )
    yield Statement(
        sid="Image",
        actions=("ssm:GetParameters",),
        resources=(f"arn:{scope.arns.partition}:ssm:{scope.arns.region}::parameter/aws/service/eks/optimized-ami/*",),
    )
    found = [group_arn(scope, identity) for identity in identities]
    yield Statement(
        sid="NewGroups",
        actions=("autoscaling:CreateAutoScalingGroup",),
        resources=found,
        # By its template alone, whose role one may hand on, and behind nobody's load balancer.
        conditions={"Null": dict.fromkeys(NO_OTHERS, "true")},
    )
    yield Statement(
        sid="ChangedGroups",
        actions=("autoscaling:UpdateAutoScalingGroup",),
        resources=found,
        conditions={"Null": {LAUNCH_CONFIGURATION: "true"}},
    )
    yield Statement(
        sid="Groups",
        actions=(
            "autoscaling:CreateOrUpdateTags",
            "autoscaling:DeleteAutoScalingGroup",
            "autoscaling:DeleteScheduledAction",
            "autoscaling:DeleteTags",
            "autoscaling:PutScheduledUpdateGroupAction",
            "autoscaling:ResumeProcesses",
            "autoscaling:SetInstanceProtection",
            "autoscaling:SuspendProcesses",
        ),
        resources=found,
    )


def _places(scope: Scope, by_template: Conditions) -> Iterator[Statement]:
    """The nodes' subnets, and the cluster's security group, which EKS makes and tags."""
    subnets = [scope.arn("ec2", f"subnet/{subnet}") for subnet in sorted(scope.subnets)]
    own = Scope(platform=scope.platform, arns=scope.arns)
    yield Statement(
        sid="LaunchSubnets",
        actions=("ec2:RunInstances",),
        resources=subnets or (scope.arn("ec2", "subnet/*"),),
        conditions=by_template if subnets else both(by_template, own.tagged()),
    )
    yield Statement(
        sid="LaunchGroups",
        actions=("ec2:RunInstances",),
        resources=(scope.arn("ec2", "security-group/*"),),
        conditions=both(by_template, {"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": scope.platform}}),
    )


def group_arn(scope: Scope, identity: str) -> str:
    """Auto Scaling groups of the platform, by the identities of their pools, a pattern."""
    return scope.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{scope.platform}-{identity}")
