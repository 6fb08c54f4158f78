"""The load balancer before the door: who comes so far, and what it passes on where."""

from __future__ import annotations

from typing import Any

import botocore.session  # type: ignore[import-untyped]
import pytest

from components.door.balancer import Balancer, BalancerArgs
from fleet.offline.registration import Registrations
from sizing import names
from tests.recording import registrations_of

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RECORD = "aws:route53/record:Record"
CERTIFICATE = "aws:acm/certificate:Certificate"
ARN = "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"


def balancer(**changes: Any) -> Registrations:  # noqa: ANN401
    given: dict[str, Any] = {
        "platform": "demo",
        "domain": "spark.example.com",
        "vpc_id": "vpc-1",
        "subnet_ids": {"eu-central-1a": "subnet-a", "eu-central-1b": "subnet-b"},
        "public": False,
        "cidrs": ("10.40.0.0/16",),
        "nodes_group_id": "sg-nodes",
        "group_names": ("demo-system-eu-central-1a-a", "demo-system-eu-central-1b-a"),
        "certificate_arn": ARN,
        "hosted_zone_id": None,
        "protect": False,
    }
    return registrations_of(lambda: Balancer("b", BalancerArgs(**(given | changes))))


REGISTERED = balancer()


def test_only_who_is_named_connects_and_only_to_the_nodes_port_does_it_go_on() -> None:
    to_it = [r.inputs for r in REGISTERED.of_type(INGRESS) if "cidrIpv4" in r.inputs]
    assert [(r["cidrIpv4"], r["fromPort"], r["toPort"]) for r in to_it] == [("10.40.0.0/16", 443, 443)]
    (on,) = [r.inputs for r in REGISTERED.of_type(EGRESS)]
    assert (on["referencedSecurityGroupId"], on["fromPort"], on["toPort"]) == ("sg-nodes", 30_080, 30_080)
    (let_in,) = [r.inputs for r in REGISTERED.of_type(INGRESS) if "cidrIpv4" not in r.inputs]
    assert (let_in["securityGroupId"], let_in["fromPort"], let_in["toPort"]) == ("sg-nodes", 30_080, 30_080)
    assert let_in["referencedSecurityGroupId"]


@pytest.mark.parametrize("public", [False, True])
def test_it_is_internal_unless_it_is_public(public: bool) -> None:
    found = balancer(public=public).one(BALANCER).inputs
    assert found["internal"] is not public
    assert found["loadBalancerType"] == "network"
    assert found["subnets"] == ["subnet-a", "subnet-b"]


@pytest.mark.parametrize("protect", [False, True])
def test_in_production_nobody_deletes_it(protect: bool) -> None:
    found = balancer(protect=protect).one(BALANCER)
    assert (found.inputs["enableDeletionProtection"], bool(found.options.protect)) == (protect, protect)


def test_each_group_of_system_nodes_is_a_target() -> None:
    found = REGISTERED.of_type("aws:autoscaling/attachment:Attachment")
    assert sorted(r.inputs["autoscalingGroupName"] for r in found) == [
        "demo-system-eu-central-1a-a",
        "demo-system-eu-central-1b-a",
    ]
    targets = REGISTERED.one(TARGETS).inputs
    assert (targets["protocol"], targets["port"], targets["targetType"]) == ("TCP", 30_080, "instance")
    assert targets["preserveClientIp"] == "true"


def test_tls_ends_at_it_with_a_certificate_that_is_there() -> None:
    found = REGISTERED.one(LISTENER).inputs
    assert (found["protocol"], found["port"], found["alpnPolicy"]) == ("TLS", 443, "HTTP2Preferred")
    assert found["certificateArn"] == ARN
    assert REGISTERED.of_type(CERTIFICATE) == []
    assert REGISTERED.of_type(RECORD) == []


def test_with_a_zone_it_asks_for_a_certificate_and_writes_the_record() -> None:
    found = balancer(certificate_arn=None, hosted_zone_id="Z1")
    assert found.one(CERTIFICATE).inputs["domainName"] == "*.spark.example.com"
    records = {r.name: r.inputs for r in found.of_type(RECORD)}
    assert records["b-record"]["name"] == "*.spark.example.com"
    assert {r["zoneId"] for r in records.values()} == {"Z1"}
    assert set(records) == {"b-record", "b-validation"}


def test_with_both_it_takes_the_certificate_and_writes_the_record() -> None:
    found = balancer(hosted_zone_id="Z1")
    assert found.of_type(CERTIFICATE) == []
    assert [r.name for r in found.of_type(RECORD)] == ["b-record"]


def test_what_is_said_is_what_aws_takes() -> None:
    """By botocore's model of the API."""
    api = botocore.session.get_session().get_service_model("elbv2")
    check = api.operation_model("CreateTargetGroup").input_shape.members
    said = REGISTERED.one(TARGETS).inputs
    health = said["healthCheck"]
    for member, value in {
        "HealthCheckIntervalSeconds": health["interval"],
        "HealthCheckTimeoutSeconds": health["timeout"],
        "HealthyThresholdCount": health["healthyThreshold"],
        "UnhealthyThresholdCount": health["unhealthyThreshold"],
    }.items():
        bounds = check[member].metadata
        assert bounds["min"] <= value <= bounds["max"]
    assert health["timeout"] < health["interval"]
    assert said["protocol"] in check["Protocol"].enum
    assert "TLS" in api.shape_for("ProtocolEnum").enum


def test_names_fit_whatever_the_platform_is_called() -> None:
    assert len(names.door_balancer("a" * names.MAXIMUM_PLATFORM)) <= 32
