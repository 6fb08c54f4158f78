"""The platform's keys."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.iam import Statement, policy_document
from components.base import Component
from sizing import names
from sizing.arns import Arns

AUTO_SCALING_ROLE = "AWSServiceRoleForAutoScaling"
"""The role in whose name Auto Scaling starts instances, unless a group names another of its kind."""
DELETION_DAYS = 30
"""Days in which the deletion of a key can be taken back, the maximum: what it encrypted is lost with it."""


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What a key is for.

    Args:
        platform: the platform's name.
        purpose: what is encrypted, a word; part of the key's alias.
        account: the account's 12-digit id.
        region: the region's name.
        log_groups: ARNs, or patterns of ARNs, of the CloudWatch log groups that are encrypted by it.
        flow_logs: whether flow logs are delivered to a bucket that is encrypted by it.
        volumes: whether nodes that Auto Scaling starts have volumes that are encrypted by it.
        protect: whether the key is protected from deletion.
    """

    platform: str
    purpose: str
    account: str
    region: str
    log_groups: tuple[str, ...]
    flow_logs: bool
    volumes: bool
    protect: bool


class EncryptionKey(Component):
    """A KMS key that rotates every year, with an alias.

    Attributes:
        alias: the alias, known before deployment; policies refer to the key by it, see
            `components.access.aws_rights.keys`.
        arn: the key's ARN.
    """

    module = "encryption"

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        key = aws.kms.Key(
            f"{name}-key",
            description=f"{args.platform}: {args.purpose}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_DAYS,
            policy=key_policy(args),
            opts=self.child(protect=args.protect),  # without the key, what it encrypted is lost
        )
        self.alias = names.key_alias(args.platform, args.purpose)
        aws.kms.Alias(f"{name}-alias", name=self.alias, target_key_id=key.key_id, opts=self.child())
        self.arn: pulumi.Output[str] = key.arn
        self.register_outputs({"alias": self.alias, "arn": self.arn})


def key_policy(args: EncryptionKeyArgs) -> str:
    """The key's own policy: the account decides by IAM who uses it; AWS's log services may for this platform's logs.

    Of volumes, Auto Scaling's own role may too, in whose name nodes start: nobody can give that role a policy. KMS
    takes no policy that names a role which isn't there.

    Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    """
    arns = Arns(args.account, args.region)
    statements = [Statement(sid="Account", principals={"AWS": arns.root()}, actions=("kms:*",), resources=("*",))]
    if args.log_groups:
        statements.append(
            Statement(
                sid="LogGroups",
                principals={"Service": f"logs.{args.region}.amazonaws.com"},
                # AWS's page adds DescribeKey, whose requests have no encryption context: this would never allow it.
                actions=("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"),
                resources=("*",),
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": args.log_groups}},
            )
        )
    if args.flow_logs:
        statements.append(
            Statement(
                sid="FlowLogs",
                principals={"Service": "delivery.logs.amazonaws.com"},
                actions=("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"),
                resources=("*",),
                conditions={
                    "StringEquals": {"aws:SourceAccount": args.account},
                    "ArnLike": {"aws:SourceArn": f"arn:{arns.partition}:logs:{args.region}:{args.account}:*"},
                },
            )
        )
    if args.volumes:
        statements += _volumes(arns)
    return policy_document(*statements)


def _volumes(arns: Arns) -> tuple[Statement, ...]:
    groups = {"AWS": arns.service_linked_role("autoscaling.amazonaws.com", AUTO_SCALING_ROLE)}
    return (
        Statement(
            sid="NodesVolumes",
            principals=groups,
            actions=("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"),
            resources=("*",),
        ),
        Statement(
            sid="AttachNodesVolumes",
            principals=groups,
            actions=("kms:CreateGrant",),
            resources=("*",),
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
