"""Admission policies as values, so that tests see every rule, and how they are registered.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ and
mutating-admission-policy/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import pulumi
import pulumi_kubernetes as k8s

from sizing import names
from sizing.values import Json

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
REFUSAL: Final = "refusal"
"""The variable that says why a request is refused, where rules are evaluated together; empty if it isn't."""
LONGEST_REFUSAL: Final = 4000
"""Characters; 5 KiB are allowed (kubernetes v1.36, k8s.io/apiserver/pkg/apis/cel/config.go)."""
CREATE: Final[tuple[Operation, ...]] = ("CREATE",)
WRITE: Final[tuple[Operation, ...]] = ("CREATE", "UPDATE")


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Requests by what they are about.

    Args:
        group: the API group; empty for the core group.
        versions: the versions that CEL sees; requests of other versions are converted to one of them.
        resources: plural names, `pods/binding` for a subresource.
        operations: what is done.
        scope: `Namespaced` for resources in namespaces alone; None: all. A selector of namespaces leaves out no
            cluster-wide resource.
    """

    group: str
    versions: tuple[str, ...] = ("v1",)
    resources: tuple[str, ...]
    operations: tuple[Operation, ...]
    scope: Literal["Namespaced"] | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a policy is about.

    Args:
        requests: any of these.
        in_queues: only in namespaces of queues, which are known by a label that nobody in them can write.
        label: the label by which they are known; another one for queues that have something more.
    """

    requests: tuple[Requests, ...]
    in_queues: bool = True
    label: str = names.QUEUE_LABEL


@dataclass(frozen=True)
class Condition:
    """A CEL expression that must be true for the policy to apply at all.

    Args:
        name: unique in the policy.
        expression: sees `object`, `oldObject`, `request` and `authorizer`; no variables and no `namespaceObject`.
    """

    name: str
    expression: str


@dataclass(frozen=True)
class Variable:
    """A CEL expression that others use as `variables.<name>`; evaluated when first used, at most once.

    Args:
        name: a CEL identifier; it may be used by the variables after it.
        expression: also sees `namespaceObject` and the variables before it.
    """

    name: str
    expression: str


@dataclass(frozen=True)
class AdmissionRule:
    """A CEL expression that must be true, or the request is refused.

    Args:
        name: in lower case with dashes, unique over all policies; a refusal ends with it in brackets.
        expression: what must hold.
        message: what is refused, why, and what to do instead; a sentence without its full stop.
        found: a CEL expression that gives what was found, as text; empty where the message says it all.
    """

    name: str
    expression: str
    message: str
    found: str = ""


@dataclass(frozen=True)
class Mutation:
    """A CEL expression that gives JSON patches, a list of `JSONPatch`; empty where nothing is to be done.

    Nodes' selectors and tolerations are atomic, which apply configurations may not touch: hence patches throughout.

    Args:
        name: in lower case with dashes, unique over all policies.
        expression: a list. It sees the object as it was before any mutation of its policy.
    """

    name: str
    expression: str


@dataclass(frozen=True, kw_only=True)
class ValidatingPolicy:
    """Rules that are decided last, after every mutation and webhook.

    Args:
        name: of the policy and its binding in the cluster.
        match: what it is about.
        conditions: all must be true for it to apply.
        variables: in the order in which they build on each other.
        rules: all must hold.
        together: evaluate all rules as one expression, since to start one takes the API server as long as to evaluate a
            usual rule. For policies that every pod passes; a rule may not use `authorizer` then.
        all_at_once: the same, and a refusal says all that is refused, not the first: of several refusals, the API
            server shows one.
    """

    name: str
    match: Match
    conditions: tuple[Condition, ...] = ()
    variables: tuple[Variable, ...] = ()
    rules: tuple[AdmissionRule, ...]
    together: bool = False
    all_at_once: bool = False


@dataclass(frozen=True, kw_only=True)
class MutatingPolicy:
    """Changes that are made before webhooks run, and again where one of them changed something.

    So what it does must come to the same the second time.

    Args:
        name: of the policy and its binding in the cluster.
        match: what it is about.
        conditions: all must be true for it to apply.
        variables: in the order in which they build on each other.
        mutations: applied in this order, as one patch.
    """

    name: str
    match: Match
    conditions: tuple[Condition, ...] = ()
    variables: tuple[Variable, ...] = ()
    mutations: tuple[Mutation, ...]


@dataclass(frozen=True)
class Policies:
    """All that is to be enforced.

    Args:
        mutating: in any order: one sees what another did, whichever came first, because they run again.
        validating: in any order.
    """

    mutating: Sequence[MutatingPolicy] = field(default_factory=tuple)
    validating: Sequence[ValidatingPolicy] = field(default_factory=tuple)


def cel_text(text: str) -> str:
    """A string literal of CEL, which takes JSON's."""
    return json.dumps(text, ensure_ascii=False)


def cel_value(value: Json) -> str:
    """A literal of CEL for any value as JSON has it, the keys of its mappings sorted.

    What a literal holds must be of one type in Kubernetes (k8s.io/apiserver v0.36, pkg/cel/environment/base.go), or of
    none that is known.
    """
    match value:
        case Mapping():
            keys = sorted(value)
            items = zip(keys, _items([value[key] for key in keys]), strict=True)
            return f"{{{', '.join(f'{cel_text(key)}: {item}' for key, item in items)}}}"
        case list() | tuple():
            return f"[{', '.join(_items(value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _items(values: Sequence[Json]) -> list[str]:
    alike = len({type(value) for value in values}) < 2 and not any(
        isinstance(value, Mapping | list) for value in values
    )
    return [cel_value(value) if alike else f"dyn({cel_value(value)})" for value in values]


