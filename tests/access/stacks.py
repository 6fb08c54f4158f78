"""The samples as deployers meet them, and neighbours of them in the same account."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

from components.access.aws_rights.documents import documents
from components.access.aws_rights.platform import platform_deployer, platform_reader
from components.access.aws_rights.scope import Scope
from components.access.aws_rights.tenant import tenant_deployer, tenant_reader
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.settings.platform import AwsPlatform
from infra.settings.rights import door_scope, scope_of
from infra.settings.validation import stack_settings
from sizing.arns import Arns
from tests.access.calls.table import Call, calls_of
from tests.iam_eval import Request, permitted
from tests.samples import (
    AWS_TENANTS,
    config_of,
    doored_settings,
    exports,
    platform_registrations,
    sample_registrations,
    tenant,
    tenant_config,
)
from tests.samples import platform as sample_platform

DOORED = "platform-doored"
"""A platform as `platform-dev`, with a door; it has no tenants."""
PLATFORMS = ("platform-dev", "platform-prod", DOORED)
STACKS = (*PLATFORMS, *AWS_TENANTS)


def platform(stack: str) -> dict[str, Any]:
    """The `elastic-spark:platform` object of a stack."""
    if stack != DOORED:
        return sample_platform(stack)
    settings = doored_settings()
    settings |= json.loads(json.dumps(settings).replace(f'"{settings["name"]}', '"spark-doored'))
    settings["door"]["domain"] = f"{settings['name']}.example.com"
    return settings


@functools.cache
def registrations_of(stack: str) -> Registrations:
    """What a stack registers."""
    if stack == DOORED:
        return run_program(stack, config_of(platform(stack)), {})
    return platform_registrations(stack) if stack in PLATFORMS else sample_registrations(stack)


def platform_of(stack: str) -> str:
    """The stack of the platform that a stack is, or is on."""
    return stack if stack in PLATFORMS else tenant(stack)["platform"]


def settings_of(stack: str) -> tuple[AwsPlatform, Arns]:
    """The settings of a sample platform, and its place."""
    found = stack_settings(stack, config_of(platform(stack)))
    assert isinstance(found.settings, AwsPlatform)
    return found.settings, Arns(found.settings.allowed_account_ids[0], found.region or "")


def scope(stack: str, who: str = "", *, write: bool = True) -> Scope:
    """The scope of a sample stack; of all tenants of a platform where `who` is `*`."""
    on = platform_of(stack)
    settings, arns = settings_of(on)
    name = who or ("" if stack == on else tenant(stack)["name"])
    reads = () if stack == on and not who else (on,)
    return scope_of(settings, arns, tenant=name, stack=who or stack, reads=reads, write=write)


@functools.cache
def deployer(stack: str) -> tuple[str, ...]:
    """The policies of the deployer of a sample stack."""
    if stack in PLATFORMS:
        door = door_scope(settings_of(stack)[0])
        return documents(platform_deployer(scope(stack), deployer_policies=True, door=door))
    return documents(tenant_deployer(scope(stack)))


@functools.cache
def deployer_of_all(stack: str) -> tuple[str, ...]:
    """The policies of a deployer of all tenants of a sample platform."""
    return documents(tenant_deployer(scope(stack, "*")))


@functools.cache
def reader(stack: str) -> tuple[str, ...]:
    """The policies of a preview of a sample stack."""
    of = scope(stack, write=False)
    if stack in PLATFORMS:
        return documents(platform_reader(of, door=door_scope(settings_of(stack)[0])))
    return documents(tenant_reader(of))


@functools.cache
def calls(stack: str) -> tuple[tuple[str, Call], ...]:
    """All calls for a sample stack."""
    settings, arns = settings_of(platform_of(stack))
    return tuple(calls_of(registrations_of(stack), arns, settings.name))


def renamed(stack: str, platform_name: str, tenant_name: str = "") -> Registrations:
    """A sample on a platform of another name in the same account, and there of another name."""
    on = platform_of(stack)
    theirs = json.loads(json.dumps(platform(on)).replace(platform(on)["name"], platform_name))
    name = tenant_name or (tenant(stack)["name"] if stack != on else "")
    if name:
        theirs["tenants"].setdefault(name, {"data": theirs["tenants"][tenant(stack)["name"]].get("data", [])})
        for principal in theirs["access"].get("shared", {}).values():
            old = f"{tenant(stack)['name']}-"
            of_it = {at.removeprefix(old): purpose for at, purpose in principal["queues"].items() if at.startswith(old)}
            principal["queues"] |= {f"{name}-{queue}": purpose for queue, purpose in of_it.items()}
    registrations = run_program(on, config_of(theirs), {})
    if stack == on:
        return registrations
    settings = {**tenant(stack), "name": name, "people": tenant(stack)["people"]}
    settings.pop("alerts", None)
    return run_program(stack, tenant_config(settings), {on: exports(registrations, on)})


@functools.cache
def neighbours_calls(stack: str, platform_name: str, tenant_name: str = "") -> tuple[tuple[str, Call], ...]:
    """All calls for a neighbour of a sample."""
    _, arns = settings_of(platform_of(stack))
    return tuple(calls_of(renamed(stack, platform_name, tenant_name), arns, platform_name))


def allows(policies: Iterable[str], call: Call) -> bool:
    """Whether policies alone let a call through: everything that IAM asks about it."""
    policies = tuple(policies)
    return all(
        permitted(policies, Request(action=ask.action, resource=ask.resource, context=ask.context)) for ask in call.asks
    )


def refused(policies: Iterable[str], found: Iterable[tuple[str, Call]]) -> list[str]:
    """What of the calls policies don't let through, and what of it IAM refuses."""
    policies = tuple(policies)
    return sorted(
        {
            f"{name}: {call.when}: {call.api}: {ask.action} on {ask.resource}"
            for name, call in found
            for ask in call.asks
            if not permitted(policies, Request(action=ask.action, resource=ask.resource, context=ask.context))
        }
    )
