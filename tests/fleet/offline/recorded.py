"""Registrations of the sample stacks, and of stacks a little different from them."""

from __future__ import annotations

import json
from typing import Any

from fleet.offline.programs import run_program
from fleet.offline.registration import Registration, Registrations, make_urn
from tests import samples
from tests.samples import changed

REGION = "eu-central-1"
PLATFORMS = ("platform-dev", "platform-prod", "platform-kind")


def sample(stack: str) -> Registrations:
    return samples.platform_registrations(stack) if stack in PLATFORMS else samples.sample_registrations(stack)


def platform_with(*changes: tuple[str, Any], region: str = REGION) -> Registrations:
    settings = samples.platform()
    for path, value in changes:
        settings = changed(settings, path, value)
    moved = json.loads(json.dumps(settings).replace(REGION, region))
    return run_program("test", samples.config_of(moved, region), {})


def tenant_with(*changes: tuple[str, Any], stack: str = "ads-dev") -> Registrations:
    settings = samples.tenant(stack)
    for path, value in changes:
        settings = changed(settings, path, value)
    return samples.tenant_registrations(settings)


def existing_network() -> Registrations:
    zones = {
        f"eu-central-1{zone}": {"privateSubnetId": f"subnet-1234567{index}", "private": f"10.40.{index * 64}.0/18"}
        for index, zone in enumerate("ab")
    }
    vpc = {"id": "vpc-12345678", "cidr": "10.40.0.0/16", "zones": zones}
    return platform_with(("network", {"existing": vpc}))


def with_resource(registrations: Registrations, type_: str, parent: str = "", **changes: Any) -> Registrations:  # noqa: ANN401
    """Registrations with one resource more, which somebody added by hand."""
    fields: dict[str, Any] = {"inputs": {}, "custom": True, "remote": False} | changes
    urn = make_urn("test", "elastic-spark", parent, type_, "extra")
    return Registrations(
        [*registrations.values(), Registration(urn=urn, type=type_, name="extra", parent=parent, **fields)]
    )