def cel_list(texts: Sequence[str]) -> str:
    """A list literal of CEL, of strings."""
    return f"[{', '.join(map(cel_text, texts))}]"


def refusal(rule: AdmissionRule) -> str:
    """How every refusal by this rule ends, by which one tells whose it is."""
    return f"[{rule.name}]"


def validating_spec(policy: ValidatingPolicy) -> dict[str, Json]:
    """The spec of a ValidatingAdmissionPolicy."""
    if policy.together or policy.all_at_once:
        return _together(policy)
    return {
        **_common(policy),
        "validations": [
            {
                "expression": rule.expression,
                "message": f"{rule.message} {refusal(rule)}",
                **({"message_expression": _message(rule)} if rule.found else {}),
            }
            for rule in policy.rules
        ],
    }


def mutating_spec(policy: MutatingPolicy) -> dict[str, Json]:
    """The spec of a MutatingAdmissionPolicy."""
    return {
        **_common(policy),
        # A webhook may have undone, or added, what the first run had seen to.
        "reinvocation_policy": "IfNeeded",
        "mutations": [
            {
                "patch_type": "JSONPatch",
                # One patch: each would convert the object to JSON and back. CEL's comments tell whose is which.
                "json_patch": {"expression": "\n+ ".join(f"// {m.name}\n({m.expression})" for m in policy.mutations)},
            }
        ],
    }


def register_validating(
    name: str, policy: ValidatingPolicy, opts: pulumi.ResourceOptions | None = None
) -> pulumi.Resource:
    """Registers a policy with its binding, `{name}-policy` and `{name}-binding`, and gives the binding."""
    registered = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
        f"{name}-policy",
        metadata={"name": policy.name},
        spec=k8s.admissionregistration.v1.ValidatingAdmissionPolicySpecArgs(**validating_spec(policy)),
        opts=opts,
    )
    return k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        f"{name}-binding",
        metadata={"name": policy.name},
        spec={"policy_name": policy.name, "validation_actions": ["Deny"]},
        opts=_after(registered, opts),
    )


def register_mutating(name: str, policy: MutatingPolicy, opts: pulumi.ResourceOptions | None = None) -> pulumi.Resource:
    """Registers a policy with its binding, `{name}-policy` and `{name}-binding`, and gives the binding."""
    registered = k8s.admissionregistration.v1.MutatingAdmissionPolicy(
        f"{name}-policy",
        metadata={"name": policy.name},
        spec=k8s.admissionregistration.v1.MutatingAdmissionPolicySpecArgs(**mutating_spec(policy)),
        opts=opts,
    )
    return k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding(
        f"{name}-binding",
        metadata={"name": policy.name},
        spec={"policy_name": policy.name},
        opts=_after(registered, opts),
    )


def _after(policy: pulumi.Resource, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    # The policy is named by a plain string, which says nothing of the order.
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy]))


def _common(policy: ValidatingPolicy | MutatingPolicy, *more: Variable) -> dict[str, Json]:
    return {
        "failure_policy": "Fail",
        "match_constraints": _constraints(policy.match),
        "match_conditions": [{"name": c.name, "expression": c.expression} for c in policy.conditions],
        "variables": [{"name": v.name, "expression": v.expression} for v in (*policy.variables, *more)],
    }


def _constraints(match: Match) -> dict[str, Json]:
    constraints: dict[str, Json] = {
        "resource_rules": [
            {
                "api_groups": [requests.group],
                "api_versions": list(requests.versions),
                "operations": list(requests.operations),
                "resources": list(requests.resources),
                **({"scope": requests.scope} if requests.scope else {}),
            }
            for requests in match.requests
        ]
    }
    if match.in_queues:
        constraints["namespace_selector"] = {"match_expressions": [{"key": match.label, "operator": "Exists"}]}
    return constraints


def _together(policy: ValidatingPolicy) -> dict[str, Json]:
    """One expression, a variable, that goes through the rules to the first refusal, or through all of them.

    Its comments tell whose is what.
    """
    return {
        **_common(policy, Variable(REFUSAL, _all_refusals(policy) if policy.all_at_once else _first_refusal(policy))),
        "validations": [
            {
                "expression": f"variables.{REFUSAL} == ''",
                "message": f"refused by {policy.name}",
                "message_expression": f"variables.{REFUSAL}",
            }
        ],
    }


def _first_refusal(policy: ValidatingPolicy) -> str:
    return "".join(f"{_step(rule)} :\n" for rule in policy.rules) + "''"


def _all_refusals(policy: ValidatingPolicy) -> str:
    """The API server leaves out a message of several lines, or of more than 5 KiB, and says nothing in its place."""
    steps = "".join(f"{_step(rule)} :\n'',\n" for rule in policy.rules)
    return (
        f"[[\n{steps}].filter(text, text != '').join('; ').replace('\\n', ' ')]"
        f".map(text, size(text) > {LONGEST_REFUSAL} ? text.substring(0, {LONGEST_REFUSAL}) + ' ...' : text)[0]"
    )


def _step(rule: AdmissionRule) -> str:
    return f"// {rule.name}\n!({rule.expression}\n) ? {_message(rule)}"


def _message(rule: AdmissionRule) -> str:
    tail = f" {refusal(rule)}"
    if not rule.found:
        return cel_text(f"{rule.message}{tail}")
    return f"{cel_text(f'{rule.message}; found: ')} + string({rule.found}) + {cel_text(tail)}"
