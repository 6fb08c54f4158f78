"""A tenant's queues at their platform's door: what of them it shows, and to whom."""

from __future__ import annotations

import pulumi

from components.door.queue_door import QueueDoor, QueueDoorArgs
from infra.settings.door import login_of
from infra.settings.shared import accepted_in
from infra.settings.tenancy import AwsTenancy, Tenancy
from infra.settings.tenant_sizes import QueueNumbers
from sizing import names


def door_groups(tenancy: AwsTenancy, queue: str) -> tuple[str, ...]:
    """The issuer's groups, as it says them, whose people may see a queue: the tenant's own, and those it accepts.

    Principals of AWS are nobody at the door, which knows tokens of the issuer alone.
    """
    people = tenancy.settings.people.values()
    own = {person.group for person in people if person.group and person.purpose_in(queue) is not None}
    shared = tenancy.contract.shared
    accepted = {
        listed.group
        for name in accepted_in(tenancy.settings.accepts, queue)
        if (listed := shared.get(name)) and listed.group
    }
    return tuple(sorted(own | accepted))


def queue_pages(tenancy: Tenancy, queue: str, numbers: QueueNumbers) -> str | None:
    """Where people open a queue's pages; None where there is no door, nothing to show, or nobody who passes."""
    if not isinstance(tenancy, AwsTenancy) or not tenancy.contract.door or not numbers.history:
        return None
    if not door_groups(tenancy, queue):
        return None
    return f"https://{names.door_host(names.namespace(tenancy.settings.name, queue), tenancy.contract.door.domain)}/"


def queue_door(tenancy: AwsTenancy, queue: str, opts: pulumi.ResourceOptions) -> None:
    """Register a queue's part of the door, where the platform has one."""
    door = tenancy.contract.door
    if door is None:
        return
    namespace = names.namespace(tenancy.settings.name, queue)
    groups = door_groups(tenancy, queue)
    if not groups:
        pulumi.log.warn(
            f"{namespace}: nobody passes the door to this queue: no group is among its people. Name one under people, "
            "with `group` as the issuer says it; principals of AWS have `skate ui`."
        )
    QueueDoor(
        f"{namespace}-door",
        QueueDoorArgs(namespace=namespace, domain=door.domain, groups=groups, login=login_of(door)),
        opts,
    )
