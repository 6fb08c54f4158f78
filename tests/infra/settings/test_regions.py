"""A wrong region is told as one: against AWS's own, against the zones, and against the platform's."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.validation import PARTITIONS, REGION_KEY, stack_settings
from sizing.regions import REGIONS
from tests.samples import changed, config_of, platform, tenant, tenant_config


def told(config: dict[str, str]) -> dict[str, tuple[str, str]]:
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config)
    return {finding.path: (finding.found, finding.allowed) for finding in error.value.findings}


def test_the_regions_are_botocores() -> None:
    document = json.loads((files("botocore") / "data" / "partitions.json").read_text())
    known = {
        region
        for partition in document["partitions"]
        if partition["id"] in PARTITIONS
        for region in partition["regions"]
        if not region.endswith("-global")
    }
    assert known == REGIONS


@pytest.mark.parametrize("config", [config_of(platform(), "eu-centrall-1"), tenant_config(tenant(), "eu-centrall-1")])
def test_a_region_that_there_is_not_is_the_only_error_and_has_a_likely_one(config: dict[str, str]) -> None:
    found = told(config)
    assert list(found) == [REGION_KEY]
    assert "did you mean eu-central-1" in found[REGION_KEY][1]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-2", "us-gov-west-1"])
@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod", "ads-dev", "research-dev", "search-dev"])
def test_a_region_in_which_no_zone_is_is_the_only_error(stack: str, region: str) -> None:
    config = (
        config_of(platform(stack), region) if stack.startswith("platform") else tenant_config(tenant(stack), region)
    )
    found = told(config)
    assert list(found) == [REGION_KEY]
    assert found[REGION_KEY][0] == region
    assert found[REGION_KEY][1].startswith("eu-central-1, where the zones are (eu-central-1")


def test_one_zone_of_another_region_is_that_zones_error() -> None:
    zones = "network.vpc.zones"
    settings: dict[str, Any] = platform()
    other = changed(settings, f"{zones}.us-east-1b", settings["network"]["vpc"]["zones"]["eu-central-1b"])
    found = told(config_of(changed(other, f"{zones}.eu-central-1b", ...)))
    assert list(found) == [f"elastic-spark:platform.{zones}.us-east-1b"]
    assert found[f"elastic-spark:platform.{zones}.us-east-1b"][1] == "a zone of eu-central-1"


def test_zones_of_no_region_are_the_zones_errors() -> None:
    found = told(tenant_config(changed(tenant(), "queues.batch.pools.main.zones", {"eu-nowhere-7a": 2})))
    assert list(found) == ["elastic-spark:tenant.queues.batch.pools.main.zones.eu-nowhere-7a"]
