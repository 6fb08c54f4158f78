"""Ways by which a deployer could come to more than its stack, each with a twin that its stack needs."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.access.stacks import deployer, deployer_of_all, reader
from tests.iam_eval import Request, permitted

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/"
CLUSTER = f"arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/spark-dev"
ENTRY = f"arn:aws:eks:eu-central-1:{ACCOUNT}:access-entry/spark-dev/role/{ACCOUNT}/"
ISSUER = f"arn:aws:eks:eu-central-1:{ACCOUNT}:identityproviderconfig/spark-dev/oidc/spark-dev-people"
GROUPS = f"arn:aws:autoscaling:eu-central-1:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/spark-dev-ads-batch-main"
EC2 = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:"
OWN, SEARCH = f"{POLICY}spark-dev-tenant-ads", f"{POLICY}spark-dev-tenant-search"
PLATFORM = f"{POLICY}spark-dev-platform"
BOUNDARY = "iam:PermissionsBoundary"
TAGS = {"elastic-spark:platform": "spark-dev", "elastic-spark:tenant": "ads"}
NEW = {f"aws:RequestTag/{key}": value for key, value in TAGS.items()}
HAS = {f"aws:ResourceTag/{key}": value for key, value in TAGS.items()}
OTHERS = {**HAS, "aws:ResourceTag/elastic-spark:tenant": "search"}
PEOPLE = ("elastic-spark:ads:owner",)
TEMPLATE = {"ec2:LaunchTemplate": f"{EC2}launch-template/lt-1"}
PODS, NODES = {"iam:PassedToService": "pods.eks.amazonaws.com"}, {"iam:PassedToService": "ec2.amazonaws.com"}
ADMIN = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess", BOUNDARY: PLATFORM}
NETWORK = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", BOUNDARY: PLATFORM}
EKS_ADMIN = {"eks:policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}
EKS_EDIT = {"eks:policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"}
STANDARD = {**NEW, "eks:accessEntryType": "STANDARD"}


class Ways(NamedTuple):
    """A request that must be refused, and its twin that must not; a twin of None is refused too."""

    what: str
    action: str
    refused: tuple[str, dict[str, Any]]
    twin: tuple[str, dict[str, Any]] | None


QUEUE, HIST = f"{ROLE}spark-dev-queue-ads-x", f"{ROLE}spark-dev-hist-ads-x"
PUT, OTHERS_PUT, LOG = (f"{ROLE}spark-dev-q-{name}" for name in ("ads-x.put", "search-x.put", "ads-x.log"))
TENANTS = [
    Ways("a role without a boundary", "iam:CreateRole", (QUEUE, {}), (QUEUE, {BOUNDARY: OWN})),
    Ways("another tenant's boundary", "iam:CreateRole", (QUEUE, {BOUNDARY: SEARCH}), (HIST, {BOUNDARY: OWN})),
    Ways("a boundary like it", "iam:CreateRole", (QUEUE, {BOUNDARY: f"{OWN}2"}), (QUEUE, {BOUNDARY: OWN})),
    Ways("the platform's boundary", "iam:CreateRole", (QUEUE, {BOUNDARY: PLATFORM}), (QUEUE, {BOUNDARY: OWN})),
    Ways("a role of any name", "iam:CreateRole", (f"{ROLE}admin", {BOUNDARY: OWN}), (QUEUE, {BOUNDARY: OWN})),
    Ways("a policy of an unbounded role", "iam:PutRolePolicy", (QUEUE, {}), (QUEUE, {BOUNDARY: OWN})),
    Ways("who takes an unbounded role", "iam:UpdateAssumeRolePolicy", (QUEUE, {}), (QUEUE, {BOUNDARY: OWN})),
    Ways("another boundary", "iam:PutRolePermissionsBoundary", (QUEUE, {BOUNDARY: SEARCH}), (QUEUE, {BOUNDARY: OWN})),
    Ways("no boundary", "iam:DeleteRolePermissionsBoundary", (QUEUE, {BOUNDARY: OWN}), None),
    Ways("a policy that stands elsewhere", "iam:AttachRolePolicy", (QUEUE, {**ADMIN, BOUNDARY: OWN}), None),
    Ways("the boundary itself", "iam:CreatePolicyVersion", (OWN, {}), None),
    Ways("the boundary's version", "iam:SetDefaultPolicyVersion", (OWN, {}), None),
    Ways("its own policies", "iam:CreatePolicyVersion", (f"{POLICY}spark-dev-deploy-ads-1", {}), None),
    Ways("its own role", "iam:PutRolePolicy", (f"{ROLE}spark-tenants-deploy", {BOUNDARY: OWN}), None),
    Ways("any role for pods", "iam:PassRole", (f"{ROLE}admin", PODS), (QUEUE, PODS)),
    Ways("the autoscaler's for pods", "iam:PassRole", (f"{ROLE}spark-dev-cluster-autoscaler", PODS), (HIST, PODS)),
    Ways("any role for instances", "iam:PassRole", (f"{ROLE}admin", NODES), (f"{ROLE}spark-dev-node", NODES)),
    Ways(
        "a role for a function",
        "iam:PassRole",
        (QUEUE, {"iam:PassedToService": "lambda.amazonaws.com"}),
        (QUEUE, PODS),
    ),
    Ways("the nodes' role for pods", "iam:PassRole", (f"{ROLE}spark-dev-node", PODS), (QUEUE, PODS)),
    Ways("a role taken", "sts:AssumeRole", (QUEUE, {}), None),
    Ways("a user", "iam:CreateUser", (f"arn:aws:iam::{ACCOUNT}:user/x", {}), None),
    Ways("a key", "iam:CreateAccessKey", (f"arn:aws:iam::{ACCOUNT}:user/x", {}), None),
    Ways("an administrator's access", "eks:AssociateAccessPolicy", (f"{ENTRY}x/1", {**HAS, **EKS_ADMIN}), None),
    Ways(
        "the deployers' group",
        "eks:CreateAccessEntry",
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": ("elastic-spark:tenant-deployers",)}),
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": PEOPLE}),
    ),
    Ways(
        "a group of those who serve several queues",
        "eks:CreateAccessEntry",
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": ("elastic-spark:shared:airflow:ads-batch:owner",)}),
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": PEOPLE}),
    ),
    Ways(
        "the same beside one's own",
        "eks:CreateAccessEntry",
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": (*PEOPLE, "elastic-spark:shared:a:ads-x:owner")}),
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": PEOPLE}),
    ),
    Ways("an uploader's role for pods", "iam:PassRole", (PUT, PODS), (QUEUE, PODS)),
    Ways("an uploader of another tenant's", "iam:CreateRole", (OTHERS_PUT, {BOUNDARY: OWN}), (PUT, {BOUNDARY: OWN})),
    Ways("an unbounded uploader", "iam:PutRolePolicy", (PUT, {}), (PUT, {BOUNDARY: OWN})),
    Ways("who reads another queue's logs", "iam:CreateRole", (LOG, {}), (LOG, {BOUNDARY: OWN})),
    Ways(
        "an upload itself",
        "s3:PutObject",
        (f"arn:aws:s3:::spark-dev-artifacts-{ACCOUNT}-eu-central-1/ads/batch/uploads/x", {}),
        None,
    ),
    Ways(
        "the entry of who serves several queues",
        "eks:DeleteAccessEntry",
        (f"{ENTRY}airflow/1", HAS),
        (f"{ENTRY}ads-lead/1", HAS),
    ),
    Ways(
        "another group beside one's own",
        "eks:CreateAccessEntry",
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": (*PEOPLE, "system:masters")}),
        (CLUSTER, {**STANDARD, "eks:kubernetesGroups": PEOPLE}),
    ),
    Ways("an issuer of its own", "eks:AssociateIdentityProviderConfig", (CLUSTER, NEW), None),
    Ways("everybody's issuer gone", "eks:DisassociateIdentityProviderConfig", (f"{ISSUER}/1", HAS), None),
    Ways("other groups for who is there", "eks:UpdateAccessEntry", (f"{ENTRY}x/1", HAS), None),
    Ways("another's name", "eks:CreateAccessEntry", (CLUSTER, {**STANDARD, "eks:username": "x"}), (CLUSTER, STANDARD)),
    Ways(
        "traffic of somebody's load balancer",
        "autoscaling:CreateAutoScalingGroup",
        (GROUPS, {"autoscaling:TargetGroupARNs": (f"{EC2}targetgroup/payroll/1",)}),
        (GROUPS, {"autoscaling:LaunchTemplateVersionSpecified": "true"}),
    ),
    Ways(
        "nodes with the role of somebody's launch configuration",
        "autoscaling:CreateAutoScalingGroup",
        (GROUPS, {"autoscaling:LaunchConfigurationName": "payroll"}),
        (GROUPS, {}),
    ),
    Ways(
        "a launch configuration later",
        "autoscaling:UpdateAutoScalingGroup",
        (GROUPS, {"autoscaling:LaunchConfigurationName": "payroll"}),
        (GROUPS, {}),
    ),
    Ways(
        "nodes of one's own",
        "eks:CreateAccessEntry",
        (CLUSTER, {**NEW, "eks:accessEntryType": "EC2_LINUX"}),
        (CLUSTER, STANDARD),
    ),
    Ways("another's entry made one's own", "eks:TagResource", (f"{ENTRY}x/1", {**OTHERS, **NEW}), (f"{ENTRY}x/1", NEW)),
    Ways(
        "the creator's entry, which has no tags",
        "eks:TagResource",
        (f"{ENTRY}data-platform/1", NEW),
        (f"{ENTRY}other/1", NEW),
    ),
    Ways(
        "the nodes' entry",
        "eks:DeleteAccessEntry",
        (f"{ENTRY}spark-dev-node/1", HAS),
        (f"{ENTRY}ads-lead/1", HAS),
    ),
    Ways(
        "one's own entry handed to another tenant",
        "eks:TagResource",
        (f"{ENTRY}x/1", {**HAS, "aws:RequestTag/elastic-spark:tenant": "search"}),
        (f"{ENTRY}x/1", {**HAS, "aws:RequestTag/team": "x"}),
    ),
    Ways(
        "another's template made one's own",
        "ec2:CreateTags",
        (f"{EC2}launch-template/lt-1", {**OTHERS, **NEW}),
        (f"{EC2}launch-template/lt-1", {**HAS, **NEW}),
    ),
    Ways(
        "an untagged template made one's own",
        "ec2:CreateTags",
        (f"{EC2}launch-template/lt-1", NEW),
        (f"{EC2}launch-template/lt-1", {**NEW, "ec2:CreateAction": "CreateLaunchTemplate"}),
    ),
    Ways(
        "another's instance made one's own",
        "ec2:CreateTags",
        (f"{EC2}instance/i-1", NEW),
        (f"{EC2}instance/i-1", {**NEW, "ec2:CreateAction": "RunInstances"}),
    ),
    Ways(
        "an instance without a template",
        "ec2:RunInstances",
        (f"{EC2}instance/*", NEW),
        (f"{EC2}instance/*", {**NEW, **TEMPLATE}),
    ),
    Ways(
        "another's template launched",
        "ec2:RunInstances",
        (f"{EC2}launch-template/lt-1", {**OTHERS, **TEMPLATE}),
        (f"{EC2}launch-template/lt-1", {**HAS, **TEMPLATE}),
    ),
    Ways(
        "a subnet of somebody else's",
        "ec2:RunInstances",
        (f"{EC2}subnet/subnet-1", TEMPLATE),
        (f"{EC2}subnet/subnet-1", {**TEMPLATE, "aws:ResourceTag/elastic-spark:platform": "spark-dev"}),
    ),
    Ways(
        "a security group of somebody else's",
        "ec2:RunInstances",
        (f"{EC2}security-group/sg-1", TEMPLATE),
        (f"{EC2}security-group/sg-1", {**TEMPLATE, "aws:ResourceTag/aws:eks:cluster-name": "spark-dev"}),
    ),
    Ways(
        "an event log",
        "s3:GetObject",
        (f"arn:aws:s3:::spark-dev-events-{ACCOUNT}-eu-central-1/ads/batch/spark-events/app-1", {}),
        (f"arn:aws:s3:::spark-dev-events-{ACCOUNT}-eu-central-1/ads/batch/spark-events/", {}),
    ),
    Ways(
        "a secret",
        "secretsmanager:GetSecretValue",
        (f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:x", {}),
        None,
    ),
]
CLUSTERS, PLATFORMS_OWN = f"{ROLE}spark-dev-cluster", {"aws:ResourceTag/elastic-spark:platform": "spark-dev"}
PLATFORMS_NEW = {"aws:RequestTag/elastic-spark:platform": "spark-dev"}
PLATFORM_WAYS = [
    Ways("a role without a boundary", "iam:CreateRole", (CLUSTERS, {}), (CLUSTERS, {BOUNDARY: PLATFORM})),
    Ways("a boundary that it makes", "iam:CreateRole", (CLUSTERS, {BOUNDARY: OWN}), (CLUSTERS, {BOUNDARY: PLATFORM})),
    Ways(
        "a role of any name", "iam:CreateRole", (f"{ROLE}admin", {BOUNDARY: PLATFORM}), (CLUSTERS, {BOUNDARY: PLATFORM})
    ),
    Ways("its own boundary", "iam:CreatePolicyVersion", (PLATFORM, {}), (OWN, {})),
    Ways("its own boundary made anew", "iam:CreatePolicy", (PLATFORM, {}), (OWN, {})),
    Ways("its own policies", "iam:CreatePolicyVersion", (f"{POLICY}spark-dev-deployer-1", {}), (OWN, {})),
    Ways("an older version", "iam:SetDefaultPolicyVersion", (PLATFORM, {}), None),
    Ways("no boundary", "iam:DeleteRolePermissionsBoundary", (CLUSTERS, {BOUNDARY: PLATFORM}), None),
    Ways("a policy of an unbounded role", "iam:PutRolePolicy", (CLUSTERS, {}), (CLUSTERS, {BOUNDARY: PLATFORM})),
    Ways("an administrator's policy", "iam:AttachRolePolicy", (CLUSTERS, ADMIN), (CLUSTERS, NETWORK)),
    Ways(
        "a tenant's role taken",
        "iam:UpdateAssumeRolePolicy",
        (QUEUE, {BOUNDARY: OWN}),
        (CLUSTERS, {BOUNDARY: PLATFORM}),
    ),
    *(
        Ways(
            f"a tenant's role by {action}",
            f"iam:{action}",
            (QUEUE, {BOUNDARY: PLATFORM}),
            (CLUSTERS, {BOUNDARY: PLATFORM}),
        )
        for action in (
            "CreateRole",
            "DeleteRole",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "UpdateAssumeRolePolicy",
        )
    ),
    *(
        Ways(
            f"a role of a tenant's people that ends with {role[-4:]}",
            "iam:UpdateAssumeRolePolicy",
            (role, {BOUNDARY: PLATFORM}),
            (CLUSTERS, {BOUNDARY: PLATFORM}),
        )
        for role in (PUT, LOG)
    ),
    Ways(
        "an issuer of another cluster's",
        "eks:AssociateIdentityProviderConfig",
        (CLUSTER.replace("spark-dev", "payroll"), PLATFORMS_NEW),
        (CLUSTER, PLATFORMS_NEW),
    ),
    Ways(
        "another cluster's issuer gone",
        "eks:DisassociateIdentityProviderConfig",
        (f"{ISSUER.replace('spark-dev', 'payroll')}/1", PLATFORMS_OWN),
        (f"{ISSUER}/1", PLATFORMS_OWN),
    ),
    Ways("a tenant's role for other pods", "iam:PassRole", (QUEUE, PODS), (f"{ROLE}spark-dev-fluent-bit", PODS)),
    Ways("any role for instances", "iam:PassRole", (f"{ROLE}admin", NODES), (f"{ROLE}spark-dev-node", NODES)),
    Ways("a strong role of its own for instances", "iam:PassRole", (CLUSTERS, NODES), (f"{ROLE}spark-dev-node", NODES)),
    Ways("a user", "iam:CreateUser", (f"arn:aws:iam::{ACCOUNT}:user/x", {}), None),
    Ways(
        "an access policy that nobody has",
        "eks:AssociateAccessPolicy",
        (f"{ENTRY}x/1", EKS_EDIT),
        (f"{ENTRY}x/1", EKS_ADMIN),
    ),
    Ways(
        "any key made one's own",
        "kms:TagResource",
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", {**PLATFORMS_NEW, "aws:ResourceTag/elastic-spark:platform": "x"}),
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", {**PLATFORMS_NEW, **PLATFORMS_OWN}),
    ),
    Ways(
        "a key of somebody's that has no tag",
        "kms:TagResource",
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", {**PLATFORMS_NEW, "kms:ResourceAliases": ("alias/payroll",)}),
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", PLATFORMS_NEW),
    ),
    Ways(
        "a key in another region",
        "kms:TagResource",
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", PLATFORMS_NEW),
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", PLATFORMS_NEW),
    ),
    Ways(
        "the policy of any key",
        "kms:PutKeyPolicy",
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", {}),
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1", PLATFORMS_OWN),
    ),
    Ways(
        "any subnet made one's own",
        "ec2:CreateTags",
        (f"{EC2}subnet/subnet-1", PLATFORMS_NEW),
        (f"{EC2}subnet/subnet-1", {**PLATFORMS_NEW, "ec2:CreateAction": "CreateSubnet"}),
    ),
    Ways(
        "a tenant's template",
        "ec2:CreateLaunchTemplateVersion",
        (f"{EC2}launch-template/lt-1", HAS),
        (f"{EC2}launch-template/lt-1", PLATFORMS_OWN),
    ),
    Ways(
        "an object",
        "s3:GetObject",
        (f"arn:aws:s3:::spark-dev-events-{ACCOUNT}-eu-central-1/ads/batch/spark-events/", {}),
        None,
    ),
]


def asks(policies: tuple[str, ...], action: str, what: tuple[str, dict[str, Any]]) -> bool:
    return permitted(policies, Request(action=action, resource=what[0], context=what[1]))


@pytest.mark.parametrize("way", TENANTS, ids=lambda way: way.what)
def test_a_tenants_deployer_comes_to_no_more_than_its_stack(way: Ways) -> None:
    assert not asks(deployer("ads-dev"), way.action, way.refused)
    assert way.twin is None or asks(deployer("ads-dev"), way.action, way.twin)


@pytest.mark.parametrize("way", PLATFORM_WAYS, ids=lambda way: way.what)
def test_a_platforms_deployer_comes_to_no_more_than_its_stack(way: Ways) -> None:
    assert not asks(deployer("platform-dev"), way.action, way.refused)
    assert way.twin is None or asks(deployer("platform-dev"), way.action, way.twin)


@pytest.mark.parametrize("way", [way for way in TENANTS if way.twin is None], ids=lambda way: way.what)
def test_a_deployer_of_all_tenants_has_no_way_out_either(way: Ways) -> None:
    assert not asks(deployer_of_all("platform-dev"), way.action, way.refused)


def test_a_deployer_of_all_tenants_lets_nobody_into_groups_of_several_queues() -> None:
    """`elastic-spark:*:owner` would be one."""
    for group, may in ((PEOPLE[0], True), ("elastic-spark:shared:airflow:ads-batch:owner", False)):
        for groups in ((group,), (group, "elastic-spark:search:viewer")):
            what = (CLUSTER, {**STANDARD, "eks:kubernetesGroups": groups})
            assert asks(deployer_of_all("platform-dev"), "eks:CreateAccessEntry", what) == may


@pytest.mark.parametrize("stack", ["ads-dev", "platform-dev", "platform-prod"])
def test_a_preview_has_no_right_that_changes_or_reads_data(stack: str) -> None:
    for way in (*TENANTS, *PLATFORM_WAYS):
        for what in (way.refused, way.twin):
            if what and way.action != "s3:GetObject":
                assert not asks(reader(stack), way.action, what), way.what


def test_a_pipeline_for_all_tenants_writes_no_state_of_the_platform() -> None:
    state = "arn:aws:s3:::example-pulumi-state/.pulumi"
    policies = deployer_of_all("platform-prod")
    for path in ("stacks/elastic-spark/platform-prod.json", "history/elastic-spark/platform-prod/x"):
        assert not asks(policies, "s3:PutObject", (f"{state}/{path}", {}))
    assert asks(policies, "s3:GetObject", (f"{state}/stacks/elastic-spark/platform-prod.json", {}))
    assert asks(policies, "s3:PutObject", (f"{state}/stacks/elastic-spark/ads-prod.json", {}))


def test_a_tenants_deployer_writes_its_own_state_alone() -> None:
    state = "arn:aws:s3:::example-pulumi-state/.pulumi"
    policies = deployer("ads-prod")
    for stack, own in (("ads-prod", True), ("ads-prod2", False), ("platform-prod", False), ("search-prod", False)):
        for path in (
            f"stacks/elastic-spark/{stack}.json",
            f"stacks/elastic-spark/{stack}.pulumi-tags",
            f"locks/organization/elastic-spark/{stack}/1.json",
        ):
            assert asks(policies, "s3:PutObject", (f"{state}/{path}", {})) == own
    assert asks(policies, "s3:GetObject", (f"{state}/stacks/elastic-spark/platform-prod.json", {}))


@pytest.mark.parametrize("stack", ["ads-prod", "platform-prod"])
def test_a_preview_learns_which_files_of_its_state_are_not_there(stack: str) -> None:
    bucket = "arn:aws:s3:::example-pulumi-state"
    tags = f"{bucket}/.pulumi/stacks/elastic-spark/{stack}.pulumi-tags"
    assert asks(reader(stack), "s3:GetObject", (tags, {}))
    assert asks(reader(stack), "s3:ListBucket", (bucket, {}))
    assert not asks(reader(stack), "s3:ListBucket", (bucket, {"s3:prefix": "others/"}))
