"""The rules of admission policies, and switches that show what a platform would be without one of them.

With the switches in, every rule also asks a ConfigMap, the policies' parameter, which the API server watches: so one of
them is off within milliseconds, where a changed policy takes a second.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from components.admission.policy import REFUSAL
from tests.cluster.api import Api, Object
from tests.cluster.settling import GROUP, PREFIX, Canary, canary, wait_for_song

Mode = Literal["on", "off", "never"]
"""A rule that is off holds for everything, one that is never holds for nothing; a mutation that is off does nothing."""

VALIDATING: Final = "ValidatingAdmissionPolicy"
MUTATING: Final = "MutatingAdmissionPolicy"
PARAM_KIND: Final = {"apiVersion": "v1", "kind": "ConfigMap"}
SWITCH: Final = {"name": "switch", "namespace": "default"}
MUTATION: Final = re.compile(r"^(?:\+ )?// ([a-z0-9-]+)$", re.MULTILINE)
"""Above each mutation of a policy that has several."""
NAME: Final = re.compile(r"\[([a-z0-9-]+)\]$")
"""At the end of each rule's message."""
STEP: Final = re.compile(r"^// ([a-z0-9-]+)\n!\((.*?)\n\) \? ([^\n]*) :$", re.MULTILINE | re.DOTALL)
"""One rule, in the expression that goes through those of a policy."""


@dataclass(frozen=True)
class AppliedRule:
    """A rule of a validating policy, or a mutation of a mutating one."""

    policy: str
    name: str
    mutates: bool

    def __str__(self) -> str:
        return f"{self.policy}/{self.name}"


def rules_of(policy: Object) -> list[AppliedRule]:
    """The rules of an admission policy, by the names in its messages or its comments.

    Raises:
        ValueError: a rule has no name.
    """
    name = policy["metadata"]["name"]
    if policy["kind"] == MUTATING:
        return [AppliedRule(name, mutation, mutates=True) for mutation in mutations_of(policy)]
    return [AppliedRule(name, rule, mutates=False) for rule in refusals_of(policy)]


def refusals_of(policy: Object) -> dict[str, tuple[str, str]]:
    """The rules of a validating policy by their names: what must hold, and what is said otherwise, in CEL.

    Raises:
        ValueError: a rule has no name.
    """
    if variable := _refusal_variable(policy):
        return {name: (holds, message) for name, holds, message in STEP.findall(variable["expression"])}
    found = {}
    for validation in policy["spec"]["validations"]:
        name = NAME.search(validation.get("message", ""))
        if name is None:
            raise ValueError(f"{policy['metadata']['name']}: a rule's message must end with its name in brackets")
        found[name[1]] = (
            validation["expression"],
            validation.get("messageExpression") or json.dumps(validation["message"]),
        )
    return found


def mutations_of(policy: Object) -> dict[str, str]:
    """The mutations of a policy by their names: CEL expressions that give lists of patches.

    One without a comment is named like its policy.
    """
    (mutation,) = policy["spec"]["mutations"]
    expression = mutation["jsonPatch"]["expression"]
    before, *named = MUTATION.split(expression)
    if not named:
        return {policy["metadata"]["name"]: before}
    parts = zip(named[::2], named[1::2], strict=True)
    return {name: text.strip() for name, text in parts}


def policies(api: Api) -> list[Object]:
    """The admission policies that the API server has, but for the canaries."""
    return [
        {"apiVersion": GROUP, "kind": kind, **item}
        for kind in (VALIDATING, MUTATING)
        for item in api.items(GROUP, kind)
        if not item["metadata"]["name"].startswith(PREFIX)
    ]


class Switches:
    """Switches rules off and on, one at a time.

    Args:
        api: as somebody who may do everything.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    def turn(self, rule: AppliedRule, mode: Mode) -> None:
        """Let one rule be as `mode` says and all others be on, at once."""
        told = f"{mode}:{rule}"
        self._api.apply({**PARAM_KIND, "metadata": dict(SWITCH), "data": {"mode": told}})
        wait_for_song(self._api, told)


@contextmanager
def switches(api: Api, changes: Canary) -> Iterator[Switches]:
    """Puts switches into all policies, and takes them out again.

    Args:
        api: as somebody who may do everything.
        changes: tells when they are in.
    """
    found = policies(api)
    bindings = [
        {"apiVersion": GROUP, "kind": f"{policy['kind']}Binding", **item}
        for policy in found
        for item in api.items(GROUP, f"{policy['kind']}Binding")
        if item["spec"]["policyName"] == policy["metadata"]["name"]
    ]
    reference = {**SWITCH, "parameterNotFoundAction": "Deny"}
    birds = canary(f"{PREFIX}switch", "params.data.mode", PARAM_KIND, reference)
    api.apply({**PARAM_KIND, "metadata": dict(SWITCH), "data": {"mode": "on:"}})
    try:
        for policy in found:
            _put(api, switchable(policy))
        for binding in bindings:
            _put(api, {**binding, "spec": {**binding["spec"], "paramRef": reference}})
        changes.settle()
        changes.leave()
        for bird in birds:
            api.create(bird)
        wait_for_song(api, "on:")
        yield Switches(api)
    finally:
        for thing in (*found, *bindings):
            _put(api, thing)
        for bird in reversed(birds):
            api.delete(bird)
        changes.settle()


def switchable(policy: Object) -> Object:
    """A copy of a policy each of whose rules also asks the switch."""
    copied = copy.deepcopy(policy)
    copied["spec"]["paramKind"] = PARAM_KIND
    if policy["kind"] == MUTATING:
        found = zip(rules_of(policy), mutations_of(policy).values(), strict=True)
        expression = "\n+ ".join(f"(params.data.mode == 'off:{rule}' ? [] : ({text}\n))" for rule, text in found)
        copied["spec"]["mutations"][0]["jsonPatch"]["expression"] = expression
        return copied
    refusals = zip(rules_of(policy), refusals_of(policy).values(), strict=True)
    copied["spec"]["validations"] = [
        {"expression": _switched(str(rule), holds), "messageExpression": message} for rule, (holds, message) in refusals
    ]
    return copied


def one_by_one(policy: Object) -> Object:
    """A copy of a validating policy whose rules are validations, the types of which the API server checks."""
    copied = copy.deepcopy(policy)
    copied["spec"]["validations"] = [
        {"expression": holds, "messageExpression": message} for holds, message in refusals_of(policy).values()
    ]
    return copied


def _switched(rule: str, holds: str) -> str:
    return f"params.data.mode != 'never:{rule}' && (params.data.mode == 'off:{rule}' || ({holds}\n))"


def _refusal_variable(policy: Object) -> Object | None:
    return next((v for v in policy["spec"].get("variables", []) if v["name"] == REFUSAL), None)


def _put(api: Api, thing: Object) -> None:
    metadata = {**thing["metadata"], "resourceVersion": api.read(thing)["metadata"]["resourceVersion"]}
    api.replace({**thing, "metadata": metadata})
