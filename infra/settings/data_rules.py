"""Rules of data locations: each is said once, a bucket has one owner, and no key is the platform's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from infra.settings.findings import Finding
from infra.settings.platform import AwsPlatform
from infra.settings.tenant import AwsTenant
from sizing import names
from sizing.arns import Arns

KEY_PURPOSES: Final = ("data", "logs", "secrets", "volumes")
"""Of a platform's own keys (`infra.platform.foundation.key`)."""


class Location(Protocol):
    """A data location, a tenant's or one that a platform lists."""

    @property
    def bucket(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def kms_key(self) -> str | None: ...


def locations_differ(path: str, data: Sequence[Location]) -> Iterator[Finding]:
    """No place is there twice: who meant `read` would not see that `readWrite` is there too.

    With several keys it is several locations: objects keep the key that they were written by.

    Args:
        path: of the list.
        data: the locations.
    """
    seen: dict[tuple[str, str, str | None], int] = {}
    for index, location in enumerate(data):
        place = (location.bucket, location.prefix, location.kms_key)
        if (first := seen.setdefault(place, index)) != index:
            allowed = f"each bucket and prefix with a key once: {path}[{first}] is the same"
            yield Finding(f"{path}[{index}]", str(location), allowed)


def data_of_queues_differ(settings: AwsTenant) -> Iterator[Finding]:
    """The same of a tenant's queues."""
    for name, queue in sorted(settings.queues.items()):
        yield from locations_differ(f"queues.{name}.data", queue.data)


def listed_data_differ(settings: AwsPlatform) -> Iterator[Finding]:
    """The same of what a platform lists."""
    for name, tenant in sorted(settings.tenants.items()):
        yield from locations_differ(f"tenants.{name}.data", tenant.data)


def buckets_have_one_owner(settings: AwsPlatform, account: str) -> Iterator[Finding]:
    """A bucket is in one account, whoever uses it.

    Args:
        settings: the platform's.
        account: the platform's own, which has what is listed without one.
    """
    seen: dict[str, tuple[str, str]] = {}
    for name, tenant in sorted(settings.tenants.items()):
        for index, location in enumerate(tenant.data):
            path, owner = f"tenants.{name}.data[{index}]", location.account_id or account
            first, known = seen.setdefault(location.bucket, (path, owner))
            if owner != known:
                found = f"{location.bucket} of {owner}" + ("" if location.account_id else ", the platform's own")
                yield Finding(f"{path}.accountId", found, f"one account for a bucket: {first} has it in {known}")


def listed_keys_are_of_data(settings: AwsPlatform, arns: Arns) -> Iterator[Finding]:
    """A tenant's data is under no key of the platform's, nor under Pulumi's.

    Args:
        settings: the platform's.
        arns: its account and region.
    """
    own = {names.key_alias(settings.name, purpose) for purpose in KEY_PURPOSES}
    state = settings.state.key_alias if settings.state else None
    for name, tenant in sorted(settings.tenants.items()):
        for index, location in enumerate(tenant.data):
            for alias in sorted({*own, *([state] if state else [])}):
                if location.kms_key == arns.key_alias(alias):
                    whose = "Pulumi's" if alias == state else "the platform's own"
                    yield Finding(f"tenants.{name}.data[{index}].kmsKey", alias, f"a key of the data, not {whose}")
