"""What the provider calls for a network.

Source: the API references of the operations named, and what Terraform's AWS provider documents of the resources
(aws_vpc, aws_subnet, aws_internet_gateway, aws_nat_gateway, aws_eip, aws_route_table and what it has, aws_vpc_endpoint,
aws_security_group and its rules, aws_default_security_group, aws_flow_log, aws_ec2_subnet_cidr_reservation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.access.calls.model import Ask, Call, Context, Rows, Thing, When, simple
from tests.access.calls.nodes import ec2_tags

ID = "0123456789abcdef0"


def _arn(thing: Thing, kind: str, prefix: str) -> str:
    return thing.arn("ec2", f"{kind}/{prefix}-{ID}")


def _made(
    thing: Thing,
    operation: str,
    kind: str,
    prefix: str,
    params: Mapping[str, Any],
    parents: Sequence[tuple[str, str]] = (),
) -> Rows:
    """Made with its tags, in or of things of the platform's own."""
    arn = _arn(thing, kind, prefix)
    yield Call(
        when="create",
        api=f"ec2.{operation}",
        params={**params, "TagSpecifications": [{"ResourceType": kind, "Tags": thing.tag_list}]},
        asks=(
            Ask(action=f"ec2:{operation}", resource=arn, context=thing.asked),
            *(
                Ask(action=f"ec2:{operation}", resource=_arn(thing, *parent), context=thing.platforms)
                for parent in parents
            ),
            Ask(action="ec2:CreateTags", resource=arn, context={**thing.asked, "ec2:CreateAction": operation}),
        ),
    )
    yield from ec2_tags(thing, arn, f"{prefix}-{ID}")


def _on(
    thing: Thing, when: When, operation: str, params: Mapping[str, Any], *own: tuple[str, str], untagged: str = ""
) -> Call:
    """On things of the platform's own; `untagged` names one that can't have a tag, such as a rule."""
    asks = [Ask(action=f"ec2:{operation}", resource=_arn(thing, *one), context=thing.platforms) for one in own]
    if untagged:
        asks.append(Ask(action=f"ec2:{operation}", resource=thing.arn("ec2", untagged)))
    return Call(when=when, api=f"ec2.{operation}", params=params, asks=tuple(asks))


def _read(*operations: str) -> Rows:
    for operation in operations:
        yield simple("read", f"ec2.{operation}", {}, "*")


VPC, SUBNET, TABLE, GATEWAY = ("vpc", "vpc"), ("subnet", "subnet"), ("route-table", "rtb"), ("internet-gateway", "igw")
GROUP, ADDRESS, ENDPOINT, NAT = (
    ("security-group", "sg"),
    ("elastic-ip", "eipalloc"),
    ("vpc-endpoint", "vpce"),
    ("natgateway", "nat"),
)


def vpc(thing: Thing) -> Rows:
    which = {"VpcId": f"vpc-{ID}"}
    yield from _made(thing, "CreateVpc", *VPC, {"CidrBlock": thing.text("cidrBlock")})
    for when in ("create", "update"):
        change = {**which, "EnableDnsHostnames": {"Value": True}}
        yield _on(thing, when, "ModifyVpcAttribute", change, VPC)
    yield from _read("DescribeVpcs", "DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups")
    yield _on(thing, "read", "DescribeVpcAttribute", {**which, "Attribute": "enableDnsSupport"}, VPC)
    yield _on(thing, "delete", "DeleteVpc", which, VPC)


def subnet(thing: Thing) -> Rows:
    which = {"SubnetId": f"subnet-{ID}"}
    create = {"VpcId": f"vpc-{ID}", "CidrBlock": thing.text("cidrBlock")}
    yield from _made(thing, "CreateSubnet", *SUBNET, create, [VPC])
    change = {**which, "MapPublicIpOnLaunch": {"Value": False}}
    yield _on(thing, "update", "ModifySubnetAttribute", change, SUBNET)
    yield from _read("DescribeSubnets")
    yield simple("delete", "ec2.DescribeNetworkInterfaces", {}, "*")
    yield _on(thing, "delete", "DeleteSubnet", which, SUBNET)


