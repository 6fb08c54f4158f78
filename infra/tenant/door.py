"""A tenant's queues at their platform's door: what of them it shows, and to whom."""

from __future__ import annotations

from typing import Final, get_args

import pulumi

from components.door.queue_door import QueueDoor, QueueDoorArgs
from components.queue.past_logs.program import ROOT as LOGS_PATH
from infra.settings.door import login_of
from infra.settings.shared import Purpose, accepted_in
from infra.settings.tenancy import AwsTenancy, Tenancy
from infra.settings.tenant_sizes import QueueNumbers, shows_logs
from sizing import names

READ_LOGS: Final[tuple[Purpose, ...]] = ("owner", "submitter")
"""Logs show data, which a viewer doesn't see."""


def door_groups(tenancy: AwsTenancy, queue: str, purposes: tuple[Purpose, ...] = get_args(Purpose)) -> tuple[str, ...]:
    """The issuer's groups, as it says them, whose people may see a queue: the tenant's own, and those it accepts.

    Only groups that have one of these purposes there, whatever others they have elsewhere. Principals of AWS are nobody
    at the door, which knows tokens of the issuer alone.
    """
    people = tenancy.settings.people.values()
    own = {person.group for person in people if person.group and person.purpose_in(queue) in purposes}
    shared = tenancy.contract.shared
    accepted = {
        listed.group
        for name, purpose in accepted_in(tenancy.settings.accepts, queue).items()
        if purpose in purposes and (listed := shared.get(name)) and listed.group
    }
    return tuple(sorted(own | accepted))


def queue_pages(tenancy: Tenancy, queue: str, numbers: QueueNumbers) -> str | None:
    """Where people open a queue's pages; None where there is no door, nothing to show, or nobody who passes."""
    if not isinstance(tenancy, AwsTenancy) or not tenancy.contract.door or not numbers.history:
        return None
    if not door_groups(tenancy, queue):
        return None
    return f"https://{names.door_host(names.namespace(tenancy.settings.name, queue), tenancy.contract.door.domain)}/"


def logs_page(tenancy: AwsTenancy, queue: str, numbers: QueueNumbers) -> str | None:
    """Where people open logs of a queue's pods that are gone; None where no page shows them, or nobody passes."""
    door = tenancy.contract.door
    if not door or not numbers.history or not shows_logs(tenancy.contract):
        return None
    if not door_groups(tenancy, queue, READ_LOGS):
        return None
    return f"https://{names.door_host(names.namespace(tenancy.settings.name, queue), door.domain)}{LOGS_PATH}/"


def queue_door(tenancy: AwsTenancy, queue: str, opts: pulumi.ResourceOptions) -> None:
    """Register a queue's part of the door, where the platform has one."""
    door = tenancy.contract.door
    if door is None:
        return
    namespace = names.namespace(tenancy.settings.name, queue)
    QueueDoor(
        f"{namespace}-door",
        QueueDoorArgs(
            namespace=namespace,
            domain=door.domain,
            groups=door_groups(tenancy, queue),
            log_groups=door_groups(tenancy, queue, READ_LOGS) if shows_logs(tenancy.contract) else None,
            login=login_of(door),
        ),
        opts,
    )
