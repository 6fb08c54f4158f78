"""The policy pack asked about offline previews: what it would say of a stack at `pulumi preview`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fleet.offline.programs import NO_EXPORTS, Exports
from fleet.offline.references import pattern
from fleet.offline.registration import Registration, Registrations, Secret, Unknown, has_unknown
from policies.catalogue import RULES
from policies.config import read_policy_config
from policies.evaluation import PolicyFinding, policy_findings
from policies.model import STACK_REFERENCE, Enforcement, Resource, Stack
from policies.values import UNKNOWN, Properties
from sizing.values import Json, mapped


def findings_of(
    root: Path, stack: str, registrations: Registrations, exports: Mapping[str, Exports] = NO_EXPORTS
) -> list[PolicyFinding]:
    """What the pack says of a stack's registrations, by the stack's policy configuration.

    Args:
        root: the project's root.
        stack: the stack's name.
        registrations: of the stack.
        exports: what the stacks export to which it refers, as its program saw them.

    Raises:
        PolicyConfigError: its policy configuration is wrong.
    """
    settings = read_policy_config(root, stack, RULES)
    registered, deployed = seen(registrations, exports)
    return policy_findings(RULES, settings, registered, deployed, registrations.stack.urn)


def disabled_rules(root: Path, stack: str) -> list[str]:
    """The rules that a stack's policy configuration switches off, by name.

    Raises:
        PolicyConfigError: its policy configuration is wrong.
    """
    settings = read_policy_config(root, stack, RULES)
    return sorted(name for name, setting in settings.items() if setting.enforcement is Enforcement.DISABLED)


def seen(registrations: Registrations, exports: Mapping[str, Exports] = NO_EXPORTS) -> tuple[list[Resource], Stack]:
    """Registrations as resource rules and as stack rules see them in the engine's preview.

    To a resource rule everything that is registered comes with its inputs; what is only read doesn't come. To a stack
    rule come outputs: of a resource its inputs and what AWS computes, which no preview knows; of a component and of the
    stack what they register at their end. A provider that isn't fully known yet, as Kubernetes' before there is a
    cluster, gives no outputs at all. What stands among registrations for another stack's unknown exports is unknown.
    """
    view = _View(pattern(exports))
    silent = {provider.urn for provider in registrations.values() if has_unknown(provider.inputs)}
    registered = [_resource(r, view.properties(r.inputs, r.urn)) for r in registrations.values() if not r.read_id]
    deployed = [
        _resource(r, view.properties(dict(_outputs(r, exports, silent)), r.urn)) for r in registrations.values()
    ]
    return registered, Stack(tuple(deployed))


def _outputs(
    registration: Registration, exports: Mapping[str, Exports], silent: Collection[str]
) -> Iterator[tuple[str, Json]]:
    if registration.type == STACK_REFERENCE:
        yield from registration.inputs.items()
        yield "outputs", next((exports[name] for name in exports if registration.read_id.endswith(f"/{name}")), {})
    elif registration.custom and not registration.remote:
        yield from () if registration.provider in silent else registration.inputs.items()
    else:
        yield from registration.outputs.items()


def _resource(registration: Registration, props: Properties) -> Resource:
    return Resource(
        urn=registration.urn,
        type=registration.type,
        name=registration.name,
        props=props,
        protect=registration.options.protect,
    )


class _View:
    """Turns registered values into those that rules see.

    Args:
        references: finds in a text what stands for another stack's unknown export; None for no other stack.
    """

    def __init__(self, references: re.Pattern[str] | None) -> None:
        self._references = references

    def properties(self, values: Mapping[str, Json], urn: str) -> Properties:
        return Properties(mapped(values, self._leaf), owner=urn)

    def _leaf(self, leaf: Json) -> Json:
        match leaf:
            case str():
                return UNKNOWN if self._references and self._references.search(leaf) else leaf
            case Unknown():
                return UNKNOWN
            case Secret(content):
                return mapped(content, self._leaf)
            case _:
                return leaf
