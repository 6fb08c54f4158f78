"""Rules about principals that serve several queues: the platform's file and each tenant's must say the same of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.contract import PlatformContract
from infra.settings.findings import Finding
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.shared import SharedGroups, SharedPrincipal
from infra.settings.stack_file import STACKS
from infra.settings.tenant import AwsTenant, ExistingTenant
from sizing import names


def shared_tenants_are_listed(settings: AwsPlatform) -> Iterator[Finding]:
    """A principal serves queues of tenants that the platform lets in."""
    listed = ", ".join(sorted(settings.tenants)) or "none yet"
    for name, principal in sorted(settings.access.shared.items()):
        for namespace in sorted(principal.queues):
            if namespace.partition("-")[0] not in settings.tenants:
                path = f"access.shared.{name}.queues.{namespace}"
                yield Finding(path, namespace, f"a queue of a tenant that the platform lists under tenants: {listed}")


def no_tenant_is_called_shared(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """Its groups would begin like those of principals that serve several queues."""
    if settings.name == names.SHARED_TENANT:
        yield Finding("name", settings.name, "another name: groups of principals that serve several queues have it")


def accepted_queues_are_there(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """A principal is accepted in queues of the tenant, and not past a namespace that isn't one."""
    known = ", ".join(sorted(settings.queues))
    for name, queues in sorted(settings.accepts.items()):
        for queue in sorted(queues):
            if queue not in settings.queues:
                yield Finding(f"accepts.{name}.{queue}", queue, f"a queue of the tenant: {known}")


def shared_on_platform(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Iterator[Finding]:
    """What a tenant accepts is what its platform shares, and nobody has two ways in."""
    file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
    known = ", ".join(sorted(contract.shared)) or "none yet"
    for name, queues in sorted(settings.accepts.items()):
        listed = contract.shared.get(name)
        if listed is None:
            allowed = (
                f"a principal that {settings.platform} shares ({known}); or add it under access.shared in {file} and "
                "deploy the platform first"
            )
            yield Finding(f"accepts.{name}", name, allowed)
            continue
        for queue, purpose in sorted(queues.items()):
            namespace = names.namespace(settings.name, queue)
            given = listed.queues.get(namespace)
            if given != purpose:
                says = f"{namespace}: {given}" if given else f"nothing of {namespace}"
                allowed = (
                    f"what access.shared.{name}.queues in {file} says, {says}; change one of the two, and deploy the "
                    "platform first"
                )
                yield Finding(f"accepts.{name}.{queue}", purpose, allowed)
    shared = {one.principal_arn: name for name, one in sorted(contract.shared.items()) if one.principal_arn}
    for name, person in sorted(settings.people.items()):
        if owner := shared.get(person.principal_arn or ""):
            allowed = (
                f"nothing: {settings.platform} shares this principal as {owner}, and EKS keeps one access entry for a "
                f"principal; say what it may do under accepts.{owner}"
            )
            yield Finding(f"people.{name}.principalArn", str(person.principal_arn), allowed)


def not_accepted(
    platform: AwsPlatform | ExistingPlatform, tenant: AwsTenant | ExistingTenant
) -> Iterator[tuple[str, str]]:
    """What a platform shares with a tenant that this doesn't accept: what was found, and what is allowed."""
    shared: Mapping[str, SharedPrincipal | SharedGroups] = platform.access.shared
    for name, principal in sorted(shared.items()):
        for namespace, purpose in sorted(principal.queues.items()):
            owner, _, queue = namespace.partition("-")
            if owner != tenant.name:
                continue
            found = f"access.shared.{name}, {purpose} of the queue {namespace}"
            if queue not in tenant.queues:
                yield f"{found}, which isn't there", f"a queue of {owner}: {', '.join(sorted(tenant.queues))}"
            elif queue not in tenant.accepts.get(name, {}):
                accept = f"accepts: {{{name}: {{{queue}: {purpose}}}}} in the tenant's stack"
                yield (
                    f"{found}, which the tenant doesn't accept",
                    f"{accept}, or nothing of this queue in the platform's",
                )
