"""Private ways to AWS services: interface endpoints, and the policies that say who may go through and where to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.access.iam import Statement, policy_document
from components.base import Component
from components.network.https_ingress import let_in_https
from sizing.arns import Arns

OWN_ACCOUNT_ONLY: Final = frozenset({"glue", "kms", "secretsmanager", "ssm"})
"""Services by which data could be carried to another account."""


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Which endpoints, where, and for whom.

    Args:
        account: the 12-digit id of the account whose principals may use the endpoints.
        region: the region's name.
        services: the services to reach, out of `sizing.network.INTERFACE_ENDPOINTS`.
        vpc_id: the VPC.
        vpc_cidrs: the VPC's IPv4 ranges; nobody else reaches the endpoints.
        subnet_ids: one subnet of each zone, by zone.
    """

    account: str
    region: str
    services: tuple[str, ...]
    vpc_id: pulumi.Input[str]
    vpc_cidrs: tuple[str, ...]
    subnet_ids: Mapping[str, pulumi.Input[str]]


class Endpoints(Component):
    """Interface endpoints of AWS services in all zones, with private DNS and one security group.

    Attributes:
        security_group_id: the group on the endpoints' network interfaces.
        endpoint_ids: the endpoints' ids by service.
    """

    module = "endpoints"

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        group = self._create_security_group(name, args)
        self.security_group_id: pulumi.Output[str] = group.id
        self.endpoint_ids: Mapping[str, pulumi.Output[str]] = {
            service: self._create_endpoint(name, args, service, group).id for service in sorted(args.services)
        }
        self.register_outputs({"securityGroupId": self.security_group_id, "endpointIds": self.endpoint_ids})

    def _create_security_group(self, name: str, args: EndpointsArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description="HTTPS from the VPC to the interface endpoints of AWS services",
            vpc_id=args.vpc_id,
            tags={"Name": name},
            opts=self.child(),
        )
        let_in_https(name, group, args.vpc_cidrs, self.child())
        return group

    def _create_endpoint(
        self, name: str, args: EndpointsArgs, service: str, group: aws.ec2.SecurityGroup
    ) -> aws.ec2.VpcEndpoint:
        role = service.replace(".", "-")
        return aws.ec2.VpcEndpoint(
            f"{name}-{role}",
            vpc_id=args.vpc_id,
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.{args.region}.{service}",
            private_dns_enabled=True,
            subnet_ids=[args.subnet_ids[zone] for zone in sorted(args.subnet_ids)],
            security_group_ids=[group.id],
            policy=interface_policy(args.account, service),
            tags={"Name": f"{name}-{role}"},
            opts=self.child(),
        )


def interface_policy(account: str, service: str) -> str:
    """The policy of an interface endpoint: the account's own principals, whatever their roles allow them.

    Credentials of another account that somebody brings into a pod don't get through. What holds secrets and keys is
    also reached in the own account only; other services must reach further, since the images of EKS's add-ons lie in
    registries of AWS's own accounts.

    Args:
        account: the account's 12-digit id.
        service: out of `sizing.network.INTERFACE_ENDPOINTS`.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    conditions: dict[str, dict[str, str]] = {"StringEquals": {"aws:PrincipalAccount": account}}
    if service in OWN_ACCOUNT_ONLY:
        # Requests without a resource, such as a list, have no such key.
        conditions["StringEqualsIfExists"] = {"aws:ResourceAccount": account}
    return policy_document(
        Statement(sid="OwnPrincipals", principals="*", actions=("*",), resources=("*",), conditions=conditions)
    )


def s3_policy(account: str, region: str, shared_buckets: Sequence[str]) -> str:
    """The policy of the S3 gateway endpoint, through which every request to a bucket of the region goes.

    Args:
        account: the 12-digit id of the account.
        region: the region's name.
        shared_buckets: ARNs of buckets in other accounts that tenants read or write.
    """
    statements = [
        Statement(
            sid="OwnBuckets",
            principals="*",
            actions=("s3:*",),
            resources=("*",),
            conditions={"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}},
        ),
        # no condition on the principal: such downloads are signed by the registry, or not at all
        Statement(
            sid="ImagesAndPackages",
            principals="*",
            actions=("s3:GetObject",),
            resources=[Arns(account, region).objects(bucket) for bucket in _public_buckets(region)],
        ),
    ]
    if shared_buckets:
        statements.append(
            Statement(
                sid="SharedBuckets",
                principals="*",
                actions=("s3:*",),
                resources=[arn for bucket in shared_buckets for arn in (bucket, f"{bucket}/*")],
                conditions={"StringEquals": {"aws:PrincipalAccount": account}},
            )
        )
    return policy_document(*statements)


def _public_buckets(region: str) -> tuple[str, ...]:
    """Buckets of others in the region from which nodes are served: images' layers and the system's packages.

    Sources: service_owned_resources.md of github.com/aws-samples/data-perimeter-policy-examples (ECR, Amazon Linux
    2023); github.com/kubernetes/registry.k8s.io (it redirects nodes on AWS to its bucket in their region); Quay's list
    of hosts to allow (it redirects to its bucket in us-east-1 only).
    """
    return (
        f"prod-{region}-starport-layer-bucket",
        f"al2023-{region}",
        f"al2023-repos-{region}-de612dc2",
        f"prod-registry-k8s-io-{region}",
        "quayio-production-s3",
    )