def subnet_cidr_reservation(thing: Thing) -> Rows:
    create = {"SubnetId": f"subnet-{ID}", "Cidr": thing.text("cidrBlock"), "ReservationType": "prefix"}
    yield _on(thing, "create", "CreateSubnetCidrReservation", create, SUBNET)
    yield simple("read", "ec2.GetSubnetCidrReservations", {"SubnetId": f"subnet-{ID}"}, "*")
    which = {"SubnetCidrReservationId": f"scr-{ID}"}
    yield simple("delete", "ec2.DeleteSubnetCidrReservation", which, "*")


def internet_gateway(thing: Thing) -> Rows:
    which = {"InternetGatewayId": f"igw-{ID}"}
    both = {**which, "VpcId": f"vpc-{ID}"}
    yield from _made(thing, "CreateInternetGateway", *GATEWAY, {})
    yield _on(thing, "create", "AttachInternetGateway", both, GATEWAY, VPC)
    yield from _read("DescribeInternetGateways")
    yield _on(thing, "delete", "DetachInternetGateway", both, GATEWAY, VPC)
    yield _on(thing, "delete", "DeleteInternetGateway", which, GATEWAY)


def eip(thing: Thing) -> Rows:
    yield from _made(thing, "AllocateAddress", *ADDRESS, {"Domain": "vpc"})
    yield from _read("DescribeAddresses", "DescribeAddressesAttribute")
    yield _on(thing, "delete", "DisassociateAddress", {"AssociationId": f"eipassoc-{ID}"}, ADDRESS)
    yield _on(thing, "delete", "ReleaseAddress", {"AllocationId": f"eipalloc-{ID}"}, ADDRESS)


def nat_gateway(thing: Thing) -> Rows:
    create = {"SubnetId": f"subnet-{ID}", "AllocationId": f"eipalloc-{ID}"}
    yield from _made(thing, "CreateNatGateway", *NAT, create, [SUBNET, ADDRESS])
    yield from _read("DescribeNatGateways")
    yield _on(thing, "delete", "DeleteNatGateway", {"NatGatewayId": f"nat-{ID}"}, NAT)


def route_table(thing: Thing) -> Rows:
    yield from _made(thing, "CreateRouteTable", *TABLE, {"VpcId": f"vpc-{ID}"}, [VPC])
    yield from _read("DescribeRouteTables")
    yield _on(thing, "delete", "DeleteRouteTable", {"RouteTableId": f"rtb-{ID}"}, TABLE)


def route(thing: Thing) -> Rows:
    which = {"RouteTableId": f"rtb-{ID}", "DestinationCidrBlock": "0.0.0.0/0"}
    yield _on(thing, "create", "CreateRoute", which, TABLE)
    yield from _read("DescribeRouteTables")
    yield _on(thing, "update", "ReplaceRoute", which, TABLE)
    yield _on(thing, "delete", "DeleteRoute", which, TABLE)


def route_table_association(thing: Thing) -> Rows:
    which = {"AssociationId": f"rtbassoc-{ID}"}
    create = {"RouteTableId": f"rtb-{ID}", "SubnetId": f"subnet-{ID}"}
    yield _on(thing, "create", "AssociateRouteTable", create, TABLE, SUBNET)
    yield from _read("DescribeRouteTables")
    change = {**which, "RouteTableId": f"rtb-{ID}"}
    yield _on(thing, "update", "ReplaceRouteTableAssociation", change, TABLE, SUBNET)
    yield _on(thing, "delete", "DisassociateRouteTable", which, TABLE, SUBNET)


def vpc_endpoint(thing: Thing) -> Rows:
    interface = thing.text("vpcEndpointType") == "Interface"
    parents = [VPC, SUBNET, GROUP] if interface else [VPC, TABLE]
    create = {"VpcId": f"vpc-{ID}", "ServiceName": thing.text("serviceName")}
    yield from _made(thing, "CreateVpcEndpoint", *ENDPOINT, create, parents)
    yield from _read("DescribeVpcEndpoints", "DescribePrefixLists")
    yield _on(thing, "update", "ModifyVpcEndpoint", {"VpcEndpointId": f"vpce-{ID}"}, ENDPOINT, *parents[1:])
    yield _on(thing, "delete", "DeleteVpcEndpoints", {"VpcEndpointIds": [f"vpce-{ID}"]}, ENDPOINT)


