import json
from dataclasses import replace

import pulumi
import pytest

from components.network.vpc import FlowLogs, Network, NetworkArgs, NetworkIds, ZoneCidrs
from fleet.offline.registration import Registration, Registrations, Unknown, short_name
from tests.recording import registrations_of

ARGS = NetworkArgs(
    platform="prod",
    account="111122223333",
    region="eu-central-1",
    vpc_cidr="10.0.0.0/16",
    zones={
        "eu-central-1b": ZoneCidrs(private="10.0.64.0/18", public="10.0.193.0/24"),
        "eu-central-1a": ZoneCidrs(private="10.0.0.0/18", public="10.0.192.0/24"),
    },
    nat="perZone",
    shared_buckets=(),
    flow_logs=None,
    protect=True,
)


def registrations(args: NetworkArgs = ARGS) -> Registrations:
    return registrations_of(lambda: Network("prod-network", args))


def sources(registration: Registration, name: str) -> list[str]:
    return [short_name(urn) for urn in registration.property_dependencies[name]]


def test_the_vpc_resolves_private_names() -> None:
    vpc = registrations().one("aws:ec2/vpc:Vpc")
    assert vpc.inputs["cidrBlock"] == "10.0.0.0/16"
    assert vpc.inputs["enableDnsSupport"] is True
    assert vpc.inputs["enableDnsHostnames"] is True


def test_no_subnet_gives_public_addresses() -> None:
    subnets = registrations().of_type("aws:ec2/subnet:Subnet")
    assert len(subnets) == 4
    assert all(subnet.inputs["mapPublicIpOnLaunch"] is False for subnet in subnets)


@pytest.mark.parametrize(
    ("kind", "role", "cidr"), [("private", "internal-elb", "10.0.0.0/18"), ("public", "elb", "10.0.192.0/24")]
)
def test_each_zone_has_subnets_that_load_balancers_find(kind: str, role: str, cidr: str) -> None:
    subnet = registrations().one("aws:ec2/subnet:Subnet", f"prod-network-{kind}-eu-central-1a")
    assert subnet.inputs["availabilityZone"] == "eu-central-1a"
    assert subnet.inputs["cidrBlock"] == cidr
    assert subnet.inputs["tags"] == {
        "Name": f"prod-network-{kind}-eu-central-1a",
        f"kubernetes.io/role/{role}": "1",
        "kubernetes.io/cluster/prod": "shared",
    }


def test_private_subnets_keep_all_but_an_eighth_for_prefixes_and_public_ones_nothing() -> None:
    reservations = registrations().of_type("aws:ec2/subnetCidrReservation:SubnetCidrReservation")
    assert {
        (tuple(sources(r, "subnetId")), r.inputs["cidrBlock"], r.inputs["reservationType"]) for r in reservations
    } == {
        ((f"Subnet prod-network-private-{zone}",), cidr, "prefix")
        for zone, cidrs in {
            "eu-central-1a": ["10.0.8.0/21", "10.0.16.0/20", "10.0.32.0/19"],
            "eu-central-1b": ["10.0.72.0/21", "10.0.80.0/20", "10.0.96.0/19"],
        }.items()
        for cidr in cidrs
    }


def test_each_zone_leaves_by_its_own_nat_gateway() -> None:
    registered = registrations()
    nats = registered.of_type("aws:ec2/natGateway:NatGateway")
    assert [nat.name for nat in nats] == ["prod-network-nat-eu-central-1a", "prod-network-nat-eu-central-1b"]
    for zone in ARGS.zones:
        route = registered.one("aws:ec2/route:Route", f"prod-network-private-{zone}-nat")
        nat = registered.one("aws:ec2/natGateway:NatGateway", f"prod-network-nat-{zone}")
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert sources(route, "natGatewayId") == [f"NatGateway prod-network-nat-{zone}"]
        assert sources(route, "routeTableId") == [f"RouteTable prod-network-private-{zone}"]
        assert sources(nat, "subnetId") == [f"Subnet prod-network-public-{zone}"]


def test_a_single_nat_gateway_serves_all_zones() -> None:
    registered = registrations(replace(ARGS, nat="single"))
    assert len(registered.of_type("aws:ec2/eip:Eip")) == 1
    nat = registered.one("aws:ec2/natGateway:NatGateway")
    assert nat.name == "prod-network-nat-eu-central-1a"
    for zone in ARGS.zones:
        route = registered.one("aws:ec2/route:Route", f"prod-network-private-{zone}-nat")
        assert sources(route, "natGatewayId") == ["NatGateway prod-network-nat-eu-central-1a"]


