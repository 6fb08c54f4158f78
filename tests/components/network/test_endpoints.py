import json
from dataclasses import replace
from typing import Any

import pytest

from components.network.endpoints import Endpoints, EndpointsArgs, interface_policy, s3_policy
from fleet.offline.registration import Registrations, short_name
from sizing.network import INTERFACE_ENDPOINTS
from tests.recording import registrations_of

ACCOUNT = "111122223333"
ARGS = EndpointsArgs(
    account=ACCOUNT,
    region="eu-central-1",
    services=INTERFACE_ENDPOINTS,
    vpc_id="vpc-1",
    vpc_cidrs=("10.0.0.0/16",),
    subnet_ids={"eu-central-1b": "subnet-b", "eu-central-1a": "subnet-a"},
)


def registrations(args: EndpointsArgs = ARGS) -> Registrations:
    return registrations_of(lambda: Endpoints("prod-endpoints", args))


def statements(policy: str) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_every_service_has_an_endpoint_with_private_dns_in_all_zones() -> None:
    endpoints = registrations().of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert {e.inputs["serviceName"] for e in endpoints} == {
        f"com.amazonaws.eu-central-1.{service}" for service in INTERFACE_ENDPOINTS
    }
    for endpoint in endpoints:
        assert endpoint.inputs["vpcEndpointType"] == "Interface"
        assert endpoint.inputs["privateDnsEnabled"] is True
        assert endpoint.inputs["subnetIds"] == ["subnet-a", "subnet-b"]


def test_only_the_services_asked_for_have_endpoints() -> None:
    registered = registrations(replace(ARGS, services=("ecr.dkr", "sts")))
    names = [e.name for e in registered.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")]
    assert names == ["prod-endpoints-ecr-dkr", "prod-endpoints-sts"]


def test_only_https_from_the_vpc_comes_in_and_nothing_goes_out() -> None:
    registered = registrations(replace(ARGS, vpc_cidrs=("10.0.0.0/16", "100.64.0.0/16")))
    group = registered.one("aws:ec2/securityGroup:SecurityGroup")
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs
    assert registered.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []
    rules = registered.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [
        (r.inputs["cidrIpv4"], r.inputs["ipProtocol"], r.inputs["fromPort"], r.inputs["toPort"]) for r in rules
    ] == [("10.0.0.0/16", "tcp", 443, 443), ("100.64.0.0/16", "tcp", 443, 443)]


def test_all_endpoints_have_the_one_security_group() -> None:
    for endpoint in registrations().of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        urns = endpoint.property_dependencies["securityGroupIds"]
        assert [short_name(urn) for urn in urns] == ["SecurityGroup prod-endpoints-group"]


def test_interface_endpoints_are_for_the_accounts_principals_only() -> None:
    for endpoint in registrations().of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        service = endpoint.inputs["serviceName"].split(".", 3)[3]
        assert endpoint.inputs["policy"] == interface_policy(ACCOUNT, service)
    (statement,) = statements(interface_policy(ACCOUNT, "ecr.api")).values()
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


def test_s3_is_open_to_the_accounts_principals_in_the_accounts_buckets() -> None:
    own = statements(s3_policy(ACCOUNT, "eu-central-1", ()))["OwnBuckets"]
    assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}}


def test_without_shared_buckets_other_accounts_buckets_are_only_read_where_nodes_are_served_from() -> None:
    policy = statements(s3_policy(ACCOUNT, "eu-central-1", ()))
    assert sorted(policy) == ["ImagesAndPackages", "OwnBuckets"]
    assert policy["ImagesAndPackages"]["Action"] == ["s3:GetObject"]
    assert policy["ImagesAndPackages"]["Resource"] == [
        "arn:aws:s3:::al2023-eu-central-1/*",
        "arn:aws:s3:::al2023-repos-eu-central-1-de612dc2/*",
        "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*",
        "arn:aws:s3:::prod-registry-k8s-io-eu-central-1/*",
        "arn:aws:s3:::quayio-production-s3/*",
    ]


def test_shared_buckets_are_open_to_the_accounts_principals() -> None:
    shared = statements(s3_policy(ACCOUNT, "eu-central-1", ("arn:aws:s3:::b", "arn:aws:s3:::a")))["SharedBuckets"]
    assert shared["Resource"] == ["arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    assert shared["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


@pytest.mark.parametrize("buckets", [(), ("arn:aws:s3:::a",)])
def test_no_statement_is_for_everybody_everywhere(buckets: tuple[str, ...]) -> None:
    for statement in statements(s3_policy(ACCOUNT, "eu-central-1", buckets)).values():
        assert statement["Resource"] != ["*"] or "Condition" in statement


@pytest.mark.parametrize(
    ("service", "bound"), [("glue", True), ("kms", True), ("secretsmanager", True), ("ecr.dkr", False)]
)
def test_keys_and_secrets_are_reached_in_the_own_account_only(service: str, bound: bool) -> None:
    (statement,) = statements(interface_policy(ACCOUNT, service)).values()
    assert ("StringEqualsIfExists" in statement["Condition"]) is bound
