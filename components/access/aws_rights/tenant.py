"""What deploying a tenant's stack takes in AWS, and nothing of another tenant's or of the platform's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.access.aws_rights.keys import keys
from components.access.aws_rights.nodes import group_arn, nodes
from components.access.aws_rights.scope import WRITE_LOG_GROUPS, Conditions, Scope, both, groups, pass_role, tagging
from components.access.aws_rights.state import own_paths, state_statements
from components.access.iam import Statement
from components.queue.folder import EVENT_FOLDER
from sizing import names

ENTRY = "STANDARD"
"""The type of access entry that people have; those of nodes are others."""
READ_ANYWHERE = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeScheduledActions",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "logs:DescribeLogGroups",
)
"""Of these AWS knows no resource: names and numbers of the account's groups, templates and log groups are seen.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""
READ_ROLE = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
)
READ_ENTRY = ("eks:DescribeAccessEntry", "eks:ListTagsForResource")
READ_ASSOCIATION = ("eks:DescribePodIdentityAssociation", "eks:ListTagsForResource")


def tenant_roles(scope: Scope) -> list[str]:
    """Names, as patterns, of the roles of a tenant's stack."""
    queues = f"{scope.tenant}-*" if scope.tenant != "*" else "*"
    return [
        *pods_roles(scope),
        names.queue_readers_role(scope.platform, queues),
        names.upload_role(scope.platform, queues),
        *([] if scope.tenant == "*" else [names.readers_role(scope.platform, scope.tenant)]),
    ]


def pods_roles(scope: Scope) -> list[str]:
    """Those of them that pods have; the others are people's."""
    queues = f"{scope.tenant}-*" if scope.tenant != "*" else "*"
    return [names.queue_role(scope.platform, queues), names.history_role(scope.platform, queues)]


def tenant_deployer(scope: Scope) -> tuple[Statement, ...]:
    """What a deployer of one tenant, or of all, does in AWS; `scope.tenant` says whose."""
    return (
        *tenant_reader(scope),
        *_roles(scope),
        *_cluster(scope),
        *nodes(scope, [f"{scope.tenant}-*" if scope.tenant != "*" else "*"]),
        *_storage(scope),
        *_platforms_own(scope),
    )


def tenant_reader(scope: Scope) -> tuple[Statement, ...]:
    """What a preview of a tenant's stack reads in AWS: no data, no logs, no secret."""
    cluster = scope.platform
    return (
        Statement(sid="ReadAnywhere", actions=READ_ANYWHERE, resources=("*",)),
        Statement(
            sid="ReadRoles", actions=READ_ROLE, resources=[scope.arns.role(role) for role in tenant_roles(scope)]
        ),
        Statement(
            sid="ReadCluster",
            actions=sorted({*READ_ENTRY, *READ_ASSOCIATION}),
            resources=[scope.arn("eks", f"{kind}/{cluster}/*") for kind in ("access-entry", "podidentityassociation")],
            conditions=scope.tagged(),
        ),
        Statement(sid="ReadLogGroupTags", actions=("logs:ListTagsForResource",), resources=_log_groups(scope)),
        Statement(sid="ReadFolders", actions=("s3:GetObject", "s3:GetObjectTagging"), resources=(_folders(scope),)),
        _folder_key(scope, "ReadKey", "kms:Decrypt"),
        *state_statements(scope),
    )


