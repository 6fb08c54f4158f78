"""The settings of a platform's network: a VPC to make, or one that is there already."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.fields import BucketName, Cidr, Model, SubnetId, Unique, VpcId, ZoneName

EndpointService = Literal[
    "aps-workspaces",
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "glue",
    "kms",
    "logs",
    "secretsmanager",
    "sns",
    "ssm",
    "sts",
]
Zones = Annotated[dict[ZoneName, "ZoneCidrs"], Field(min_length=2, max_length=3)]


class ZoneCidrs(Model):
    """The subnets of one Availability Zone."""

    private: Cidr
    """Nodes and pods; give it the larger part, pods take whole /28 prefixes of it."""
    public: Cidr
    """Load balancers and NAT only; /27 or larger."""


class Vpc(Model):
    """A VPC that the platform makes."""

    cidr: Cidr
    """Addresses of the VPC, between /16 and /28."""
    zones: Zones
    """Two or three Availability Zones and the subnets in each."""
    nat: Literal["perZone", "single"] = "perZone"
    """One NAT gateway in each zone, or a single one: cheaper, and gone with its zone."""
    endpoints: Annotated[tuple[EndpointService, ...], Unique] = ()
    """AWS services reached by interface endpoints rather than through NAT. S3 always has a gateway endpoint."""
    shared_buckets: Annotated[tuple[BucketName, ...], Unique] = ()
    """Buckets of other accounts that nodes may reach through the S3 gateway endpoint; tenants' data locations there."""
    flow_logs: bool = True
    """Record the VPC's traffic in the logs bucket."""


class ExistingZone(Model):
    """A zone of a VPC that is there already."""

    private_subnet_id: SubnetId
    private: Cidr
    """The CIDR of that subnet; pools are checked against its size."""


class ExistingVpc(Model):
    """A VPC that is there already, with routes to the internet or to endpoints for all that nodes need."""

    id: VpcId
    cidr: Cidr
    zones: Annotated[dict[ZoneName, ExistingZone], Field(min_length=2, max_length=3)]


class Network(Model):
    """Where nodes live: exactly one of `vpc` and `existing`."""

    vpc: Vpc | None = None
    existing: ExistingVpc | None = None

    @property
    def zones(self) -> dict[str, ZoneCidrs | ExistingZone]:
        """The zones of either kind of VPC, sorted by name."""
        source = self.vpc or self.existing
        return {name: source.zones[name] for name in sorted(source.zones)} if source else {}
