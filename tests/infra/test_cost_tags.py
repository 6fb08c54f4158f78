"""Whatever AWS lets one tag says whose it is: platform, tenant and queue."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from fleet.offline.registration import Registration, Registrations
from infra.settings.stack_file import stack_names
from sizing import names
from sizing.cost_tags import PLATFORM_TAG, QUEUE_TAG, TENANT_TAG
from tests import samples
from tests.samples import AWS_TENANTS, ROOT, exports

PLATFORMS = ("platform-dev", "platform-prod")
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
DOCUMENT = ROOT / "docs" / "costs.md"
LAUNCHED = {"instance", "network-interface", "volume"}
FOLDER = "aws:s3/bucketObjectv2:BucketObjectv2"


def registrations(stack: str) -> Registrations:
    return samples.platform_registrations(stack) if stack in PLATFORMS else samples.sample_registrations(stack)


def of_aws(found: Registrations) -> list[Registration]:
    return [r for r in found.values() if r.custom and r.type.startswith("aws:") and not r.read_id]


def taggable(token: str) -> bool:
    """Whether the provider's resource has tags, by the class that the package makes of its schema."""
    _, module, name = token.split(":")
    return hasattr(getattr(importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}"), name), "tags")


def tags(resource: Registration, found: Registrations) -> Mapping[str, str]:
    """The tags that AWS gets of a resource: the provider's default ones, as far as they reach it, and its own."""
    if resource.type == GROUP:
        return {tag["key"]: tag["value"] for tag in resource.inputs["tags"]}
    provider = found[resource.provider] if resource.type.startswith("aws:") else found[dict(resource.providers)["aws"]]
    default: dict[str, str] = json.loads(provider.inputs["defaultTags"])["tags"]
    return {**default, **resource.inputs.get("tags", {})}


def owed(stack: str) -> dict[str, str]:
    """The tags of everything that a stack has."""
    if stack in PLATFORMS:
        settings = samples.platform(stack)
        return {**settings.get("tags", {}), PLATFORM_TAG: settings["name"]}
    settings = samples.tenant(stack)
    platform = exports(samples.platform_registrations(settings["platform"]), settings["platform"])
    contract_tags: dict[str, str] = next(iter(platform.values()))["tags"]
    return {**contract_tags, **settings.get("tags", {}), TENANT_TAG: settings["name"]}


def queue_of(resource: Registration, stack: str) -> str | None:
    """The queue whose a resource is, by its name, which starts with the queue's namespace."""
    if stack in PLATFORMS:
        return None
    settings = samples.tenant(stack)
    spaces = [names.namespace(settings["name"], queue) for queue in settings["queues"]]
    return next((space for space in spaces if resource.name.startswith(f"{space}-")), None)


@pytest.mark.parametrize("stack", [*PLATFORMS, *AWS_TENANTS])
def test_everything_that_can_be_tagged_says_whose_it_is(stack: str) -> None:
    found = registrations(stack)
    checked = [r for r in of_aws(found) if taggable(r.type) and r.type != FOLDER]
    assert checked
    for resource in checked:
        queue = queue_of(resource, stack)
        wanted = owed(stack) | ({QUEUE_TAG: queue} if queue else {})
        assert wanted.items() <= tags(resource, found).items(), resource.urn
        assert (QUEUE_TAG in tags(resource, found)) is bool(queue), resource.urn


@pytest.mark.parametrize("stack", [*PLATFORMS, *AWS_TENANTS])
def test_what_a_group_launches_says_whose_it_is(stack: str) -> None:
    templates = registrations(stack).of_type(TEMPLATE)
    assert templates
    for template in templates:
        queue = queue_of(template, stack)
        wanted = owed(stack) | ({QUEUE_TAG: queue} if queue else {})
        specifications = template.inputs["tagSpecifications"]
        assert {one["resourceType"] for one in specifications} == LAUNCHED
        assert all(wanted.items() <= one["tags"].items() for one in specifications), template.urn


@pytest.mark.parametrize("stack", PLATFORMS)
def test_the_control_plane_inherits_the_tags_of_its_provider(stack: str) -> None:
    found = registrations(stack)
    assert owed(stack).items() <= tags(found.one("eks:index:Cluster"), found).items()


@pytest.mark.parametrize("stack", PLATFORMS)
def test_volumes_and_snapshots_that_the_storage_driver_makes_say_whose_they_are(stack: str) -> None:
    driver = next(r for r in registrations(stack).of_type("aws:eks/addon:Addon") if "ebs" in r.inputs["addonName"])
    controller = json.loads(driver.inputs["configurationValues"])["controller"]
    assert controller["extraVolumeTags"] == owed(stack)
    parameters = registrations(stack).one("kubernetes:storage.k8s.io/v1:StorageClass").inputs["parameters"]
    specified = dict(value.split("=", 1) for key, value in parameters.items() if key.startswith("tagSpecification_"))
    assert specified.keys() == {TENANT_TAG, QUEUE_TAG}
    assert ".PVCNamespace }}" in specified[QUEUE_TAG]


def test_the_table_of_what_can_not_be_tagged_is_whole() -> None:
    registered = {r.type for stack in (*PLATFORMS, *AWS_TENANTS) for r in of_aws(registrations(stack))}
    expected = {token for token in registered if not taggable(token)} | {FOLDER}
    rows = re.findall(r"^\| `(aws:[^`]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(expected)


def test_all_sample_stacks_in_aws_are_looked_at() -> None:
    looked_at: set[Any] = {*PLATFORMS, *AWS_TENANTS}
    assert set(stack_names(ROOT)) - looked_at == {"platform-kind", "demo-kind"}
