"""Everything that stacks register in AWS: all samples, and stacks with what the samples leave off switched on."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from fleet.offline.programs import run_program
from fleet.offline.registration import Registration, Registrations, Secret
from sizing.network import INTERFACE_ENDPOINTS
from sizing.values import Json
from tests import samples

GOVERNMENT = "us-gov-west-1"


def _everything_on(settings: dict[str, Any]) -> dict[str, Any]:
    for path, value in (
        ("cluster.sessionManager", True),
        ("network.vpc.endpoints", list(INTERFACE_ENDPOINTS)),
        ("network.vpc.flowLogs", True),
        ("monitoring.managedGrafana", {"enabled": True}),
    ):
        settings = samples.changed(settings, path, value)
    return settings


def _government() -> dict[str, Any]:
    text = json.dumps(_everything_on(samples.platform("platform-prod")))
    settings: dict[str, Any] = json.loads(
        text.replace("eu-central-1", GOVERNMENT).replace("arn:aws:", "arn:aws-us-gov:")
    )
    return settings


@functools.cache
def recorded() -> Mapping[str, Registrations]:
    """The registrations by what they are of."""
    found = {stack: samples.platform_registrations(stack) for stack in ("platform-dev", "platform-prod")}
    found |= {stack: samples.sample_registrations(stack) for stack in samples.AWS_TENANTS}
    everything = _everything_on(samples.platform("platform-prod"))
    found["everything"] = run_program("platform-prod", samples.config_of(everything), {})
    found["government"] = run_program("platform-prod", samples.config_of(_government(), GOVERNMENT), {})
    return found


def registered() -> Iterator[tuple[str, Registration]]:
    """All resources that AWS's providers make, with what their stack is called."""
    for stack, registrations in recorded().items():
        for resource in registrations.values():
            if resource.type.startswith(("aws:", "eks:")):
                yield stack, resource


def texts(value: Json) -> Iterator[str]:
    """All texts in a value, at any depth."""
    match value:
        case str():
            yield value
        case Secret(content):
            yield from texts(content)
        case Mapping():
            for key, item in value.items():
                yield key
                yield from texts(item)
        case list() | tuple():
            for item in value:
                yield from texts(item)


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """All policy documents, whatever resource has them, with where they are."""
    for stack, resource in registered():
        for name, value in resource.inputs.items():
            if isinstance(value, str) and '"Statement"' in value:
                yield f"{stack}: {resource.type.rsplit(':', 1)[-1]} {resource.name}: {name}", json.loads(value)
