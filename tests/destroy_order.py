"""What the engine's rules say of the order in which a stack's resources are deleted."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.offline.registration import Registrations


def outlived_by(registrations: Registrations) -> Mapping[str, frozenset[str]]:
    """By URN, what is deleted only after it: what it names, its provider and its parent, and what these need."""
    needs: dict[str, frozenset[str]] = {}

    def of(urn: str) -> frozenset[str]:
        if urn not in needs:
            one = registrations[urn]
            provider = one.provider.rpartition("::")[0]  # without its id
            direct = {one.parent, provider if provider in registrations else one.provider, *one.dependencies}
            known = {other for other in direct if other in registrations}
            needs[urn] = frozenset(known).union(*(of(other) for other in known))
        return needs[urn]

    for urn in registrations:
        of(urn)
    return needs
