"""The rules as policies of Pulumi's policy server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

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
    proxy,
)
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.proxy import UnknownValueError

from policies.model import Resource, Rule, Stack
from policies.values import UNKNOWN, NotKnown, Properties
from sizing.values import Json, mapped

UNKNOWNS: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)
"""What the engine puts in place of a value that it doesn't know yet."""
COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    "aws:eks/accessEntry:AccessEntry": frozenset({"kubernetesGroups"}),
    "aws:iam/role:Role": frozenset({"inlinePolicies", "managedPolicyArns"}),
    "aws:s3/bucket:Bucket": frozenset({"policy"}),
    "aws:s3/bucketV2:BucketV2": frozenset({"policy"}),
}
"""What stack rules look at and AWS fills in where a program says nothing.

In a preview such an output of something new is unknown, though the program set nothing that a rule could object to.
Source: the properties with `Optional` and `Computed` in the schemas of hashicorp/terraform-provider-aws.
"""


def policies_of(rules: Iterable[Rule]) -> list[Policy]:
    """A policy for each rule, of the same name.

    A value that is not known yet makes Pulumi's own error, which its server turns into advice.
    """
    return [_of_stack(rule) if rule.types is None else _of_resources(rule) for rule in rules]


def _of_resources(rule: Rule) -> ResourceValidationPolicy:
    types = rule.types or frozenset()

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in types:
            with _unknown_as_pulumi_tells_it():
                for message in rule.messages(_resource(args), args.get_config()):
                    report(message, None)

    return ResourceValidationPolicy(validate=validate, **_about(rule))


def _of_stack(rule: Rule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack(
            tuple(_resource(resource, COMPUTED.get(resource.resource_type, ())) for resource in args.resources)
        )
        with _unknown_as_pulumi_tells_it():
            for violation in rule.violations(stack, args.get_config()):
                report(violation.message, violation.urn or None)

    return StackValidationPolicy(validate=validate, **_about(rule))


def _resource(seen: ResourceValidationArgs | PolicyResource, computed: Collection[str] = ()) -> Resource:
    """A resource as rules see it, without what is computed and not known yet."""
    props = mapped(serialize_properties(seen.props), _marked)
    return Resource(
        urn=seen.urn,
        type=seen.resource_type,
        name=seen.name,
        props=Properties({k: v for k, v in props.items() if v is not UNKNOWN or k not in computed}, owner=seen.urn),
        protect=seen.opts.protect,
    )


@contextmanager
def _unknown_as_pulumi_tells_it() -> Iterator[None]:
    try:
        yield
    except NotKnown as error:
        raise UnknownValueError(proxy.UNKNOWN_STRING_VALUE, [error.path]) from error


def _marked(leaf: Json) -> Json:
    """Our mark in place of each of Pulumi's, which differ by the type of what is unknown."""
    return UNKNOWN if isinstance(leaf, str) and leaf in UNKNOWNS else leaf


def _about(rule: Rule) -> Mapping[str, Json]:
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
