"""Rules for resources of any kind: that rules see what a stack makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from policies.model import Severity, Stack, Violation, stack_rule

KNOWN: Final = ("aws", "eks", "elastic-spark", "kubernetes", "pulumi")
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
"""The account `default`, which Kubernetes makes in each namespace, gets no token (components/queue/queue.py)."""


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Make it as a resource of a known package, or list its package in this rule's option `others`.",
    options={
        "others": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Packages whose resources a stack may make as well: what a type has before its first colon.",
        }
    },
)
def resources_are_of_known_packages(stack: Stack, others: Sequence[str]) -> Iterator[Violation]:
    """A stack makes resources of packages that these rules know, and none that is a program or a template itself.

    Rules know types by name. The same bucket from another package, a CloudFormation template or a command passes all of
    them.
    """
    for resource in stack.resources:
        package = resource.type.removeprefix("pulumi:providers:").partition(":")[0]
        if package not in (*KNOWN, *others):
            yield Violation(f"no rule knows {resource.type}", resource.urn)
        elif resource.type in MAKES_ANYTHING:
            yield Violation(f"{resource.type} makes what no rule sees", resource.urn)


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