def _roles(scope: Scope) -> Iterator[Statement]:
    """A role has the boundary from its first moment on, and nobody takes it off or changes it to another."""
    roles = [scope.arns.role(role) for role in tenant_roles(scope)]
    boundary = scope.arns.policy(names.boundary(scope.platform, scope.tenant))
    yield Statement(
        sid="BoundedRoles",
        actions=(
            "iam:CreateRole",
            "iam:DeleteRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
        ),
        resources=roles,
        conditions={scope.matches(boundary): {"iam:PermissionsBoundary": boundary}},
    )
    yield Statement(
        sid="Roles",
        actions=(
            "iam:DeleteRole",
            "iam:ListInstanceProfilesForRole",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        resources=roles,
    )
    yield pass_role("PodsTakeRoles", scope, pods_roles(scope), "pods.eks.amazonaws.com")
    yield pass_role("NodesTakeRole", scope, [names.role(scope.platform, "node")], "ec2.amazonaws.com")


def _cluster(scope: Scope) -> Iterator[Statement]:
    """People in the tenant's groups, and roles for pods; no access policy, no entry of anybody else."""
    entries = scope.arn("eks", f"access-entry/{scope.platform}/*")
    associations = scope.arn("eks", f"podidentityassociation/{scope.platform}/*")
    cluster = (scope.arns.cluster(scope.platform),)
    in_groups: Conditions = {
        "ForAllValues:StringLike" if scope.tenant == "*" else "ForAllValues:StringEquals": {
            "eks:kubernetesGroups": groups(scope)
        }
    }
    # Without a group in the request ForAllValues holds too: an entry without groups may do nothing.
    yield Statement(
        sid="NewPeople",
        actions=("eks:CreateAccessEntry",),
        resources=cluster,
        conditions=both(
            scope.tagged("RequestTag"),
            in_groups,
            {"StringEquals": {"eks:accessEntryType": ENTRY}, "Null": {"eks:username": "true"}},
        ),
    )
    # Nobody's groups are changed (`TenantPeople` replaces an entry): AWS says of UpdateAccessEntry that it knows the
    # groups of an entry, not those of the request.
    yield Statement(
        sid="People",
        actions=("eks:DeleteAccessEntry", "eks:UntagResource"),
        resources=(entries,),
        conditions=scope.tagged(),
    )
    yield Statement(
        sid="NewAssociations",
        actions=("eks:CreatePodIdentityAssociation",),
        resources=cluster,
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="Associations",
        actions=("eks:DeletePodIdentityAssociation", "eks:UntagResource", "eks:UpdatePodIdentityAssociation"),
        resources=(associations,),
        conditions=scope.tagged(),
    )
    yield from tagging("Parts", scope, ("eks:TagResource",), (entries, associations))


def _storage(scope: Scope) -> Iterator[Statement]:
    yield Statement(
        sid="LogGroups",
        actions=WRITE_LOG_GROUPS,
        resources=_log_groups(scope),
    )
    yield Statement(
        sid="Folders",
        actions=(
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:PutObject",
            "s3:PutObjectTagging",
        ),
        resources=(_folders(scope),),
    )
    bucket = names.bucket(scope.platform, "events", scope.arns.account, scope.arns.region)
    yield Statement(
        sid="FolderVersions",
        actions=("s3:ListBucketVersions",),
        resources=(scope.arns.bucket(bucket),),
        conditions={"StringLike": {"s3:prefix": f"{scope.tenant}/*/{EVENT_FOLDER}/"}},
    )
    yield _folder_key(scope, "WriteKey", "kms:GenerateDataKey")


def _folder_key(scope: Scope, sid: str, action: str) -> Statement:
    return Statement(
        sid=sid,
        actions=(action,),
        resources=(keys(scope.arns),),
        conditions={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias(scope.platform, "data")},
            "StringEquals": {"kms:ViaService": f"s3.{scope.arns.region}.amazonaws.com"},
        },
    )


def _log_groups(scope: Scope) -> list[str]:
    """With what follows the name in an ARN of its streams."""
    queues = f"{scope.tenant}-*" if scope.tenant != "*" else "*"
    return [scope.arns.log_group(names.queue_log_group(scope.platform, queues))]


def _folders(scope: Scope) -> str:
    """The empty objects that stand for folders; what is in them is not meant."""
    bucket = names.bucket(scope.platform, "events", scope.arns.account, scope.arns.region)
    return f"{scope.arns.bucket(bucket)}/{scope.tenant}/*/{EVENT_FOLDER}/"


def _platforms_own(scope: Scope) -> Iterator[Statement]:
    """Never the platform's own: entries, which by hand may lack tags, and for a deployer of all tenants its groups."""
    if scope.principals:
        entries = []
        for principal in sorted(scope.principals):
            kind, _, path = principal.split(":", 5)[5].partition("/")
            account, name = principal.split(":")[4], path.rpartition("/")[2]
            entries.append(scope.arn("eks", f"access-entry/{scope.platform}/{kind}/{account}/{name}/*"))
        yield Statement(
            sid="PlatformsEntries",
            effect="Deny",
            actions=("eks:DeleteAccessEntry", "eks:TagResource", "eks:UntagResource", "eks:UpdateAccessEntry"),
            resources=entries,
        )
    if scope.tenant == "*" and scope.state:
        for_platform = replace(scope.state, stack=scope.state.read[0])
        yield Statement(
            sid="PlatformsState",
            effect="Deny",
            actions=("s3:DeleteObject", "s3:PutObject"),
            resources=[f"{scope.arns.bucket(scope.state.bucket)}/{path}" for path in own_paths(for_platform)],
        )
    if scope.tenant == "*":
        # `elastic-spark:*:owner` would be a group of those too that serve several queues.
        yield Statement(
            sid="SharedGroups",
            effect="Deny",
            actions=("eks:CreateAccessEntry",),
            resources=(scope.arns.cluster(scope.platform),),
            conditions={"ForAnyValue:StringLike": {"eks:kubernetesGroups": f"{names.SHARED_GROUPS}*"}},
        )
        yield Statement(
            sid="PlatformsGroups",
            effect="Deny",
            actions=("autoscaling:*",),
            resources=[group_arn(scope, f"{pool}-*") for pool in (names.DRIVER_POOL, names.SYSTEM_POOL)],
        )
