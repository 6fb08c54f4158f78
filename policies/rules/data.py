"""Rules for data at rest: buckets, keys and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.iam import BINDING, ReadStatement, bound_to, statements_of
from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
KEY: Final = "aws:kms/key:Key"
CLUSTERS: Final = ("eks:index:Cluster", "aws:eks/cluster:Cluster")
VPC: Final = "aws:ec2/vpc:Vpc"
PROTECTED: Final = (*BUCKETS, KEY, *CLUSTERS, VPC)
"""Types that hold data or identity: what depends on them can't be made again."""
OPENED_BY_POLICY: Final = (
    *BUCKETS,
    KEY,
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
)
"""Types with a policy of who may reach a thing."""
SAYS_WHOSE: Final = ("aws:PrincipalAccount", "aws:SourceAccount", "kms:CallerAccount")
"""Condition keys that hold the account of whoever asks."""
ACCESS_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@stack_rule(
    severity=Severity.CRITICAL, remedy="Make buckets with components/storage/bucket.py, which blocks public access."
)
def buckets_are_private(stack: Stack) -> Iterator[Violation]:
    """Every bucket blocks public access in all four ways.

    A policy or an access list that somebody adds later can't open it then.
    """
    for bucket in stack.of_type(*BUCKETS):
        blocks = _of_bucket(stack, bucket, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
        missing = [way for way in ACCESS_BLOCKS if not any(block.props.get(way) for block in blocks)]
        if missing:
            yield Violation(f"{bucket.props['bucket']} lacks {', '.join(missing)}", bucket.urn)


@stack_rule(remedy="Make buckets with components/storage/bucket.py, whose policy denies what comes without TLS.")
def buckets_take_tls_alone(stack: Stack) -> Iterator[Violation]:
    """Every bucket's policy denies requests without TLS.

    S3 answers plain HTTP otherwise.
    """
    for bucket in stack.of_type(*BUCKETS):
        policies = _of_bucket(stack, bucket, "aws:s3/bucketPolicy:BucketPolicy")
        arn = f":::{bucket.props['bucket']}"
        if not any(_denies_plain_http(s, arn) for policy in policies for s in statements_of(policy)):
            yield Violation(f"{bucket.props['bucket']} takes requests without TLS", bucket.urn)


@stack_rule(remedy="Make buckets with components/storage/bucket.py, with the platform's key.")
def buckets_are_encrypted_by_a_key(stack: Stack) -> Iterator[Violation]:
    """Every bucket encrypts by a KMS key.

    The key's policy is a second lock: who may read the bucket still needs it.
    """
    for bucket in stack.of_type(*BUCKETS):
        configurations = _of_bucket(
            stack, bucket, "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        )
        used = [
            rule["applyServerSideEncryptionByDefault"]
            for configuration in configurations
            for rule in configuration.props["rules"]
        ]
        others = [way["sseAlgorithm"] for way in used if not way["sseAlgorithm"].startswith("aws:kms")]
        if others or not used:
            yield Violation(f"{bucket.props['bucket']} uses {', '.join(others) or 'S3 keys'}", bucket.urn)
        elif any("kmsMasterKeyId" not in way for way in used):
            yield Violation(f"{bucket.props['bucket']} uses AWS's own key, which has no policy of ours", bucket.urn)


@stack_rule(
    remedy="Enable versioning, or list the bucket's name in this rule's option `without`.",
    options={
        "without": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Buckets that hold nothing which can't be made again.",
        }
    },
)
def buckets_keep_versions(stack: Stack, without: list[str]) -> Iterator[Violation]:
    """Every bucket that holds data keeps versions.

    What a job overwrites or deletes by mistake can be brought back.
    """
    for bucket in stack.of_type(*BUCKETS):
        found = _of_bucket(stack, bucket, "aws:s3/bucketVersioning:BucketVersioning")
        enabled = any(versioning.props["versioningConfiguration"]["status"] == "Enabled" for versioning in found)
        if not enabled and bucket.props["bucket"] not in without:
            yield Violation(f"{bucket.props['bucket']} keeps none", bucket.urn)


@resource_rule(*BUCKETS, severity=Severity.CRITICAL, remedy="Remove forceDestroy; empty a bucket by hand first.")
def buckets_are_not_emptied_for_deletion(bucket: Resource) -> Iterator[str]:
    """No bucket is emptied so that it can be deleted.

    A renamed or replaced bucket would take its content with it.
    """
    if bucket.props.get("forceDestroy"):
        yield "forceDestroy is on"


@resource_rule(KEY, severity=Severity.MEDIUM, remedy="Set enableKeyRotation to true.")
def keys_rotate(key: Resource) -> Iterator[str]:
    """Every KMS key rotates.

    What one version of a key protects stays bounded, and nothing that uses it notices.
    """
    if key.props.get("enableKeyRotation") is not True:
        yield "enableKeyRotation is not true"


@resource_rule(
    "aws:cloudwatch/logGroup:LogGroup",
    severity=Severity.MEDIUM,
    remedy="Set retentionInDays, and make the log group before what writes to it.",
)
def logs_are_not_kept_for_ever(group: Resource) -> Iterator[str]:
    """Every log group says how long it keeps logs.

    Without it CloudWatch keeps them for ever, at a price and with whatever personal data they hold.
    """
    if not group.props.get("retentionInDays"):
        yield "retentionInDays is not set"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Name a principal of the account; list another account in this rule's option `accounts`.",
    options={
        "accounts": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Other accounts whose principals may be let in.",
        }
    },
)
def data_is_shared_with_known_accounts(stack: Stack, accounts: list[str]) -> Iterator[Violation]:
    """The policies of buckets, keys, secrets and the like let principals of their own account in, or of listed ones.

    What such a policy allows holds without any role's policy; blocking public access doesn't stop another account. A
    service of AWS works for all accounts: a condition names the one for which it may come.
    """
    contract = stack.contract
    if contract is None or contract.get("aws") is None:
        return
    known = {contract["aws"]["accountId"], *accounts}
    for resource in stack.of_type(*OPENED_BY_POLICY):
        for statement in statements_of(resource):
            for kind, who in statement.principals.items() if statement.allows else ():
                for principal in who:
                    if kind == "Service":
                        let_in = _acts_for(statement, known)
                    else:
                        let_in = _is_of(principal, known) or _asks_whose(statement, known)
                    if not let_in:
                        yield Violation(f"{statement.sid or 'a statement'} lets {principal} in", resource.urn)


