"""What a rule over several settings is, and the rules that platforms and tenants share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from infra.settings.findings import Finding, shown
from sizing import instances, names
from sizing.arns import partition

SettingsRule = Callable[[Any], Iterator[Finding]]
"""A check over the settings; its findings' paths start at their top."""


class Tagged(Protocol):
    """Settings with tags for cost allocation."""

    @property
    def tags(self) -> dict[str, str]: ...


class WithGenerations(Protocol):
    """Settings of a pool."""

    @property
    def generation(self) -> str: ...
    @property
    def retiring(self) -> tuple[str, ...]: ...


def alike(path: str, types: Sequence[str]) -> Iterator[Finding]:
    """Mixed types of one group must be alike, or the autoscaler's template, the first, misleads it."""
    first = instances.instance(types[0])
    for index, name in enumerate(types):
        other = instances.instance(name)
        if name in types[:index]:
            yield Finding(f"{path}[{index}]", shown(name), "each instance type once")
        if (other.vcpu, other.memory_mib, other.architecture) != (first.vcpu, first.memory_mib, first.architecture):
            yield Finding(
                f"{path}[{index}]",
                f"{name}: {other.vcpu} vCPU, {other.memory_mib} MiB, {other.architecture}",
                f"as {first.name}: {first.vcpu} vCPU, {first.memory_mib} MiB, {first.architecture}",
            )


def retiring(path: str, pool: WithGenerations) -> Iterator[Finding]:
    """A generation is the pool's own or retires, once."""
    for index, generation in enumerate(pool.retiring):
        if generation == pool.generation or generation in pool.retiring[:index]:
            yield Finding(
                f"{path}.retiring[{index}]", generation, "an earlier generation, once; the pool's own takes work"
            )


def of_partition(path: str, principal_arn: str, region: str | None) -> Iterator[Finding]:
    """A principal is of the partition that the region is in."""
    if region and principal_arn.split(":")[1] != partition(region):
        yield Finding(path, principal_arn, f"a principal of {region}'s partition, arn:{partition(region)}:iam::...")


def made_by_nobody_here(path: str, principal_arn: str, platform: str, account: str) -> Iterator[Finding]:
    """A principal is somebody's, and no role of a platform or of its queues: nodes and jobs are nobody to let in."""
    arn, _, name = principal_arn.rpartition("/")
    if f":{account}:role" in arn and names.is_role_of(platform, name):
        allowed = f"a principal that no stack makes: the roles of {platform} and its tenants are called {platform}-..."
        yield Finding(path, principal_arn, allowed)


def tags_differ(settings: Tagged) -> Iterator[Finding]:
    """No two tags differ by case alone: IAM takes such keys for one."""
    seen: dict[str, str] = {}
    for key in sorted(settings.tags):
        if (first := seen.setdefault(key.lower(), key)) != key:
            yield Finding(f"tags.{key}", key, f"a key that differs from {first} by more than case")
