"""Tenants' settings, and what is wrong with them: alone, and on a platform."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import PlatformContract
from infra.settings.findings import Finding, SettingsError
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import TENANT_KEY, stack_settings
from tests.infra.settings.on_platforms import wrong
from tests.samples import tenant, tenant_config

QUEUE = "queues.batch"
POOL = "queues.batch.pools.main"
"""Of the sample `ads-dev`."""


def findings(config: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What is found and allowed, by YAML path."""
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config)
    assert error.value.file == "stacks/Pulumi.test.yaml"
    return by_path(error.value.findings)


def by_path(found: tuple[Finding, ...] | list[Finding]) -> dict[str, tuple[str, str]]:
    return {f.path.removeprefix(f"{TENANT_KEY}."): (f.found, f.allowed) for f in found}


def read(settings: dict[str, Any]) -> AwsTenant | ExistingTenant:
    read = stack_settings("test", tenant_config(settings)).settings
    assert isinstance(read, AwsTenant | ExistingTenant)
    return read


def on(
    settings: dict[str, Any], contract: PlatformContract, region: str | None = "eu-central-1"
) -> dict[str, tuple[str, str]]:
    """What is found and allowed on a platform, by YAML path."""
    return by_path(wrong(read(settings), region, contract))


def assert_named(found_at: dict[str, tuple[str, str]], where: str, found: str, allowed: str) -> None:
    """What is wrong at a path begins with what was found, and says what is allowed."""
    assert where in found_at, found_at
    assert found_at[where][0].startswith(found)
    assert allowed in found_at[where][1]


def with_pool(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """The sample's pool with these settings."""
    pool: dict[str, Any] = {**tenant()["queues"]["batch"]["pools"]["main"], **changes}
    return pool
