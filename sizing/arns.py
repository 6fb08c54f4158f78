"""ARNs computed from names, so that previews and policies hold values where AWS would give them only when deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PARTITIONS: Final = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}
"""The partition of regions whose names start so; all others are in `aws`.

Source: partitions.json of botocore, which the tests compare
"""


def partition(region: str) -> str:
    """The AWS partition of a region, such as `aws` or `aws-us-gov`."""
    return next((name for start, name in PARTITIONS.items() if region.startswith(start)), "aws")


@dataclass(frozen=True)
class Arns:
    """Makes the ARNs of one account and region.

    Args:
        account: the 12-digit account id.
        region: the region's name, such as `eu-central-1`.
    """

    account: str
    region: str

    @property
    def partition(self) -> str:
        """See `partition`."""
        return partition(self.region)

    def role(self, name: str) -> str:
        """An IAM role."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def policy(self, name: str) -> str:
        """An IAM policy of the account's own."""
        return f"arn:{self.partition}:iam::{self.account}:policy/{name}"

    def service_linked_role(self, service: str, name: str) -> str:
        """The role that AWS makes for a service of its own, such as `autoscaling.amazonaws.com`."""
        return self.role(f"aws-service-role/{service}/{name}")

    def managed_policy(self, name: str) -> str:
        """A policy managed by AWS."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def bucket(self, name: str) -> str:
        """A bucket."""
        return f"arn:{self.partition}:s3:::{name}"

    def objects(self, bucket: str, prefix: str = "") -> str:
        """All objects of a bucket under a prefix without a slash at its end; empty for the whole bucket."""
        return f"{self.bucket(bucket)}/{prefix + '/' if prefix else ''}*"

    def log_group(self, name: str) -> str:
        """A log group."""
        return f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:{name}"

    def glue(self, resource: str) -> str:
        """Something of AWS Glue's: `catalog`, `database/<database>`, `table/<database>/<table>`."""
        return f"arn:{self.partition}:glue:{self.region}:{self.account}:{resource}"

    def cluster(self, name: str) -> str:
        """An EKS cluster."""
        return f"arn:{self.partition}:eks:{self.region}:{self.account}:cluster/{name}"

    def groups(self) -> str:
        """All Auto Scaling groups of the account and region."""
        return (
            f"arn:{self.partition}:autoscaling:{self.region}:{self.account}:autoScalingGroup:*:autoScalingGroupName/*"
        )

    def prometheus_workspaces(self) -> str:
        """All workspaces of Amazon Managed Service for Prometheus of the account and region."""
        return f"arn:{self.partition}:aps:{self.region}:{self.account}:workspace/*"

    def grafana_workspaces(self) -> str:
        """All workspaces of Amazon Managed Grafana of the account and region."""
        return f"arn:{self.partition}:grafana:{self.region}:{self.account}:/workspaces/*"

    def topics(self, prefix: str) -> str:
        """All topics of Amazon SNS of the account and region whose names start so."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{prefix}*"

    def key_alias(self, alias: str) -> str:
        """A KMS key's alias (`alias/...`)."""
        return f"arn:{self.partition}:kms:{self.region}:{self.account}:{alias}"

    def root(self) -> str:
        """The account itself as a principal."""
        return f"arn:{self.partition}:iam::{self.account}:root"
