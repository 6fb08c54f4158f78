"""A sample stack's registrations, changed by hand: what somebody might make of a component, or add beside it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from fleet.offline.policy import seen
from fleet.offline.programs import Exports
from fleet.offline.registration import Registration, Registrations, Unknown, make_urn
from policies.catalogue import RULES
from policies.config import settings_of
from policies.evaluation import PolicyFinding, policy_findings
from policies.rules.queues import NAMESPACE, RELEASE
from sizing.values import Json
from tests import samples
from tests.policies.tokens import ROLE_POLICY

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


@dataclass(frozen=True)
class EditAt:
    """A change of a value at some place; `unknown` leaves that value to the deployment instead."""

    edit: Edit
    unknown: Edit
    __name__: ClassVar[str] = "edit"
    """As a function has one, for the ids of tests."""

    def __call__(self, made: Draft) -> None:
        self.edit(made)


def put(token: str, path: str, value: Json, chooses: Chooses = lambda _: True) -> EditAt:
    """Sets an input at a path with slashes, whose digits index lists; `|` is a slash in a key; `...` removes it."""
    return _at(lambda made, it: _put(made.inputs(token, chooses), path, it), value)


def put_output(token: str, path: str, value: Json) -> EditAt:
    """Sets an output likewise."""
    return _at(lambda made, it: _put(made.outputs(token), path, it), value)


def put_tag(token: str, key: str, value: Json, chooses: Chooses = lambda _: True) -> EditAt:
    """Sets a tag of an Auto Scaling group; `...` removes it."""

    def tag(made: Draft, it: Json) -> None:
        inputs = made.inputs(token, chooses)
        others = [tag for tag in inputs["tags"] if tag["key"] != key]
        added = [] if it is ... else [{"key": key, "value": it, "propagateAtLaunch": False}]
        inputs["tags"] = others + added

    return _at(tag, value)


def put_label(name: str, value: Json) -> EditAt:
    """Sets a label of a namespace; `...` removes it."""
    return put(NAMESPACE, f"metadata/labels/{name.replace('/', '|')}", value)


def put_annotation(name: str, value: Json) -> EditAt:
    """Sets an annotation of a namespace; `...` removes it."""
    return put(NAMESPACE, f"metadata/annotations/{name.replace('/', '|')}", value)


def put_value(chart: str, path: str, value: Json) -> EditAt:
    """Sets one of the values of a chart; `...` removes it."""
    return put(RELEASE, f"values/{path}", value, of_chart(chart))


def rewrite(token: str, prop: str, change: Callable[[Any], None], chooses: Chooses = lambda _: True) -> EditAt:
    """Changes the document in a property that holds JSON."""

    def edit(made: Draft) -> None:
        inputs = made.inputs(token, chooses)
        document = json.loads(inputs[prop])
        change(document)
        inputs[prop] = json.dumps(document)

    return EditAt(edit, put(token, prop, UNKNOWN, chooses))


def rewrite_statement(
    token: str, prop: str, change: Mapping[str, Json], *, index: int = 0, chooses: Chooses = lambda _: True
) -> EditAt:
    """Changes parts of a statement of a policy."""
    return rewrite(token, prop, lambda document: document["Statement"][index].update(change), chooses)


def add(token: str, **inputs: Json) -> Edit:
    """Adds a resource."""
    return lambda made: made.add(token, **inputs)


def remove(token: str, chooses: Chooses = lambda _: True) -> Edit:
    """Leaves a resource out."""
    return lambda made: made.remove(token, chooses)


def allow(token: str = ROLE_POLICY, prop: str = "policy", **statement: Any) -> Edit:  # noqa: ANN401 - JSON
    """Adds a resource whose policy has one statement that allows."""
    document = {"Statement": {"Effect": "Allow", **statement}}
    return add(token, role="by-hand", bucket="by-hand", name="by-hand", **{prop: json.dumps(document)})


def both(*edits: Edit) -> Edit:
    """Makes several changes."""

    def edit(made: Draft) -> None:
        for one in edits:
            one(made)

    return edit


def of_chart(name: str) -> Chooses:
    """Chooses the release of a chart."""
    return lambda inputs: inputs["chart"] == name


def named(part: str) -> Chooses:
    """Chooses what has this in its name."""
    return lambda inputs: part in inputs["name"]


def _at(sets: Callable[[Draft, Json], None], value: Json) -> EditAt:
    return EditAt(lambda made: sets(made, value), lambda made: sets(made, UNKNOWN))


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
