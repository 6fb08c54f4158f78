"""Which resource of earlier registrations a resource of later ones is, by its aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleet.offline.registration import Alias, Registration, Registrations, make_urn


def former_urns(before: Registrations, after: Registrations) -> dict[str, str]:
    """For each resource of `after` that an alias finds in `before`, its URN there.

    As the engine does: its own URN comes first, then its aliases in their order, then those that it has by its parent,
    if that was itself found by an alias. Each former resource is found once.
    Source: pulumi, pkg/resource/deploy/step_generator.go (getOldResource, generateAliases).
    """
    found: dict[str, str] = {}
    claimed = {urn for urn in after if urn in before}
    for registration in _parents_first(after):
        if registration.urn in before:
            continue
        for candidate in _candidates(registration, found):
            if candidate in before and candidate not in claimed:
                found[registration.urn] = candidate
                claimed.add(candidate)
                break
    return found


def _parents_first(registrations: Registrations) -> Iterator[Registration]:
    waiting = [registration for registration in registrations.values() if registration.parent not in registrations]
    while waiting:
        registration = waiting.pop()
        yield registration
        waiting += registrations.children(registration.urn)


def _candidates(registration: Registration, found: Mapping[str, str]) -> Iterator[str]:
    for alias in registration.options.aliases:
        yield _resolved(alias, registration, found)
    if former_parent := found.get(registration.parent):
        for name, token in _names(registration, found):
            own_parent = registration.parent.rsplit("::", 1)[-1]
            if name.startswith(own_parent):
                name = former_parent.rsplit("::", 1)[-1] + name.removeprefix(own_parent)
            yield _urn(former_parent, token, name)


def _names(registration: Registration, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The resource's own name and type, and those that its aliases give it."""
    yield registration.name, registration.type
    for alias in registration.options.aliases:
        _, _, types, name = _resolved(alias, registration, found).split("::", 3)
        yield name, types.rsplit("$", 1)[-1]


def _resolved(alias: Alias, registration: Registration, found: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = alias.parent_urn or registration.parent
    stack, project = registration.urn.removeprefix("urn:pulumi:").split("::", 2)[:2]
    return make_urn(
        alias.stack or stack,
        alias.project or project,
        "" if alias.no_parent else found.get(alias.parent_urn, parent),
        alias.type or registration.type,
        alias.name or registration.name,
    )


def _urn(parent: str, token: str, name: str) -> str:
    stack, project = parent.removeprefix("urn:pulumi:").split("::", 2)[:2]
    return make_urn(stack, project, parent, token, name)
