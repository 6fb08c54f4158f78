"""What is wrong with a tenant on a platform."""

from __future__ import annotations

from infra.contract import PlatformContract
from infra.settings.contract_rules import tenancy_of
from infra.settings.findings import Finding
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import Settings


def wrong(settings: Settings, region: str | None, contract: PlatformContract) -> list[Finding]:
    assert isinstance(settings, AwsTenant | ExistingTenant)
    found = tenancy_of(settings, region, contract)
    return found if isinstance(found, list) else []
