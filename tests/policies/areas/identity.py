"""Rows on the rules about roles and their policies."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.policies.drafts import UNKNOWN, add, allow, named, put, rewrite, rewrite_statement
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import ACCOUNT, ROLE, ROLE_POLICY

CLUSTER_ARN: Final = f"arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/spark-dev"
EVERYTHING: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("arn:*", {}),
    ("arn:aws:s3:::*/*", {}),
    (f"arn:aws:iam::{ACCOUNT}:role/*", {}),
    (f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:*", {}),
    ("arn:aws:kms:*:*:key/*", {"Condition": {"ForAllValues:StringEquals": {"kms:ResourceAliases": "alias/x"}}}),
    ("*", {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
    ("arn:aws:s3:::*", {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
    ("arn:aws:s3:::*", {"Condition": {"StringLike": {"aws:ResourceTag/elastic-spark:platform": "*"}}}),
    ("arn:aws:s3:::*-*/*", {}),
    ("arn:aws:s3:*:*:accesspoint/*", {}),
    ("arn:aws:s3:*:*:accesspoint/*/object/*", {}),
    ("arn:aws:ec2:*:*:instance/i-*", {}),
    ("arn:aws:ec2:*:*:volume/vol-0*", {}),
    ("arn:aws:ec2:*:*:security-group-rule/sgr-*", {}),
    ("arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*/*", {}),
    ("arn:aws:dynamodb:*:*:table/*/index/*", {}),
    ("arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*", {}),
    ("arn:aws:logs:*:*:log-group:*:log-stream:*", {}),
    ("arn:aws:kms:*:*:key/mrk-*", {}),
)


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="policies-name-their-actions",
        stack="ads-dev",
        breaks=rewrite_statement(ROLE_POLICY, "policy", {"Action": ["s3:*"]}),
    ),
    Mutation(
        rule="policies-name-their-resources",
        stack="ads-dev",
        breaks=rewrite_statement(ROLE_POLICY, "policy", {"Resource": ["*"]}),
        also=frozenset({"roles-keep-to-the-prefixes-of-their-queues"}),
    ),
    Mutation(
        rule="no-managed-policy-of-full-access",
        stack="platform-dev",
        breaks=put(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "policyArn",
            "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        ),
    ),
    Mutation(
        rule="roles-keep-to-the-prefixes-of-their-queues",
        stack="ads-dev",
        breaks=rewrite_statement(
            ROLE_POLICY,
            "policy",
            {"Resource": ["arn:aws:s3:::spark-dev-events-111122223333-eu-central-1/search/*"]},
        ),
    ),
    Mutation(
        rule="roles-of-tenants-have-the-boundary",
        stack="ads-dev",
        breaks=put(ROLE, "permissionsBoundary", "arn:aws:iam::111122223333:policy/spark-dev-tenant-search"),
    ),
    Mutation(
        rule="roles-are-taken-by-known-services",
        stack="platform-dev",
        breaks=rewrite_statement(
            ROLE, "assumeRolePolicy", {"Condition": {}}, chooses=lambda inputs: inputs["name"] == "spark-dev-cluster"
        ),
        unknown=put(ROLE, "assumeRolePolicy", UNKNOWN),
    ),
    Mutation(
        rule="pod-roles-trust-their-own-cluster",
        stack="ads-dev",
        breaks=rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"][0]["Condition"]["ArnEquals"].update(
                {"aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/other"}
            ),
        ),
    ),
    Mutation(
        rule="no-users-and-no-access-keys",
        stack="ads-dev",
        breaks=add("aws:iam/accessKey:AccessKey", user="airflow"),
        unknown=None,
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        (rule, "ads-dev", put(ROLE, "inlinePolicies", [{"name": "x", "policy": json.dumps(document)}]), said)
        for document in ({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},)
        for rule, said in (
            ("policies-name-their-actions", "allows s3:*"),
            ("policies-name-their-resources", "on *"),
            ("roles-keep-to-the-prefixes-of-their-queues", "reaches all of *"),
        )
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:s3:*:*:spark-dev-events-*/*"}),
        "beyond ads/batch",
    ),
    ("policies-name-their-actions", "platform-dev", allow(Action="s3:Get?bject"), "allows s3:Get?bject"),
    *(
        ("policies-name-their-resources", "platform-dev", allow(Action="x:Y", Resource=arn, **condition), f"on {arn}")
        for arn, condition in EVERYTHING
    ),
    (
        "policies-name-their-resources",
        "platform-dev",
        allow(Action="s3:GetObject", NotResource="arn:aws:s3:::x"),
        "on *",
    ),
    (
        "policies-name-their-actions",
        "platform-dev",
        add(ROLE_POLICY, role="by-hand", policy="{"),
        "the rule can't read it: JSONDecodeError",
    ),
    (
        "no-managed-policy-of-full-access",
        "platform-dev",
        add(
            "aws:iam/policyAttachment:PolicyAttachment", roles=["x"], policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
        ),
        "ReadOnlyAccess",
    ),
    *(
        ("roles-keep-to-the-prefixes-of-their-queues", "ads-dev", edit, "AmazonS3ReadOnlyAccess beside its own policy")
        for arn in ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",)
        for edit in (
            put(ROLE, "managedPolicyArns", [arn]),
            add(
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                roleName="spark-dev-queue-ads-batch",
                policyArns=[arn],
            ),
            add("aws:iam/policyAttachment:PolicyAttachment", roles=["spark-dev-queue-ads-batch"], policyArn=arn),
        )
    ),
    *(
        (
            "roles-keep-to-the-prefixes-of-their-queues",
            "ads-dev",
            rewrite_statement(ROLE_POLICY, "policy", {"Condition": {operator: condition}}, index=1),
            "reaches all of",
        )
        for condition in ({"s3:prefix": "ads/batch/*"},)
        for operator in ("StringNotLike", "StringLikeIfExists", "ForAllValues:StringLike")
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        allow(ROLE, "assumeRolePolicy", NotPrincipal={"AWS": "x"}, Action="sts:AssumeRole"),
        "* * may take it",
    ),
    (
        "pod-roles-trust-their-own-cluster",
        "ads-dev",
        rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"][0]["Condition"]["StringEquals"].update(
                {"aws:RequestTag/kubernetes-namespace": "*"}
            ),
        ),
        "aws:RequestTag/kubernetes-namespace is *",
    ),
    *(
        (rule, "ads-dev", rewrite_statement(ROLE, "assumeRolePolicy", {"Condition": condition}), said)
        for condition in (
            {"StringNotEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": CLUSTER_ARN}},
            {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": CLUSTER_ARN}},
        )
        for rule, said in (
            ("roles-are-taken-by-known-services", "for any account"),
            ("pod-roles-trust-their-own-cluster", "aws:SourceArn is not asked"),
        )
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(ROLE, "assumeRolePolicy", {"Principal": {"AWS": "arn:aws:iam::1:root"}}),
        "AWS arn",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(ROLE, "assumeRolePolicy", {"Principal": "*"}),
        "* * may take it",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(
            ROLE, "assumeRolePolicy", {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, chooses=named(".logs")
        ),
        "root may take it",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(
            ROLE, "assumeRolePolicy", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}}, chooses=named(".put")
        ),
        "role/* may take it",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        put(ROLE_POLICY, "role", "spark-dev-q-ads-batch.put", lambda inputs: "-queue-ads-batch" in inputs["role"]),
        "beyond ads/batch/skate, ads/batch/uploads",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "search-dev",
        put(ROLE_POLICY, "role", "spark-dev-q-search-adhoc.put", lambda inputs: "scheduled.put" in inputs["role"]),
        "reaches arn:aws:s3:::spark-dev",
    ),
    (
        "roles-of-tenants-have-the-boundary",
        "ads-dev",
        put(ROLE, "permissionsBoundary", ..., named(".put")),
        "its boundary is missing, not arn:aws:iam::111122223333:policy/spark-dev-tenant-ads",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "search-dev",
        put(ROLE_POLICY, "role", "spark-dev-queue-search-scheduled", lambda inputs: "adhoc" in inputs["role"]),
        "reaches arn:aws:s3:::spark-dev",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite(ROLE_POLICY, "policy", lambda document: document["Statement"][1].pop("Condition")),
        "reaches all of",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:s3:::*/*"}),
        "beyond ads/batch",
    ),
    (
        "policies-name-their-actions",
        "ads-dev",
        rewrite(ROLE_POLICY, "policy", lambda d: d["Statement"][0].update(NotAction=d["Statement"][0].pop("Action"))),
        "allows *",
    ),
    (
        "no-managed-policy-of-full-access",
        "ads-dev",
        put(ROLE, "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "AdministratorAccess",
    ),
    (
        "roles-of-tenants-have-the-boundary",
        "ads-dev",
        put(ROLE, "permissionsBoundary", ..., named(".logs")),
        "its boundary is missing, not arn:aws:iam::111122223333:policy/spark-dev-tenant-ads",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("roles-keep-to-the-prefixes-of-their-queues", "ads-dev", put(ROLE_POLICY, "role", "spark-dev-other")),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:logs:x:1:*"}),
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sts:*"}),
        ),
    ),
)
