"""Settings to start a test from, and what a test changes in them."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.offline.programs import run_program
from fleet.offline.references import named
from fleet.offline.registration import Registrations
from infra.contract import CONTRACT_OUTPUT, PlatformContract
from infra.settings.stack_file import read_config
from infra.settings.validation import PLATFORM_KEY, REGION_KEY, TENANT_KEY
from infra.tenant.contract_reader import parse_contract
from sizing.values import Json

ROOT = Path(__file__).parent.parent
AWS_TENANTS = ("ads-dev", "ads-prod", "research-dev", "search-dev")
DOOR = {"domain": "spark.example.com", "clientId": "spark-dev-door", "hostedZoneId": "Z0123456789ABCDEFGHIJ"}
"""The door of a sample platform; its identity also needs `jwksUri`."""
TENANTS = (*AWS_TENANTS, "demo-kind")


def platform(stack: str = "platform-dev") -> dict[str, Any]:
    """The `elastic-spark:platform` object of a sample stack, a fresh copy."""
    settings: dict[str, Any] = json.loads(read_config(ROOT, stack)[PLATFORM_KEY])
    return settings


def tenant(stack: str = "ads-dev") -> dict[str, Any]:
    """The `elastic-spark:tenant` object of a sample stack, a fresh copy."""
    settings: dict[str, Any] = json.loads(read_config(ROOT, stack)[TENANT_KEY])
    return settings


def config_of(settings: Any, region: str | None = "eu-central-1", **others: str) -> dict[str, str]:  # noqa: ANN401
    """The configuration of a platform stack as the engine hands it over."""
    return {PLATFORM_KEY: json.dumps(settings), **({REGION_KEY: region} if region else {}), **others}


def tenant_config(settings: Any, region: str | None = "eu-central-1", **others: str) -> dict[str, str]:  # noqa: ANN401
    """The configuration of a tenant stack as the engine hands it over; no region for one on an existing cluster."""
    region = None if isinstance(settings, dict) and "existing" in settings else region
    return {TENANT_KEY: json.dumps(settings), **({REGION_KEY: region} if region else {}), **others}


def changed(settings: dict[str, Any], path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """A copy of settings with the value at a dotted path replaced; `...` removes it. Digits index lists."""
    result = copy.deepcopy(settings)
    *parents, last = path.split(".")
    at: Any = result
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at[part]
    key: Any = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return result


@functools.cache
def platform_registrations(stack: str) -> Registrations:
    """The registrations of a sample platform, made once."""
    return run_program(stack, read_config(ROOT, stack), {})


def doored_settings() -> dict[str, Any]:
    """The `elastic-spark:platform` object of `platform-dev` with a door, and the nodes that it takes."""
    settings = platform()
    settings["door"] = dict(DOOR)
    settings["identity"]["jwksUri"] = f"{settings['identity']['issuer']}/protocol/openid-connect/certs"
    settings["pools"]["system"]["nodesPerZone"] = 2
    return settings


@functools.cache
def doored_platform(shared: str | None = None) -> Registrations:
    """The registrations of the sample platform `platform-dev` with a door, and the nodes that it takes.

    Where `shared` is given, in JSON, that is the principal `airflow`.
    """
    settings = doored_settings()
    if shared:
        settings["access"]["shared"] = {"airflow": json.loads(shared)}
    return run_program("platform-dev", {**read_config(ROOT, "platform-dev"), PLATFORM_KEY: json.dumps(settings)}, {})


def exports(registrations: Registrations, stack: str) -> Mapping[str, Json]:
    """What a platform's registrations exports, as its tenants see it."""
    seen: Mapping[str, Json] = named(registrations.stack.outputs, stack)
    return seen


def contract(stack: str = "platform-dev") -> PlatformContract:
    """The contract of a sample platform."""
    return parse_contract(stack, exports(platform_registrations(stack), stack)[CONTRACT_OUTPUT])


def tenant_registrations(
    settings: dict[str, Any],
    stack: str = "test",
    data: list[dict[str, str]] | None = None,
    registered: Registrations | None = None,
) -> Registrations:
    """The registrations of a tenant with these settings, on the sample platform that they name.

    Where `data` is given, as if the platform listed the tenant with it, whatever else it lists. Where `registered` is,
    that is the platform.
    """
    on = settings["platform"]
    exported = exports(registered or platform_registrations(on), on)
    if data is not None:
        listed = {**exported[CONTRACT_OUTPUT]["aws"]["tenants"], settings["name"]: {"data": data}}
        exported = changed(dict(exported), f"{CONTRACT_OUTPUT}.aws.tenants", listed)
    return run_program(stack, tenant_config(settings), {on: exported})


@functools.cache
def doored_registrations(stack: str) -> Registrations:
    """The registrations of a sample tenant on `doored_platform`."""
    return tenant_registrations(tenant(stack), stack, registered=doored_platform())


@functools.cache
def sample_registrations(stack: str) -> Registrations:
    """The registrations of a sample tenant, made once."""
    return tenant_registrations(tenant(stack), stack)
