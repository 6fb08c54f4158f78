"""A sample stack's registrations, changed by hand: what somebody might make of a component, or add beside it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from fleet.offline.policy import seen
from fleet.offline.programs import Exports
from fleet.offline.registration import Registration, Registrations, Unknown, make_urn
from policies.catalogue import RULES
from policies.config import settings_of
from policies.evaluation import PolicyFinding, policy_findings
from sizing.values import Json
from tests import samples

UNKNOWN = Unknown()
Edit = Callable[["Draft"], None]
Chooses = Callable[[Mapping[str, Json]], bool]


@dataclass
class Draft:
    """Registrations that can be changed."""

    registrations: list[Registration]
    exports: Mapping[str, Exports]

    def inputs(self, token: str, chooses: Chooses = lambda _: True) -> dict[str, Json]:
        """The inputs of the first resource of a type that is chosen, to be changed in place."""
        return next(self._found(token, chooses)).inputs  # type: ignore[return-value]  # a copy of ours

    def outputs(self, token: str) -> dict[str, Json]:
        """The outputs of the first resource of a type, to be changed in place."""
        return next(self._found(token, lambda _: True)).outputs  # type: ignore[return-value]

    def remove(self, token: str, chooses: Chooses = lambda _: True) -> None:
        """Leave out the first resource of a type that is chosen."""
        gone = next(self._found(token, chooses))
        self.registrations = [one for one in self.registrations if one is not gone]

    def remove_all(self, token: str, chooses: Chooses) -> None:
        """Leave out every resource of a type that is chosen."""
        gone = list(self._found(token, chooses))
        self.registrations = [one for one in self.registrations if not any(one is other for other in gone)]

    def unprotect(self, token: str) -> None:
        """Take the protection off the first resource of a type."""
        old = next(self._found(token, lambda _: True))
        new = replace(old, options=replace(old.options, protect=False))
        self.registrations = [new if one is old else one for one in self.registrations]

    def add(self, token: str, **inputs: Json) -> None:
        """Add a resource made by hand."""
        urn = make_urn("test", "elastic-spark", "", token, "by-hand")
        self.registrations.append(
            Registration(urn=urn, type=token, name="by-hand", parent="", custom=True, remote=False, inputs=inputs)
        )

    def findings(self, config: Mapping[str, Any] | None = None) -> list[PolicyFinding]:
        """What the whole pack says."""
        whole = Registrations(self.registrations)
        registered, deployed = seen(whole, self.exports)
        return policy_findings(RULES, settings_of(config or {}, RULES), registered, deployed, whole.stack.urn)

    def _found(self, token: str, chooses: Chooses) -> Iterator[Registration]:
        found = [one for one in self.registrations if one.type == token and chooses(one.inputs)]
        assert found, f"no {token} in the sample"
        return iter(found)


def draft(stack: str, *edits: Edit) -> Draft:
    """A sample stack's registrations with these changes."""
    registrations, exports = _sample(stack)
    made = Draft(
        [replace(r, inputs=copy.deepcopy(r.inputs), outputs=copy.deepcopy(r.outputs)) for r in registrations], exports
    )
    for edit in edits:
        edit(made)
    return made


@cache
def _sample(stack: str) -> tuple[tuple[Registration, ...], Mapping[str, Exports]]:
    if stack.startswith("platform"):
        return tuple(samples.platform_registrations(stack).values()), {}
    on = samples.tenant(stack)["platform"]
    return tuple(samples.sample_registrations(stack).values()), {
        on: samples.exports(samples.platform_registrations(on), on)
    }


def put(token: str, path: str, value: Json, chooses: Chooses = lambda _: True) -> Edit:
    """Sets an input at a path with slashes, whose digits index lists; `|` is a slash in a key; `...` removes it."""

    def edit(made: Draft) -> None:
        _put(made.inputs(token, chooses), path, value)

    return edit


def put_output(token: str, path: str, value: Json) -> Edit:
    """Sets an output likewise."""

    def edit(made: Draft) -> None:
        _put(made.outputs(token), path, value)

    return edit


def put_tag(token: str, key: str, value: Json, chooses: Chooses = lambda _: True) -> Edit:
    """Sets a tag of an Auto Scaling group; `...` removes it."""

    def edit(made: Draft) -> None:
        inputs = made.inputs(token, chooses)
        others = [tag for tag in inputs["tags"] if tag["key"] != key]
        added = [] if value is ... else [{"key": key, "value": value, "propagateAtLaunch": False}]
        inputs["tags"] = others + added

    return edit


def rewrite(token: str, prop: str, change: Callable[[Any], None], chooses: Chooses = lambda _: True) -> Edit:
    """Changes the document in a property that holds JSON."""

    def edit(made: Draft) -> None:
        inputs = made.inputs(token, chooses)
        document = json.loads(inputs[prop])
        change(document)
        inputs[prop] = json.dumps(document)

    return edit


def add(token: str, **inputs: Json) -> Edit:
    """Adds a resource."""
    return lambda made: made.add(token, **inputs)


def remove(token: str, chooses: Chooses = lambda _: True) -> Edit:
    """Leaves a resource out."""
    return lambda made: made.remove(token, chooses)


def _put(inputs: dict[str, Json], path: str, value: Json) -> None:
    *parents, last = (part.replace("|", "/") for part in path.split("/"))
    at: Any = inputs
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at[part]
    key: Any = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
