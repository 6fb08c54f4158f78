"""The platform's own network: a VPC over several zones, with nodes in private subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.base import Component, hidden
from components.network.endpoints import s3_policy
from sizing.network import prefix_reservations


@dataclass(frozen=True, kw_only=True)
class ZoneCidrs:
    """The IPv4 ranges of a zone's subnets: `private` for nodes and pods, `public` for load balancers and NAT."""

    private: str
    public: str


@dataclass(frozen=True, kw_only=True)
class FlowLogs:
    """Where the VPC's flow logs go: the bucket's ARN, and what must be there first so that they may be written."""

    bucket_arn: str
    after: pulumi.Resource = hidden()  # noqa: RUF009 - it makes a field


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The network's ranges and choices.

    Args:
        platform: the platform's name, which is the cluster's.
        account: the account's 12-digit id.
        region: the region's name.
        vpc_cidr: the VPC's IPv4 range; the zones' ranges lie in it and don't overlap.
        zones: the zones' ranges by zone.
        nat: a NAT gateway for each zone, or a single one: cheaper, but its zone's failure cuts all zones off.
        shared_buckets: ARNs of other accounts' buckets that may be reached through the S3 endpoint.
        flow_logs: where flow logs go; `None` for no flow logs.
        protect: whether what can't be made again as it was is protected from deletion.
    """

    platform: str
    account: str
    region: str
    vpc_cidr: str
    zones: Mapping[str, ZoneCidrs]
    nat: Literal["perZone", "single"]
    shared_buckets: tuple[str, ...]
    flow_logs: FlowLogs | None
    protect: bool


@dataclass(frozen=True, kw_only=True)
class NetworkIds:
    """What others need of a network, the platform's own or an existing one.

    Args:
        vpc_id: the VPC.
        private_subnet_ids: the nodes' subnet of each zone, by zone.
        public_subnet_ids: the load balancers' subnet of each zone, by zone; empty where there are none.
    """

    vpc_id: pulumi.Input[str]
    private_subnet_ids: Mapping[str, pulumi.Input[str]]
    public_subnet_ids: Mapping[str, pulumi.Input[str]]


class Network(Component):
    """VPC, subnets, routes, NAT, the S3 gateway endpoint and flow logs.

    Attributes:
        ids: what others need; made by this component alone or given for an existing network.
        vpc_id: the VPC.
        private_subnet_ids: the nodes' subnets by zone.
        public_subnet_ids: the load balancers' subnets by zone.
        private_route_table_ids: the private subnets' route tables by zone.
    """

    module = "network"

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        vpc = self._create_vpc(name, args)
        gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, tags={"Name": name}, opts=self.child())
        public = self._create_public_subnets(name, args, vpc, gateway)
        nats = self._create_nat_gateways(name, args, public, gateway)
        private = self._create_private_subnets(name, args, vpc)
        tables = self._create_private_routes(name, vpc, private, nats)
        self._create_s3_endpoint(name, args, vpc, list(tables.values()))
        if args.flow_logs:
            self._create_flow_log(name, args.flow_logs, vpc)

        self.vpc_id: pulumi.Output[str] = vpc.id
        self.private_subnet_ids: Mapping[str, pulumi.Output[str]] = {zone: s.id for zone, s in private.items()}
        self.public_subnet_ids: Mapping[str, pulumi.Output[str]] = {zone: s.id for zone, s in public.items()}
        self.private_route_table_ids: Mapping[str, pulumi.Output[str]] = {zone: t.id for zone, t in tables.items()}
        self.ids = NetworkIds(
            vpc_id=self.vpc_id, private_subnet_ids=self.private_subnet_ids, public_subnet_ids=self.public_subnet_ids
        )
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "privateSubnetIds": self.private_subnet_ids,
                "publicSubnetIds": self.public_subnet_ids,
                "privateRouteTableIds": self.private_route_table_ids,
            }
        )

    def _create_vpc(self, name: str, args: NetworkArgs) -> aws.ec2.Vpc:
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # private names of interface endpoints and of the cluster need both
            enable_network_address_usage_metrics=True,  # free, and tells that addresses run out before they do
            tags={"Name": name},
            opts=self.child(protect=args.protect),  # everything else stands in it
        )
        # given no rules, the provider takes away those that AWS puts there: nobody gets access by forgetting a group
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-group", vpc_id=vpc.id, tags={"Name": f"{name}-unused"}, opts=self.child()
        )
        return vpc

    def _create_public_subnets(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, gateway: aws.ec2.InternetGateway
    ) -> Mapping[str, aws.ec2.Subnet]:
        subnets = {
            zone: self._create_subnet(f"{name}-public-{zone}", args, vpc, zone, args.zones[zone].public, "elb")
            for zone in sorted(args.zones)
        }
        table = aws.ec2.RouteTable(f"{name}-public", vpc_id=vpc.id, tags={"Name": f"{name}-public"}, opts=self.child())
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child(),
        )
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{name}-public-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=self.child()
            )
        return subnets

    def _create_private_subnets(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> Mapping[str, aws.ec2.Subnet]:
        subnets = {}
        for zone in sorted(args.zones):
            cidr = args.zones[zone].private
            subnet = self._create_subnet(f"{name}-private-{zone}", args, vpc, zone, cidr, "internal-elb")
            subnets[zone] = subnet
            for part in prefix_reservations(cidr):
                aws.ec2.SubnetCidrReservation(
                    f"{name}-prefixes-{part.replace('.', '-').replace('/', '-')}",
                    subnet_id=subnet.id,
                    cidr_block=part,
                    reservation_type="prefix",
                    description="Prefixes of nodes; single addresses stay outside",
                    opts=self.child(),
                )
        return subnets

    def _create_subnet(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, zone: str, cidr: str, load_balancers: str
    ) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            cidr_block=cidr,
            availability_zone=zone,
            map_public_ip_on_launch=False,
            # by these, load balancers find their subnets; `shared`: deleting the cluster leaves the subnet alone
            # source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
            tags={
                "Name": name,
                f"kubernetes.io/role/{load_balancers}": "1",
                f"kubernetes.io/cluster/{args.platform}": "shared",
            },
            opts=self.child(protect=args.protect),  # nodes run in it
        )

    def _create_nat_gateways(
        self,
        name: str,
        args: NetworkArgs,
        public: Mapping[str, aws.ec2.Subnet],
        gateway: aws.ec2.InternetGateway,
    ) -> Mapping[str, aws.ec2.NatGateway]:
        """The NAT gateway that serves each zone, by zone."""
        places = sorted(public) if args.nat == "perZone" else sorted(public)[:1]
        nats = {}
        for zone in places:
            # both work only once the VPC has its internet gateway
            address = aws.ec2.Eip(
                f"{name}-nat-{zone}",
                domain="vpc",
                tags={"Name": f"{name}-nat-{zone}"},
                opts=self.child(protect=args.protect, depends_on=[gateway]),  # others let this address in
            )
            nats[zone] = aws.ec2.NatGateway(
                f"{name}-nat-{zone}",
                allocation_id=address.allocation_id,
                subnet_id=public[zone].id,
                tags={"Name": f"{name}-nat-{zone}"},
                opts=self.child(depends_on=[gateway]),
            )
        return {zone: nats.get(zone, nats[places[0]]) for zone in sorted(public)}

    def _create_private_routes(
        self,
        name: str,
        vpc: aws.ec2.Vpc,
        private: Mapping[str, aws.ec2.Subnet],
        nats: Mapping[str, aws.ec2.NatGateway],
    ) -> Mapping[str, aws.ec2.RouteTable]:
        tables = {}
        for zone, subnet in private.items():
            role = f"{name}-private-{zone}"
            tables[zone] = aws.ec2.RouteTable(role, vpc_id=vpc.id, tags={"Name": role}, opts=self.child())
            aws.ec2.Route(
                f"{role}-nat",
                route_table_id=tables[zone].id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=nats[zone].id,
                opts=self.child(),
            )
            aws.ec2.RouteTableAssociation(role, subnet_id=subnet.id, route_table_id=tables[zone].id, opts=self.child())
        return tables

    def _create_s3_endpoint(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, tables: Sequence[aws.ec2.RouteTable]
    ) -> None:
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{args.region}.s3",
            route_table_ids=[table.id for table in tables],
            policy=s3_policy(args.account, args.region, args.shared_buckets),
            tags={"Name": f"{name}-s3"},
            opts=self.child(),
        )

    def _create_flow_log(self, name: str, flow_logs: FlowLogs, vpc: aws.ec2.Vpc) -> None:
        aws.ec2.FlowLog(
            f"{name}-flow-log",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=flow_logs.bucket_arn,
            max_aggregation_interval=600,  # seconds; the other choice, 60, gives up to ten times the records
            destination_options={
                "file_format": "parquet",
                "hive_compatible_partitions": True,
                "per_hour_partition": True,
            },
            tags={"Name": name},
            # where the bucket does not yet let flow logs in, AWS would put a policy of its own there
            opts=self.child(depends_on=[flow_logs.after]),
        )