def test_nat_waits_for_the_internet_gateway() -> None:
    registered = registrations()
    gateway = registered.one("aws:ec2/internetGateway:InternetGateway").urn
    for kind in ("aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"):
        assert all(gateway in registration.dependencies for registration in registered.of_type(kind))


def test_only_public_subnets_reach_the_internet_gateway() -> None:
    registered = registrations()
    by_gateway = [r for r in registered.of_type("aws:ec2/route:Route") if "gatewayId" in r.inputs]
    assert [sources(route, "routeTableId") for route in by_gateway] == [["RouteTable prod-network-public"]]
    associations = registered.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    assert {(sources(a, "subnetId")[0], sources(a, "routeTableId")[0]) for a in associations} == {
        ("Subnet prod-network-public-eu-central-1a", "RouteTable prod-network-public"),
        ("Subnet prod-network-public-eu-central-1b", "RouteTable prod-network-public"),
        ("Subnet prod-network-private-eu-central-1a", "RouteTable prod-network-private-eu-central-1a"),
        ("Subnet prod-network-private-eu-central-1b", "RouteTable prod-network-private-eu-central-1b"),
    }


def test_route_tables_hold_no_routes_of_their_own() -> None:
    assert all("routes" not in table.inputs for table in registrations().of_type("aws:ec2/routeTable:RouteTable"))


def test_the_default_security_group_has_no_rules() -> None:
    group = registrations().one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs


def test_private_subnets_reach_s3_by_a_gateway_endpoint_with_a_policy() -> None:
    endpoint = registrations(replace(ARGS, shared_buckets=("arn:aws:s3:::lake",))).one(
        "aws:ec2/vpcEndpoint:VpcEndpoint"
    )
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-central-1.s3"
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    assert sources(endpoint, "routeTableIds") == [
        "RouteTable prod-network-private-eu-central-1a",
        "RouteTable prod-network-private-eu-central-1b",
    ]
    statements = {statement["Sid"]: statement for statement in json.loads(endpoint.inputs["policy"])["Statement"]}
    assert statements["SharedBuckets"]["Resource"] == ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]


def test_flow_logs_go_to_the_bucket_once_it_takes_them() -> None:
    def program() -> None:
        flow_logs = FlowLogs(bucket_arn="arn:aws:s3:::logs", after=pulumi.CustomResource("test:index:Policy", "policy"))
        Network("prod-network", replace(ARGS, flow_logs=flow_logs))

    registered = registrations_of(program)
    flow_log = registered.one("aws:ec2/flowLog:FlowLog")
    assert flow_log.inputs["logDestinationType"] == "s3"
    assert flow_log.inputs["logDestination"] == "arn:aws:s3:::logs"
    assert flow_log.inputs["trafficType"] == "ALL"
    assert flow_log.inputs["destinationOptions"] == {
        "fileFormat": "parquet",
        "hiveCompatiblePartitions": True,
        "perHourPartition": True,
    }
    assert registered.one("test:index:Policy").urn in flow_log.dependencies
    assert registered.one("elastic-spark:network:Network").inputs["flowLogs"] == {"bucketArn": "arn:aws:s3:::logs"}


def test_without_a_bucket_there_are_no_flow_logs() -> None:
    assert registrations().of_type("aws:ec2/flowLog:FlowLog") == []


def test_what_cannot_be_made_again_is_protected() -> None:
    kept = {"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/eip:Eip"}
    assert {r.type for r in registrations().values() if r.options.protect} == kept
    assert not any(r.options.protect for r in registrations(replace(ARGS, protect=False)).values())


def test_others_get_ids_by_zone() -> None:
    seen: list[NetworkIds] = []
    registrations_of(lambda: seen.append(Network("prod-network", ARGS).ids))
    assert list(seen[0].private_subnet_ids) == ["eu-central-1a", "eu-central-1b"]
    assert list(seen[0].public_subnet_ids) == ["eu-central-1a", "eu-central-1b"]


def test_outputs_name_what_they_will_be() -> None:
    outputs = registrations().one("elastic-spark:network:Network").outputs
    assert sorted(outputs) == ["privateRouteTableIds", "privateSubnetIds", "publicSubnetIds", "vpcId"]
    assert outputs["vpcId"] == Unknown()


def test_the_order_of_zones_in_the_settings_does_not_matter() -> None:
    turned = replace(ARGS, zones=dict(sorted(ARGS.zones.items())))
    assert dict(registrations()) == dict(registrations(turned))