def security_group(thing: Thing) -> Rows:
    create = {"GroupName": "x", "Description": thing.text("description"), "VpcId": f"vpc-{ID}"}
    which = {"GroupId": f"sg-{ID}"}
    yield from _made(thing, "CreateSecurityGroup", *GROUP, create, [VPC])
    # EC2 lets everything out of a new group; the provider takes that rule away.
    yield _on(thing, "create", "RevokeSecurityGroupEgress", which, GROUP)
    yield from _read("DescribeSecurityGroups")
    yield simple("delete", "ec2.DescribeNetworkInterfaces", {}, "*")
    yield _on(thing, "delete", "DeleteSecurityGroup", which, GROUP)


def security_group_ingress_rule(thing: Thing) -> Rows:
    """Of what a group lets in."""
    yield from _group_rule(thing, "Ingress")


def security_group_egress_rule(thing: Thing) -> Rows:
    """Of what a group lets out."""
    yield from _group_rule(thing, "Egress")


def _group_rule(thing: Thing, way: str) -> Rows:
    """Of a group of the platform's own, or of the one that EKS makes for a cluster, which has EKS's tag alone."""
    clusters = " Cluster " in str(thing.registration.inputs["securityGroupId"])
    has: Context = {"aws:ResourceTag/aws:eks:cluster-name": thing.platform} if clusters else thing.platforms
    group = _arn(thing, *GROUP)
    which = {"GroupId": f"sg-{ID}"}
    rule = f"security-group-rule/sgr-{ID}"
    tags: Context = {**thing.asked, "ec2:CreateAction": f"AuthorizeSecurityGroup{way}"}
    yield Call(
        when="create",
        api=f"ec2.AuthorizeSecurityGroup{way}",
        params={
            **which,
            "TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": thing.tag_list}],
        },
        asks=(
            Ask(action=f"ec2:AuthorizeSecurityGroup{way}", resource=group, context=has),
            Ask(action=f"ec2:AuthorizeSecurityGroup{way}", resource=thing.arn("ec2", rule), context=thing.asked),
            Ask(action="ec2:CreateTags", resource=thing.arn("ec2", rule), context=tags),
        ),
    )
    yield from _read("DescribeSecurityGroupRules")
    change = {**which, "SecurityGroupRules": [{"SecurityGroupRuleId": f"sgr-{ID}"}]}
    modify = "ec2.ModifySecurityGroupRules"
    own = Ask(action="ec2:ModifySecurityGroupRules", resource=thing.arn("ec2", rule), context=thing.platforms)
    changed = Ask(action="ec2:ModifySecurityGroupRules", resource=group, context=has)
    yield Call(when="update", api=modify, params=change, asks=(changed, own))
    yield from ec2_tags(thing, thing.arn("ec2", rule), f"sgr-{ID}")
    yield simple("delete", f"ec2.RevokeSecurityGroup{way}", which, group, has)


def default_security_group(thing: Thing) -> Rows:
    """It is there with the VPC, without tags, and stays; the provider takes its rules and tags it."""
    arn = _arn(thing, *GROUP)
    which = {"GroupId": f"sg-{ID}"}
    yield simple("create", "ec2.RevokeSecurityGroupIngress", which, arn)
    yield simple("create", "ec2.RevokeSecurityGroupEgress", which, arn)
    tag = {"Resources": [f"sg-{ID}"], "Tags": thing.tag_list}
    yield simple("create", "ec2.CreateTags", tag, arn, thing.asked)
    yield from _read("DescribeSecurityGroups")
    yield _on(thing, "update", "RevokeSecurityGroupIngress", which, GROUP)
    yield from ec2_tags(thing, arn, f"sg-{ID}")


def flow_log(thing: Thing) -> Rows:
    kind = ("vpc-flow-log", "fl")
    create = {"ResourceIds": [f"vpc-{ID}"], "ResourceType": "VPC", "TrafficType": "ALL"}
    yield from _made(thing, "CreateFlowLogs", *kind, create, [VPC])
    delivery = thing.arn("logs", "*")
    for when, action in (("create", "logs:CreateLogDelivery"), ("delete", "logs:DeleteLogDelivery")):
        # EC2 asks for it; nobody calls it.
        api, params = (
            ("ec2.CreateFlowLogs", create) if when == "create" else ("ec2.DeleteFlowLogs", {"FlowLogIds": ["x"]})
        )
        yield Call(when=when, api=api, params=params, asks=(Ask(action=action, resource=delivery),))  # type: ignore[arg-type]
    yield from _read("DescribeFlowLogs")
    yield _on(thing, "delete", "DeleteFlowLogs", {"FlowLogIds": [f"fl-{ID}"]}, kind)
