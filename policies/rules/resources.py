"""Rules for resources of any kind: that rules see what a stack makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from policies.model import Severity, Stack, Violation, stack_rule

PACKAGES: Final = ("aws", "eks", "elastic-spark", "kubernetes", "pulumi")
MAKES_ANYTHING: Final = (
    "aws:cloudcontrol/resource:Resource",
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackInstances:StackInstances",
    "aws:cloudformation/stackSet:StackSet",
    "aws:lambda/invocation:Invocation",
    "aws:ssm/association:Association",
)
"""Types of known packages whose properties are a template, a text of another API or a program."""
PATCHED: Final = ("kubernetes:core/v1:ServiceAccountPatch",)
"""The account `default`, which Kubernetes makes in each namespace, gets no token (components/queue.py)."""


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Make it as a resource of a known package, or list its package in this rule's option `packages`.",
    options={
        "packages": {
            "type": "array",
            "items": {"type": "string"},
            "default": list(PACKAGES),
            "description": "Packages of resources that a stack may make: what stands before the first colon of a type.",
        }
    },
)
def resources_are_of_known_packages(stack: Stack, packages: Sequence[str]) -> Iterator[Violation]:
    """A stack makes resources of packages that these rules know, and none that is a program or a template itself.

    Rules know types by name. The same bucket from another package, a CloudFormation template or a command passes all of
    them.
    """
    for resource in stack.resources:
        package = resource.type.removeprefix("pulumi:providers:").partition(":")[0]
        if package not in packages or resource.type in MAKES_ANYTHING:
            yield Violation(f"{resource.type} {resource.name}", resource.urn)


@stack_rule(
    severity=Severity.HIGH,
    remedy="Change the object where it is made.",
)
def objects_in_kubernetes_are_not_patched(stack: Stack) -> Iterator[Violation]:
    """A stack makes whole objects in Kubernetes, and patches none but a queue's default service account.

    Rules look at whole objects. A patch changes one of another stack, or of Kubernetes itself, where no rule looks.
    """
    for resource in stack.resources:
        if resource.type.startswith("kubernetes:") and resource.type.endswith("Patch") and resource.type not in PATCHED:
            yield Violation(f"{resource.type.rpartition(':')[2]} {resource.name}", resource.urn)
