"""The rules as policies of Pulumi's policy server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.model import Resource, Rule, Stack
from policies.values import Properties


def policies_of(rules: Iterable[Rule]) -> list[Policy]:
    """A policy for each rule, of the same name.

    A value that is not known yet makes Pulumi's own error, which its server turns into advice.
    """
    return [_of_stack(rule) if rule.types is None else _of_resources(rule) for rule in rules]


def _of_resources(rule: Rule) -> ResourceValidationPolicy:
    types = rule.types or frozenset()

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in types:
            for message in rule.messages(_resource(args), args.get_config()):
                report(message, None)

    return ResourceValidationPolicy(validate=validate, **_about(rule))


def _of_stack(rule: Rule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack(tuple(_resource(resource) for resource in args.resources))
        for violation in rule.violations(stack, args.get_config()):
            report(violation.message, violation.urn or None)

    return StackValidationPolicy(validate=validate, **_about(rule))


def _resource(seen: ResourceValidationArgs | PolicyResource) -> Resource:
    return Resource(
        urn=seen.urn,
        type=seen.resource_type,
        name=seen.name,
        props=Properties(seen.props),
        protect=seen.opts.protect,
    )


def _about(rule: Rule) -> Mapping[str, Any]:
    return {
        "name": rule.name,
        "description": f"{rule.statement} {rule.remedy}",
        "enforcement_level": EnforcementLevel(rule.enforcement.value),
        "severity": Severity(rule.severity.value),
        "remediation_steps": rule.remedy,
        "config_schema": PolicyConfigSchema(properties={k: dict(v) for k, v in rule.options.items()})
        if rule.options
        else None,
        "tags": [rule.area],
    }
