"""From a stack's configuration to its settings, or to everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from infra.settings.checking import checked, expected, findings_of
from infra.settings.fields import Region
from infra.settings.findings import Finding, SettingsError, shown
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.platform_rules import aws_platform_rules, existing_platform_rules
from infra.settings.region_rules import another_region
from infra.settings.stack_file import PROJECT, STACKS
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.tenant_rules import aws_tenant_rules, existing_tenant_rules
from sizing.arns import partition
from sizing.regions import REGIONS, likely_regions

REGION_KEY = "aws:region"
PARTITIONS = ("aws", "aws-us-gov")
"""Those whose domain is amazonaws.com, by which services are called in policies and endpoints in networks."""
PLATFORM_KEY = f"{PROJECT}:platform"
TENANT_KEY = f"{PROJECT}:tenant"

Settings = AwsPlatform | ExistingPlatform | AwsTenant | ExistingTenant


@dataclass(frozen=True)
class StackSettings:
    """The settings of one stack, checked.

    Attributes:
        stack: the stack's name.
        region: the AWS region; None where the stack has nothing in AWS.
        settings: the object under `elastic-spark:platform` or `elastic-spark:tenant`.
    """

    stack: str
    region: str | None
    settings: Settings


def file_of(stack: str) -> str:
    """The file of a stack, relative to the project's root."""
    return (STACKS / f"Pulumi.{stack}.yaml").as_posix()


def stack_settings(stack: str, config: Mapping[str, str]) -> StackSettings:
    """Check a stack's configuration, as the engine hands it over in `PULUMI_CONFIG`.

    Raises:
        SettingsError: with everything that is wrong.
    """
    file = file_of(stack)
    findings = list(_unknown_keys(config))
    given = [key for key in (PLATFORM_KEY, TENANT_KEY) if key in config]
    if len(given) != 1:
        found = " and ".join(given) or "no settings"
        raise SettingsError(file, [*findings, Finding("config", found, f"one of {PLATFORM_KEY} and {TENANT_KEY}")])
    (key,) = given
    data = _object(file, key, config[key])
    settings: Settings
    existing = _existing(key, data)
    if existing is not ... and existing is not True and not isinstance(existing, dict):
        path, what = _EXISTING[key]
        raise SettingsError(file, [*findings, Finding(f"{key}.{path}", shown(existing), what)])
    if existing is not ...:
        if REGION_KEY in config:
            findings.append(Finding(REGION_KEY, config[REGION_KEY], "nothing: on an existing cluster no AWS is used"))
        if key == PLATFORM_KEY:
            settings = checked(file, key, ExistingPlatform, data, findings, existing_platform_rules)
        else:
            settings = checked(file, key, ExistingTenant, data, findings, existing_tenant_rules)
        return StackSettings(stack, None, settings)
    region = _region(config, findings)
    if region and (other := another_region(data, region)):
        findings.append(Finding(REGION_KEY, region, other.allowed))
        # Several zones, keys and names may all be right; nothing more is said of them. One zone may be wrong itself.
        region = None if other.certain else region
    if key == PLATFORM_KEY:
        settings = checked(file, key, AwsPlatform, data, findings, aws_platform_rules(region))
    else:
        settings = checked(file, key, AwsTenant, data, findings, aws_tenant_rules(region))
    return StackSettings(stack, region, settings)


_EXISTING: Final[Mapping[str, tuple[str, str]]] = {
    PLATFORM_KEY: ("cluster.existing", "kubeconfig and context of a cluster; without the key, the platform makes one"),
    TENANT_KEY: ("existing", "true, for a platform on an existing cluster; without the key, one in AWS"),
}
"""Where settings say that there is a cluster, and what they may say."""


def _existing(key: str, data: Mapping[str, Any]) -> object:
    """What is said of an existing cluster; `...` where nothing is."""
    holder = data if key == TENANT_KEY else data.get("cluster")
    return holder.get("existing", ...) if isinstance(holder, Mapping) else ...


def _unknown_keys(config: Mapping[str, str]) -> Iterator[Finding]:
    known = [REGION_KEY, PLATFORM_KEY, TENANT_KEY]
    for key in config:
        if key not in known and not key.startswith("pulumi:"):
            yield Finding(key, "an unknown key", expected(key, known))


def _object(file: str, path: str, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    if not isinstance(data, dict):
        raise SettingsError(file, [Finding(path, shown(data), "a mapping of settings")])
    return data


def _region(config: Mapping[str, str], findings: list[Finding]) -> str | None:
    try:
        if REGION_KEY not in config:
            findings.append(Finding(REGION_KEY, "nothing", "an AWS region, such as eu-central-1"))
            return None
        region: str = TypeAdapter(Region).validate_python(config[REGION_KEY])
        if (there := partition(region)) not in PARTITIONS:
            allowed = f"a region of {' or '.join(PARTITIONS)}; in {there}, endpoints and services have other names"
            findings.append(Finding(REGION_KEY, region, allowed))
            return None
        if region not in REGIONS:
            likely = " or ".join(likely_regions(region))
            allowed = f"a region of AWS, such as eu-central-1{f'; did you mean {likely}?' if likely else ''}"
            findings.append(Finding(REGION_KEY, region, allowed))
            return None
    except ValidationError as error:
        findings.extend(findings_of(REGION_KEY, error, None))
        return None
    return region
