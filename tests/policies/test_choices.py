"""What settings offer breaks no mandatory rule: no user is stopped for a choice that the project gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.offline.policy import findings_of
from fleet.offline.programs import run_program
from tests import samples

Changes = dict[str, Any]
SIGN_IN = {
    "issuer": "https://login.example.com",
    "authorizationUrl": "https://login.example.com/authorize",
    "tokenUrl": "https://login.example.com/token",
    "jwksUrl": "https://login.example.com/keys",
    "clientId": "grafana",
    "clientSecret": {"secret": "grafana-sign-in", "key": "client-secret"},
    "platformGroups": ["data-platform"],
}
EXISTING_VPC = {
    "id": "vpc-0123456789abcdef0",
    "cidr": "10.64.0.0/16",
    "zones": {
        "eu-central-1a": {"privateSubnetId": "subnet-0123456789abcdef0", "private": "10.64.0.0/18"},
        "eu-central-1b": {"privateSubnetId": "subnet-0123456789abcdef1", "private": "10.64.64.0/18"},
    },
}
BY_SECRET = {"secret": "alert-receivers", "key": "x"}
PLATFORMS: list[tuple[str, Changes]] = [
    ("platform-prod", {"charts": {"mirror": "oci://registry.example.com/charts"}}),
    ("platform-prod", {"charts": {"mirror": "/charts"}}),
    ("platform-prod", {"network": {"existing": EXISTING_VPC}}),
    ("platform-prod", {"network.vpc.nat": "single", "network.vpc.flowLogs": False}),
    ("platform-prod", {"cluster.sessionManager": True}),
    ("platform-prod", {"pools.system.generation": "b", "pools.system.retiring": ["a"]}),
    ("platform-prod", {"pools.driver.generation": "c", "pools.driver.retiring": ["a", "b"]}),
    ("platform-prod", {"monitoring.managedGrafana": {"enabled": True}}),
    ("platform-prod", {"monitoring.receivers": {"a": {"slack": {"channel": "#spark", "webhook": BY_SECRET}}}}),
    ("platform-prod", {"monitoring.receivers": {"a": {"webhook": BY_SECRET}}}),
    ("platform-dev", {"monitoring.grafana": {"url": "https://grafana.example.com", "signIn": SIGN_IN}}),
    ("platform-dev", {"monitoring.grafana": {"enabled": False}}),
    ("platform-dev", {"monitoring": {"enabled": False}}),
    ("platform-kind", {"charts": {"mirror": "oci://registry.example.com/charts"}}),
]
POOL = "queues.batch.pools.main"
TENANTS: list[tuple[str, Changes]] = [
    ("ads-dev", {f"{POOL}.instanceTypes": ["r7g.2xlarge", "r6g.2xlarge"]}),
    ("ads-dev", {f"{POOL}.generation": "b", f"{POOL}.retiring": ["a"]}),
    ("ads-dev", {f"{POOL}.capacity": "spot", f"{POOL}.fallback": False, f"{POOL}.zones": {"eu-central-1a": 0}}),
    ("ads-dev", {f"{POOL}.zones": {"eu-central-1a": 0, "eu-central-1b": 3}}),
]


def _shown(case: tuple[str, Changes]) -> str:
    return f"{case[0]} {' '.join(case[1])}"


def _changed(settings: dict[str, Any], changes: Changes) -> dict[str, Any]:
    for path, value in changes.items():
        settings = samples.changed(settings, path, value)
    return settings


def _stopped(stack: str, *arguments: Any) -> list[str]:  # noqa: ANN401
    return [f"{f.rule}: {f.message}" for f in findings_of(samples.ROOT, stack, *arguments) if f.stops or f.undecided]


@pytest.mark.parametrize("case", PLATFORMS, ids=_shown)
def test_a_platform_may_have_what_settings_offer(case: tuple[str, Changes]) -> None:
    stack, changes = case
    region = None if stack == "platform-kind" else "eu-central-1"
    registrations = run_program(stack, samples.config_of(_changed(samples.platform(stack), changes), region), {})
    assert _stopped(stack, registrations) == []


@pytest.mark.parametrize("case", TENANTS, ids=_shown)
def test_a_tenant_may_have_what_settings_offer(case: tuple[str, Changes]) -> None:
    stack, changes = case
    settings = _changed(samples.tenant(stack), changes)
    on = settings["platform"]
    exports = {on: samples.exports(samples.platform_registrations(on), on)}
    assert _stopped(stack, samples.tenant_registrations(settings, stack), exports) == []


def test_another_partition_breaks_no_rule() -> None:
    settings = json.loads(
        json.dumps(samples.platform("platform-prod"))
        .replace("eu-central-1", "us-gov-west-1")
        .replace("arn:aws:", "arn:aws-us-gov:")
    )
    registrations = run_program("platform-prod", samples.config_of(settings, "us-gov-west-1"), {})
    assert _stopped("platform-prod", registrations) == []
