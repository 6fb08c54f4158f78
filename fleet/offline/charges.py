"""What AWS charges for each type of resource that stacks register: a price by the hour, by use, or nothing.

Sources: https://aws.amazon.com/elasticloadbalancing/pricing/, https://aws.amazon.com/vpc/pricing/, https://aws.amazon.com/privatelink/pricing/,
https://aws.amazon.com/eks/pricing/, https://aws.amazon.com/kms/pricing/, https://aws.amazon.com/s3/pricing/,
https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/prometheus/pricing/ and
https://aws.amazon.com/grafana/pricing/. Nodes are not here: they belong to pools (`sizing.pricing.pool_costs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from fleet.offline.registration import Registration
from sizing.pricing.costs import CostLine, Price, Unpriced, priced_line
from sizing.pricing.prices import UnitPrice, hourly_unit_price

Charge = Callable[[str, Registration, str], Iterator[CostLine]]
"""(owner, resource, region) -> the lines of one resource."""

FREE: Final = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:amp/workspaceConfiguration:WorkspaceConfiguration",
        "aws:autoscaling/attachment:Attachment",
        "aws:autoscaling/schedule:Schedule",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/subnetCidrReservation:SubnetCidrReservation",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:eks/identityProviderConfig:IdentityProviderConfig",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:lb/listener:Listener",
        "aws:lb/targetGroup:TargetGroup",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)
"""Types for which AWS charges nothing. Add-ons run on nodes that are paid for; those of EKS itself have no price."""
NOT_CHARGED_PACKAGES: Final = frozenset({"pulumi", "kubernetes"})
"""Packages whose resources are no purchase: objects in a cluster, and the engine's own."""


def _always(owner: str, what: str, unit: str, count: int, price: UnitPrice, region: str, note: str = "") -> CostLine:
    return priced_line(
        owner=owner,
        what=what,
        unit=unit,
        minimum=count,
        maximum=count,
        price=lambda: Price(hourly_unit_price(price, region), note),
    )


def _by_use(owner: str, what: str, unit: str, measure: str) -> CostLine:
    return CostLine(
        owner=owner,
        what=what,
        unit=unit,
        minimum=1,
        maximum=1,
        note=measure,
        unpriced=Unpriced.BY_USE,
    )


def not_known(owner: str, what: str, note: str) -> CostLine:
    """A line of one resource that costs something, or may."""
    return CostLine(owner=owner, what=what, unit="resource", minimum=1, maximum=1, note=note, unpriced=Unpriced.UNKNOWN)


def _control_plane(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    yield _always(owner, "EKS control plane", "control plane", 1, "eks-cluster-hour", region, "in standard support")


def _nat_gateway(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    yield _always(owner, "NAT gateways", "gateway", 1, "nat-gateway-hour", region)
    yield _by_use(owner, "data through NAT gateways", "gateway", "GB")


def _address(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    yield _always(owner, "public IPv4 addresses", "address", 1, "public-ipv4-hour", region)


def _endpoint(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    kind, subnets = resource.inputs.get("vpcEndpointType", "Gateway"), resource.inputs.get("subnetIds")
    if kind == "Gateway":
        return
    if kind != "Interface" or not isinstance(subnets, list):
        yield not_known(owner, f"{kind} endpoint {resource.name}", "how many zones it is in is not known")
        return
    # AWS charges for each zone, and each subnet is in a zone of its own.
    yield _always(owner, "interface endpoints", "endpoint in a zone", len(subnets), "interface-endpoint-hour", region)
    yield _by_use(owner, "data through interface endpoints", "endpoint", "GB")


def _load_balancer(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    kind, subnets = resource.inputs.get("loadBalancerType", "application"), resource.inputs.get("subnets")
    if kind != "network" or not isinstance(subnets, list):
        yield not_known(owner, f"{kind} load balancer {resource.name}", "only network load balancers are known here")
        return
    yield _always(owner, "load balancers", "load balancer", 1, "load-balancer-hour", region)
    # It is charged for the largest of new connections, open ones and bytes of an hour.
    unit = "at least one is charged while anybody uses it; more by use"
    yield _always(owner, "capacity of load balancers", "capacity unit", 1, "load-balancer-unit-hour", region, unit)
    if not resource.inputs.get("internal", False):
        yield _always(owner, "public IPv4 addresses", "address", len(subnets), "public-ipv4-hour", region)


def _alarm(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    yield _always(owner, "alarms in CloudWatch", "alarm", 1, "alarm-month", region)


def _key(owner: str, resource: Registration, region: str) -> Iterator[CostLine]:
    # Since April 2024 the third rotation and later ones are free.
    note = "each of its first two rotations adds as much again" if resource.inputs.get("enableKeyRotation") else ""
    yield _always(owner, "KMS keys", "key", 1, "kms-key-month", region, note)
    yield _by_use(owner, "KMS requests", "key", "requests")


def _used(what: str, unit: str, measure: str) -> Charge:
    return lambda owner, _resource, _region: iter([_by_use(owner, what, unit, measure)])


CHARGED: Final[Mapping[str, Charge]] = MappingProxyType(
    {
        "aws:amp/workspace:Workspace": _used(
            "Amazon Managed Prometheus", "workspace", "samples written, kept and read"
        ),
        "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
        "aws:cloudwatch/logGroup:LogGroup": _used("logs in CloudWatch", "log group", "GB written and kept"),
        "aws:ec2/eip:Eip": _address,
        "aws:ec2/flowLog:FlowLog": _used("VPC flow logs", "flow log", "GB written"),
        "aws:ec2/natGateway:NatGateway": _nat_gateway,
        "aws:ec2/vpc:Vpc": _used("data between zones and out of AWS", "VPC", "GB"),
        "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
        "aws:grafana/workspace:Workspace": _used("Amazon Managed Grafana", "workspace", "people who use it by month"),
        "aws:kms/key:Key": _key,
        "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
        "aws:s3/bucket:Bucket": _used("S3 storage and requests", "bucket", "GB kept and requests"),
        "aws:s3/bucketObjectv2:BucketObjectv2": _used("objects in S3", "object", "GB kept and requests"),
        "eks:index:Cluster": _control_plane,
    }
)
"""What the other types cost."""
