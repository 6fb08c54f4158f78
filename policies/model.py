"""What a rule is, and what it looks at."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from policies.values import NotThere, Properties
from sizing.values import Json

STACK: Final = "pulumi:pulumi:Stack"
STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
UNREADABLE: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What a rule meets in a resource that isn't made as its provider documents it. It stops, as a violation does."""


class Severity(StrEnum):
    """How bad a violation is, by Pulumi's words."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Enforcement(StrEnum):
    """What a violation does, by Pulumi's words; the policy configuration of a stack can set another one."""

    ADVISORY = "advisory"
    """It is shown."""
    MANDATORY = "mandatory"
    """It stops the preview and the deployment."""
    DISABLED = "disabled"
    """The rule isn't asked."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as rules see it.

    Attributes:
        urn: its URN.
        type: its type token, such as `aws:kms/key:Key`.
        name: its name in the program.
        props: for a resource rule its inputs; for a stack rule what it has after the deployment: inputs and computed
            values of a resource, the registered outputs of a component, the exports of the stack. These are empty in
            the preview of a resource whose provider isn't configured yet: Kubernetes' before there is a cluster.
        protect: whether Pulumi refuses to delete it.
    """

    urn: str
    type: str
    name: str
    props: Properties
    protect: bool = False


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, for rules over several of them."""

    resources: tuple[Resource, ...]

    def known(self, *tokens: str) -> Sequence[Resource]:
        """The resources of these types of which the engine knows anything yet; the others are asked about at `up`."""
        return [resource for resource in self.of_type(*tokens) if resource.props]

    def of_type(self, *tokens: str) -> Sequence[Resource]:
        """The resources of these types, in the order of their URNs."""
        return [resource for token in tokens for resource in self._by_type.get(token, ())]

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in sorted(self.resources, key=lambda resource: resource.urn):
            found.setdefault(resource.type, []).append(resource)
        return found

    @property
    def exports(self) -> Properties:
        """What the stack exports; empty where it exports nothing."""
        return next((stack.props for stack in self.of_type(STACK)), Properties({}))

    @property
    def contract(self) -> Properties | None:
        """The contract of a platform's stack, or of the platform that a tenant's stack refers to; None without one."""
        for exports in (self.exports, *(reference.props.get("outputs") for reference in self.of_type(STACK_REFERENCE))):
            if exports is not None and "contract" in exports:
                contract: Properties = exports["contract"]
                return contract
        return None

    @property
    def is_tenants(self) -> bool:
        """Whether it is a tenant's: it refers to a platform and is none itself."""
        return "contract" not in self.exports and self.contract is not None

    @property
    def production(self) -> bool:
        """Whether it belongs to a production platform."""
        contract = self.contract
        return contract is not None and contract.get("environment") == "production"


@dataclass(frozen=True)
class Violation:
    """What a stack rule found; `urn` is empty where it is about the stack as a whole."""

    message: str
    urn: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of the pack.

    Attributes:
        name: unique in the pack; the policy configuration knows the rule by it.
        area: what it is about; the name of its module.
        statement: what must hold, a sentence.
        reason: why.
        remedy: what to do about a violation.
        severity: of a violation.
        enforcement: what a violation does where the configuration says nothing.
        options: the JSON Schema, with a default, of each value that the configuration may set.
        types: of the resources that a resource rule looks at; None for a stack rule.
        check: gives a message for each violation of a resource, or the violations of a stack.
    """

    name: str
    area: str
    statement: str
    reason: str
    remedy: str
    severity: Severity
    enforcement: Enforcement
    options: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    types: frozenset[str] | None
    check: Callable[..., Iterable[Any]]

    def messages(self, resource: Resource, options: Mapping[str, Json]) -> Iterator[str]:
        """What this resource rule says about a resource of one of its types; of one that it can't read, that it can't.

        Raises:
            NotKnown: it depends on a value that is not known yet.
        """
        try:
            yield from self.check(resource, **self._arguments(options))
        except UNREADABLE as error:
            yield _unreadable(error)

    def violations(self, stack: Stack, options: Mapping[str, Json]) -> Iterator[Violation]:
        """What this stack rule says about a stack, likewise.

        Raises:
            NotKnown: it depends on a value that is not known yet.
        """
        try:
            yield from self.check(stack, **self._arguments(options))
        except UNREADABLE as error:
            yield Violation(_unreadable(error), error.owner if isinstance(error, NotThere) else "")

    def _arguments(self, options: Mapping[str, Json]) -> Mapping[str, Json]:
        return {_snake(name): options.get(name, schema["default"]) for name, schema in self.options.items()}


ResourceCheck = Callable[..., Iterable[str]]
StackCheck = Callable[..., Iterable[Violation]]


def resource_rule(
    *types: str,
    remedy: str,
    severity: Severity = Severity.HIGH,
    enforcement: Enforcement = Enforcement.MANDATORY,
    options: Mapping[str, Mapping[str, Json]] | None = None,
) -> Callable[[ResourceCheck], Rule]:
    """Make a rule of a function that gives a message for each violation of a resource of these types.

    The function's name becomes the rule's; the first line of its docstring says what must hold, the rest why. It gets
    the resource, and each option by its name.
    """

    def rule(check: ResourceCheck) -> Rule:
        return _rule(check, frozenset(types), remedy, severity, enforcement, options)

    return rule


def stack_rule(
    *,
    remedy: str,
    severity: Severity = Severity.HIGH,
    enforcement: Enforcement = Enforcement.MANDATORY,
    options: Mapping[str, Mapping[str, Json]] | None = None,
) -> Callable[[StackCheck], Rule]:
    """Make a rule of a function that gives the violations of a whole stack; see `resource_rule`."""

    def rule(check: StackCheck) -> Rule:
        return _rule(check, None, remedy, severity, enforcement, options)

    return rule


def _rule(
    check: Callable[..., Iterable[Any]],
    types: frozenset[str] | None,
    remedy: str,
    severity: Severity,
    enforcement: Enforcement,
    options: Mapping[str, Mapping[str, Json]] | None,
) -> Rule:
    statement, _, reason = inspect.getdoc(check).partition("\n\n")  # type: ignore[union-attr]
    return Rule(
        name=check.__name__.replace("_", "-"),
        area=check.__module__.rpartition(".")[2],
        statement=_one_line(statement),
        reason=_one_line(reason),
        remedy=remedy,
        severity=severity,
        enforcement=enforcement,
        options=dict(options or {}),
        types=types,
        check=check,
    )


def _unreadable(error: Exception) -> str:
    if isinstance(error, NotThere):
        return f"{error.path} is not set, and the rule needs it"
    return f"the rule can't read it: {type(error).__name__}: {_one_line(str(error))}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda capital: f"_{capital[0].lower()}", name)
