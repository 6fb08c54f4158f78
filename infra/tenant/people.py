"""Who may do what in a tenant's queues: its own people, and principals that its platform shares and it accepts."""

from __future__ import annotations

from collections.abc import Mapping

from components.access.iam import MAXIMUM_TRUST, people_trust, policy_length
from components.access.queue_rbac import Purpose
from infra.settings.findings import Finding
from infra.settings.shared import ListedShared, accepted_in
from infra.settings.tenancy import AwsTenancy
from infra.settings.tenant import AwsTenant, ExistingTenant
from sizing import names


def people_groups(settings: AwsTenant | ExistingTenant, queue: str) -> dict[str, Purpose]:
    """The Kubernetes groups of a tenant's people and what each may do in one of its queues.

    IAM principals of one purpose share a group of the tenant, which their access entries name. Groups are the issuer's
    in AWS, and have its prefix; on an existing cluster they are those of its own sign-in.
    """
    groups: dict[str, Purpose] = {}
    for person in settings.people.values():
        if (purpose := person.purpose_in(queue)) is None:
            continue
        if person.principal_arn:
            groups[names.tenant_group(settings.name, purpose)] = purpose
        if person.group:
            groups[names.issuers_group(person.group) if isinstance(settings, AwsTenant) else person.group] = purpose
    return groups


def queue_groups(
    settings: AwsTenant | ExistingTenant, queue: str, shared: Mapping[str, ListedShared]
) -> dict[str, Purpose]:
    """The Kubernetes groups of all who may do something in a queue, and what: the tenant's people, and who is accepted.

    Of a principal that is shared, the platform's access entry names the group: what it says and what the queue binds
    must meet.

    Args:
        settings: of the tenant.
        queue: one of its queues.
        shared: whom the platform shares, by its names for them.
    """
    namespace = names.namespace(settings.name, queue)
    groups = people_groups(settings, queue)
    for name, purpose in accepted_in(settings.accepts, queue).items():
        listed = shared.get(name)
        if listed and listed.group:
            groups[names.issuers_group(listed.group)] = purpose
        if not (listed and listed.group) or listed.principal_arn:
            groups[names.shared_group(name, namespace, purpose)] = purpose
    return groups


def tenants_principals(settings: AwsTenant) -> list[str]:
    """ARNs of those of a tenant's people who see data: they run jobs, and read logs. Viewers don't."""
    return sorted(
        person.principal_arn
        for person in settings.people.values()
        if person.principal_arn and person.purpose != "viewer"
    )


def accepted_principals(tenancy: AwsTenancy, queue: str) -> list[str]:
    """The same of the principals that are shared, and accepted in a queue."""
    shared = tenancy.contract.shared
    return sorted(
        arn
        for name, purpose in accepted_in(tenancy.settings.accepts, queue).items()
        if purpose != "viewer" and (arn := shared[name].principal_arn)
    )


def queue_principals(tenancy: AwsTenancy, queue: str) -> list[str]:
    """ARNs of all who see a queue's data."""
    return sorted({*tenants_principals(tenancy.settings), *accepted_principals(tenancy, queue)})


def trust_findings(tenancy: AwsTenancy) -> list[Finding]:
    """The queues that more principals may upload to than a role's trust policy has room for."""
    found = {name: queue_principals(tenancy, name) for name in sorted(tenancy.settings.queues)}
    lengths = {name: policy_length(people_trust(principals)) for name, principals in found.items() if principals}
    longest: Mapping[str, int] = {name: length for name, length in lengths.items() if length > MAXIMUM_TRUST}
    return [
        Finding(
            "people",
            f"{len(found[name])} submitters and owners of queue {name}, in a trust policy of {length} characters",
            f"fewer: AWS takes {MAXIMUM_TRUST} characters; a role that several people take is one principal",
        )
        for name, length in longest.items()
    ]
