"""What the platform's own roles may ever do, whatever its stack writes into them; the account's owner makes it."""

from __future__ import annotations

from components.access.aws_rights.scope import Scope
from components.access.iam import Statement
from sizing import names

ACTIONS = (
    "aps:GetLabels",
    "aps:GetMetricMetadata",
    "aps:GetSeries",
    "aps:ListWorkspaces",
    "aps:QueryMetrics",
    "aps:RemoteWrite",
    "aps:DescribeWorkspace",
    "autoscaling:*",
    "ec2:*NetworkInterface*",
    "ec2:*PrivateIpAddresses",
    "ec2:*SecurityGroup*",
    "ec2:*Volume*",
    "ec2:CreateRoute",
    "ec2:CreateSnapshot",
    "ec2:CreateTags",
    "ec2:DeleteRoute",
    "ec2:DeleteSnapshot",
    "ec2:DeleteTags",
    "ec2:Describe*",
    "ec2:EnableFastSnapshotRestores",
    "ec2:LockSnapshot",
    "ec2:ModifyInstanceAttribute",
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "eks-auth:AssumeRoleForPodIdentity",
    "elasticloadbalancing:*",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)
"""What control plane, nodes and software do. None of it gives rights or hands a role to anybody: nothing of IAM but
what comes below, nothing of STS, no secrets, no instances with a role of others, no data but the platform's own."""
SESSIONS = (
    "ec2messages:*",
    "ssm:DescribeDocument",
    "ssm:GetDocument",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:*",
)
"""Of a shell on nodes, where the platform lets people open one; AWS's policy for it would also read all parameters."""


def owner_boundary(scope: Scope, *, session_manager: bool) -> tuple[Statement, ...]:
    """The maximum of what a role of the platform's may do.

    Wider than what the roles have today where AWS manages a policy, for AWS may add to it; a test holds that it covers
    what they have.

    Args:
        scope: the platform.
        session_manager: whether people may open a shell on nodes.
    """
    arns = scope.arns
    return (
        Statement(
            sid="Services",
            actions=(*ACTIONS, *(SESSIONS if session_manager else ())),
            resources=("*",),
            conditions={"StringEquals": {"aws:RequestedRegion": arns.region}},
        ),
        Statement(sid="Logs", actions=("logs:*",), resources=(arns.log_group(names.log_group(scope.platform, "*")),)),
        Statement(
            sid="Buckets", actions=("s3:*",), resources=[*scope.buckets, *(f"{bucket}/*" for bucket in scope.buckets)]
        ),
        Statement(sid="Alerts", actions=("sns:Publish",), resources=(arns.topics(names.alert_topics(scope.platform)),)),
        Statement(
            sid="LoadBalancing",
            actions=("iam:CreateServiceLinkedRole",),
            resources=("*",),
            conditions={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        ),
    )
