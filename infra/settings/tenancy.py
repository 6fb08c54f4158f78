"""A tenant on its platform: settings and contract of one kind, so that whoever has the one has the other."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contract import AwsContract, ExistingContract, PlatformContract
from infra.settings.findings import Finding
from infra.settings.tenant import AwsTenant, ExistingTenant


@dataclass(frozen=True)
class AwsTenancy:
    """A tenant in AWS, and what its platform exports."""

    settings: AwsTenant
    contract: AwsContract


@dataclass(frozen=True)
class ExistingTenancy:
    """A tenant on a cluster that was there, and what its platform exports."""

    settings: ExistingTenant
    contract: ExistingContract


Tenancy = AwsTenancy | ExistingTenancy


def tenancy(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Tenancy | Finding:
    """The two together, or what is wrong where they are not of one kind; its path starts at the settings' top."""
    match settings, contract:
        case AwsTenant(), AwsContract():
            return AwsTenancy(settings, contract)
        case ExistingTenant(), ExistingContract():
            return ExistingTenancy(settings, contract)
        case AwsTenant(), _:
            kind = "on an existing cluster: set existing: true"
        case _:
            kind = "in AWS: leave existing out"
    return Finding("platform", settings.platform, f"settings for a platform {kind}")
