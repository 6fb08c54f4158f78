"""Rows on the rules about buckets, keys and logs."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.policies.drafts import UNKNOWN, Draft, add, allow, put, put_output, remove, rewrite
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import ACCOUNT, BUCKET, BUCKET_POLICY, CLUSTER, ENCRYPTION


def _narrow(made: Draft) -> None:
    """Lets a bucket refuse plain HTTP of some requests only."""

    def change(document: Any) -> None:  # noqa: ANN401
        for statement in document["Statement"]:
            statement["Condition"]["StringEquals"] = {"aws:PrincipalAccount": ACCOUNT}

    rewrite(BUCKET_POLICY, "policy", change)(made)


def _except_some_actions(made: Draft) -> None:
    """Lets a bucket refuse plain HTTP for what isn't named."""

    def change(document: Any) -> None:  # noqa: ANN401
        for statement in document["Statement"]:
            statement["NotAction"] = statement.pop("Action")

    rewrite(BUCKET_POLICY, "policy", change)(made)


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="buckets-are-private",
        stack="platform-dev",
        breaks=put("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "restrictPublicBuckets", False),
    ),
    Mutation(
        rule="buckets-take-tls-alone",
        stack="platform-dev",
        breaks=remove(BUCKET_POLICY),
        unknown=put(BUCKET_POLICY, "policy", UNKNOWN),
    ),
    Mutation(
        rule="buckets-are-encrypted-by-a-key",
        stack="platform-dev",
        breaks=put(ENCRYPTION, "rules/0/applyServerSideEncryptionByDefault/sseAlgorithm", "AES256"),
    ),
    Mutation(
        rule="buckets-keep-versions",
        stack="platform-dev",
        breaks=put("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration/status", "Suspended"),
    ),
    Mutation(
        rule="buckets-are-not-emptied-for-deletion",
        stack="platform-dev",
        breaks=put(BUCKET, "forceDestroy", True),
    ),
    Mutation(
        rule="keys-rotate",
        stack="platform-dev",
        breaks=put("aws:kms/key:Key", "enableKeyRotation", ...),
    ),
    Mutation(
        rule="logs-are-not-kept-for-ever",
        stack="platform-dev",
        breaks=put("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", 0),
    ),
    Mutation(
        rule="data-is-shared-with-known-accounts",
        stack="platform-dev",
        breaks=rewrite(
            "aws:kms/key:Key",
            "policy",
            lambda document: document["Statement"].append(
                {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "kms:Decrypt"}
            ),
        ),
    ),
    Mutation(
        rule="cluster-encrypts-secrets-and-logs-its-audit",
        stack="platform-dev",
        breaks=put(CLUSTER, "enabledClusterLogTypes", ["api"]),
    ),
    Mutation(
        rule="what-holds-data-is-protected-in-production",
        stack="platform-prod",
        breaks=lambda made: made.unprotect("aws:kms/key:Key"),
        unknown=put_output("pulumi:pulumi:Stack", "contract", UNKNOWN),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        (
            "data-is-shared-with-known-accounts",
            "platform-dev",
            allow(BUCKET_POLICY, Action="s3:GetObject", **who),
            said,
        )
        for who, said in (
            ({"Principal": "*"}, "lets * in"),
            ({"Principal": {"AWS": "999988887777"}}, "lets 999988887777 in"),
            ({"Principal": {"CanonicalUser": "79a5"}}, "lets 79a5 in"),
            ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, "lets cloudtrail.amazonaws.com in"),
            (
                {
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, "9"]}},
                },
                "lets cloudtrail.amazonaws.com in",
            ),
            ({"NotPrincipal": {"AWS": ACCOUNT}}, "lets * in"),
            ({"Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, "9"]}}}, "lets * in"),
            ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}}, "lets * in"),
        )
    ),
    ("buckets-take-tls-alone", "platform-dev", _narrow, "takes requests without TLS"),
    ("buckets-take-tls-alone", "platform-dev", _except_some_actions, "takes requests without TLS"),
    (
        "buckets-are-encrypted-by-a-key",
        "platform-dev",
        put(ENCRYPTION, "rules/0/applyServerSideEncryptionByDefault/kmsMasterKeyId", ...),
        "AWS's own key",
    ),
    ("buckets-are-private", "platform-dev", add(BUCKET), "bucket is not set, and the rule needs it"),
    (
        "cluster-encrypts-secrets-and-logs-its-audit",
        "platform-dev",
        put(CLUSTER, "encryptionConfigKeyArn", ...),
        "no KMS key",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    (
        "data-is-shared-with-known-accounts",
        "platform-dev",
        add(
            BUCKET_POLICY,
            bucket="x",
            policy=json.dumps(
                {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"Service": "logging.s3.amazonaws.com"},
                        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:iam::111122223333:*"}},
                    }
                }
            ),
        ),
    ),
    (
        "data-is-shared-with-known-accounts",
        "platform-dev",
        rewrite(
            "aws:kms/key:Key",
            "policy",
            lambda document: document["Statement"].append(
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "kms:Decrypt",
                    "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}},
                }
            ),
        ),
    ),
    ("data-is-shared-with-known-accounts", "platform-kind", add(BUCKET_POLICY, policy="{}")),
)
