"""A whole platform with a door: what is added, what policies say of it, what it costs and who may deploy it."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from components.access.aws_rights.documents import documents
from components.access.aws_rights.platform import platform_deployer, platform_reader
from components.access.iam import Statement
from fleet.offline.costs import stack_cost
from fleet.offline.policy import findings_of
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.settings.platform import AwsPlatform
from infra.settings.rights import door_scope, scope_of
from infra.settings.validation import stack_settings
from sizing.arns import Arns
from sizing.pricing.costs import PLATFORM
from sizing.pricing.prices import hourly_unit_price, unit_price
from tests.iam_eval import Request, permitted
from tests.infra.settings.test_door import with_door
from tests.samples import DOOR, ROOT, config_of, platform, platform_registrations

ARNS = Arns("111122223333", "eu-central-1")
BALANCERS = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net"
ZONE = f"arn:aws:route53:::hostedzone/{DOOR['hostedZoneId']}"
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
ALERTS = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"


@functools.cache
def registered(**door: Any) -> Registrations:  # noqa: ANN401
    settings = with_door({**DOOR, **{key: list(v) if isinstance(v, tuple) else v for key, v in door.items()}})
    settings["access"]["people"] = {"ops": {"group": "platform-ops", "access": "viewer"}}
    return run_program("platform-dev", config_of(settings), {})


def test_without_a_door_nothing_of_it_is_there() -> None:
    types = {r.type for r in platform_registrations("platform-dev").values()}
    assert not {kind for kind in types if ":lb/" in kind or ("gateway" in kind.lower() and "envoy" in kind.lower())}


def test_every_policy_of_the_pack_holds_on_a_platform_with_a_door() -> None:
    assert findings_of(ROOT, "platform-dev", registered()) == []


def test_a_public_door_is_for_whoever_keeps_the_policies_to_allow() -> None:
    found = findings_of(ROOT, "platform-dev", registered(public=True, cidrs=("198.51.100.0/24",)))
    assert {finding.rule for finding in found} == {"no-public-load-balancer"}


def test_who_is_a_group_among_the_platforms_people_sees_its_pages() -> None:
    found = registered().of_type("kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy")
    whole_or_everybodys = {"door", "door-start"}
    pages = [
        r.inputs["spec"]["authorization"] for r in found if r.inputs["metadata"]["name"] not in whole_or_everybodys
    ]
    assert len(pages) == 4
    for page in pages:
        assert {str(rule["principal"]["jwt"]["claims"][0]["values"]) for rule in page["rules"]} == {"['platform-ops']"}


def test_the_stack_tells_the_address_for_people() -> None:
    assert registered().stack.outputs["startPage"] == f"https://start.{DOOR['domain']}/"
    assert "startPage" not in platform_registrations("platform-dev").stack.outputs


def test_the_load_balancer_is_where_the_nodes_are_and_for_the_vpc() -> None:
    balancer = registered().one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["internal"] is True
    assert balancer.inputs["name"] == "spark-dev-door"
    rules = registered().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    to_it = [r.inputs["cidrIpv4"] for r in rules if r.name.startswith("spark-dev-door-balancer-https")]
    assert to_it == ["10.40.0.0/16"]


def test_alerts_of_the_door_are_there_with_it_alone() -> None:
    def of(registrations: Registrations) -> set[str]:
        return {r.inputs["metadata"]["name"] for r in registrations.of_type(ALERTS)}

    assert of(registered()) - of(platform_registrations("platform-dev")) == {"elastic-spark-alerts-door"}


def test_the_alarm_is_of_the_doors_certificate_and_tells_the_platforms_topics() -> None:
    alarm = registered().one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs
    assert alarm["name"] == "spark-dev-door-certificate"
    topics = {one["snsTopic"] for one in platform()["monitoring"].get("receivers", {}).values() if "snsTopic" in one}
    assert set(alarm["alarmActions"]) == topics
    given = "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"
    alarm = registered(certificateArn=given).one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs
    assert alarm["dimensions"] == {"CertificateArn": given}


def test_it_costs_the_load_balancer_and_one_of_its_units() -> None:
    lines = {line.what: line for line in stack_cost(registered()).lines if line.owner == PLATFORM}
    hourly = {
        "load balancers": unit_price("load-balancer-hour", "eu-central-1"),
        "alarms in CloudWatch": hourly_unit_price("alarm-month", "eu-central-1"),
        "capacity of load balancers": unit_price("load-balancer-unit-hour", "eu-central-1"),
    }
    for what, price in hourly.items():
        assert (lines[what].minimum, lines[what].maximum, lines[what].usd_per_unit_hour) == (1, 1, price)
    assert sum(hourly.values(), Decimal()).quantize(Decimal("0.0001")) == Decimal("0.0331")


def _settings() -> AwsPlatform:
    found = stack_settings("platform-dev", config_of(with_door())).settings
    assert isinstance(found, AwsPlatform)
    return found


def _deployer() -> tuple[Statement, ...]:
    settings = _settings()
    return platform_deployer(scope_of(settings, ARNS), deployer_policies=True, door=door_scope(settings))


def _may(action: str, resource: str, **context: str | tuple[str, ...]) -> bool:
    return permitted(documents(_deployer()), Request(action=action, resource=resource, context=context))


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("elasticloadbalancing:DeleteLoadBalancer", f"{BALANCERS}/spark-dev-door/50dc6c495c0c9188", True),
        ("elasticloadbalancing:DeleteLoadBalancer", f"{BALANCERS}/spark-prod-door/50dc6c495c0c9188", False),
        ("elasticloadbalancing:DeleteLoadBalancer", f"{BALANCERS}/shop/50dc6c495c0c9188", False),
        (
            "elasticloadbalancing:ModifyListener",
            f"{BALANCERS.replace('loadbalancer', 'listener')}/spark-dev-door/50dc6c495c0c9188/0467ef3c8400ae65",
            True,
        ),
    ],
)
def test_a_deployer_has_the_load_balancer_of_its_platform_alone(action: str, resource: str, allowed: bool) -> None:
    assert _may(action, resource) is allowed


@pytest.mark.parametrize(
    ("names", "zone", "allowed"),
    [
        (("\\052.spark.example.com",), ZONE, True),
        (("_0123.spark.example.com",), ZONE, True),
        (("www.example.com",), ZONE, False),
        (("spark.example.com",), ZONE, False),
        (("\\052.spark.example.com", "www.example.com"), ZONE, False),
        (("\\052.spark.example.com",), "arn:aws:route53:::hostedzone/Z9", False),
    ],
)
def test_a_deployer_writes_records_below_the_doors_domain_alone(
    names: tuple[str, ...], zone: str, allowed: bool
) -> None:
    assert _may("route53:ChangeResourceRecordSets", zone, **{NAMES: names}) is allowed


def test_rights_are_actions_and_condition_keys_that_aws_has() -> None:
    for statement in _deployer():
        for action in statement.actions:
            service, _, name = action.partition(":")
            if service in {"acm", "cloudwatch", "elasticloadbalancing", "route53"}:
                assert get_action_data(service, name), action


def test_a_platform_without_a_door_gives_no_right_of_one() -> None:
    settings = _settings()
    scope = scope_of(settings, ARNS)
    for statements in (platform_deployer(scope, deployer_policies=True), platform_reader(scope)):
        actions = {action for statement in statements for action in statement.actions}
        assert not [a for a in actions if a.startswith(("acm:", "cloudwatch:", "elasticloadbalancing:", "route53:"))]


def test_the_policies_of_a_deployer_fit() -> None:
    assert len(documents(_deployer())) <= 10