@resource_rule(
    *CLUSTERS,
    severity=Severity.CRITICAL,
    remedy="Give the cluster the platform's key for secrets, and all its log types (components/cluster/cluster.py).",
)
def cluster_encrypts_secrets_and_logs_its_audit(cluster: Resource) -> Iterator[str]:
    """The cluster encrypts Kubernetes' secrets by a KMS key, and keeps the log of who did what.

    Both are off in EKS where nobody asks for them, and the log of what has happened can't be had later.
    """
    if not {"encryptionConfigKeyArn", "encryptionConfig"} & set(cluster.props):
        yield "no KMS key for secrets"
    if "audit" not in (cluster.props.get("enabledClusterLogTypes") or ()):
        yield "enabledClusterLogTypes lacks audit"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Set protect; a deletion then needs `pulumi state unprotect` by somebody who has looked.",
)
def what_holds_data_is_protected_in_production(stack: Stack) -> Iterator[Violation]:
    """In production, clusters, VPCs, keys and buckets are protected from deletion.

    A renamed setting may replace them, and everything in them goes at the next `up`.
    """
    if stack.production:
        for resource in stack.of_type(*PROTECTED):
            if not resource.protect:
                yield Violation(f"{resource.name} is not protected", resource.urn)


def _of_bucket(stack: Stack, bucket: Resource, token: str) -> list[Resource]:
    """What configures a bucket: buckets have explicit names, by which it is found."""
    name = bucket.props["bucket"]
    v2 = token.removesuffix(token.rpartition(":")[2]) + token.rpartition(":")[2] + "V2"
    return [resource for resource in stack.of_type(token, v2) if resource.props["bucket"] == name]


def _is_of(principal: str, accounts: set[str]) -> bool:
    """Whether a principal is an account, or of one."""
    return principal in accounts or any(principal.split(":")[4:5] == [account] for account in accounts)


def _asks_whose(statement: ReadStatement, accounts: set[str]) -> bool:
    """Whether a condition lets nobody pass but of these accounts."""
    return any(found and accounts.issuperset(found) for found in (bound_to(statement, key) for key in SAYS_WHOSE))


def _acts_for(statement: ReadStatement, accounts: set[str]) -> bool:
    """Whether a condition lets a service in for these accounts only: by their numbers, or ARNs of theirs."""
    return any(
        operator in BINDING and all(_is_of(value, accounts) for value in values)
        for operator, keys in statement.conditions.items()
        for values in keys.values()
    )


def _denies_plain_http(statement: ReadStatement, arn: str) -> bool:
    plain_http = statement.conditions == {"Bool": {"aws:SecureTransport": ["false"]}}
    everybody = "*" in [who for principals in statement.principals.values() for who in principals]
    everything = {"*", "s3:*"} & set(statement.actions)
    places = {resource.rpartition(arn)[2] for resource in statement.resources if arn in resource}
    covered = {"", "/*"} <= places
    return not statement.allows and plain_http and everybody and bool(everything) and covered
