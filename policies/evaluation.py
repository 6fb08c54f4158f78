"""Asks rules about resources, as Pulumi's policy server does, and says what they found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.config import RuleSetting
from policies.model import Enforcement, Resource, Rule, Severity, Stack
from policies.values import NotKnown


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """What a rule says.

    Attributes:
        rule: its name.
        severity: of the rule.
        enforcement: what the finding does. What a rule can't decide is advisory, whatever the rule is.
        urn: of the resource, the stack's own where it is about the stack as a whole.
        message: what is wrong, or what is not known.
        remedy: what to do.
        undecided: whether the rule met a value that only the deployment can give.
    """

    rule: str
    severity: Severity
    enforcement: Enforcement
    urn: str
    message: str
    remedy: str
    undecided: bool = False

    @property
    def stops(self) -> bool:
        """Whether it stops a preview and a deployment."""
        return self.enforcement is Enforcement.MANDATORY


def policy_findings(
    rules: Iterable[Rule],
    settings: Mapping[str, RuleSetting],
    registered: Sequence[Resource],
    deployed: Stack,
    stack_urn: str,
) -> list[PolicyFinding]:
    """What the rules say about a stack, mandatory findings first, then by URN and rule.

    Args:
        rules: of the pack.
        settings: of each rule by its name (`policies.config.settings_of`).
        registered: the resources with their inputs, for resource rules.
        deployed: the resources as the deployment leaves them, for stack rules.
        stack_urn: of the stack itself.
    """
    asked = [(rule, settings[rule.name]) for rule in rules]
    asked = [(rule, setting) for rule, setting in asked if setting.enforcement is not Enforcement.DISABLED]
    by_type: dict[str, list[tuple[Rule, RuleSetting]]] = {}
    for rule, setting in asked:
        for token in rule.types or ():
            by_type.setdefault(token, []).append((rule, setting))
    found = [
        finding
        for resource in registered
        for rule, setting in by_type.get(resource.type, ())
        for finding in _of_resource(rule, setting, resource)
    ]
    for rule, setting in asked:
        if rule.types is None:
            found += _of_stack(rule, setting, deployed, stack_urn)
    return sorted(found, key=lambda finding: (not finding.stops, finding.urn, finding.rule, finding.message))


def _of_resource(rule: Rule, setting: RuleSetting, resource: Resource) -> Iterator[PolicyFinding]:
    try:
        for message in rule.messages(resource, setting.options):
            yield _finding(rule, setting.enforcement, resource.urn, message)
    except NotKnown as error:
        yield _undecided(rule, resource.urn, error)


def _of_stack(rule: Rule, setting: RuleSetting, stack: Stack, stack_urn: str) -> Iterator[PolicyFinding]:
    try:
        for violation in rule.violations(stack, setting.options):
            yield _finding(rule, setting.enforcement, violation.urn or stack_urn, violation.message)
    except NotKnown as error:
        yield _undecided(rule, stack_urn, error)


def _finding(rule: Rule, enforcement: Enforcement, urn: str, message: str) -> PolicyFinding:
    return PolicyFinding(
        rule=rule.name, severity=rule.severity, enforcement=enforcement, urn=urn, message=message, remedy=rule.remedy
    )


def _undecided(rule: Rule, urn: str, error: NotKnown) -> PolicyFinding:
    return PolicyFinding(
        rule=rule.name,
        severity=rule.severity,
        enforcement=Enforcement.ADVISORY,
        urn=urn,
        message=str(error),
        remedy="Nothing now: the rule decides when it is known, at `pulumi up`.",
        undecided=True,
    )
