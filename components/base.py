"""What every component shares: its type token, its arguments as inputs, and options for its children."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi

from sizing.values import Json, mapped

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Component(pulumi.ComponentResource):
    """A ComponentResource whose arguments are its inputs, so that reviewers, policies and previews see derived numbers.

    Subclasses set `module`; their type token is `elastic-spark:<module>:<Class>`.

    Args:
        name: the resource name; children are named `f"{name}-{role}"`.
        args: a frozen dataclass of plain values and Outputs; fields whose metadata says `hidden` are not made inputs.
        opts: the component's resource options; providers given here are inherited by all children.
        derived: further inputs, of what the component makes of its arguments and its children show less well.
    """

    module: ClassVar[str]

    def __init__(
        self,
        name: str,
        args: DataclassInstance,
        opts: pulumi.ResourceOptions | None = None,
        derived: Mapping[str, Json] | None = None,
    ) -> None:
        inputs = inputs_of(args) | dict(derived or {})
        super().__init__(f"elastic-spark:{self.module}:{type(self).__name__}", name, inputs, opts)
        self._after = opts.depends_on if opts and opts.depends_on else []

    def child(self, **options: Any) -> pulumi.ResourceOptions:  # noqa: ANN401
        """Options for a resource inside this component.

        Pulumi does not hand a component's `depends_on` down, so that it would hold at creation only by accident and not
        at all at deletion: here every child waits for what its component waits for.
        """
        after = pulumi.ResourceOptions(depends_on=self._after)
        return pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(parent=self, **options))


def hidden(**kwargs: Any) -> Any:  # noqa: ANN401
    """A dataclass field that is not shown as an input: a resource, or text that children show better."""
    return dataclasses.field(metadata={"hidden": True}, **kwargs)


def inputs_of(args: DataclassInstance) -> dict[str, Json]:
    """The fields of a dataclass as component inputs: camelCase keys, nested dataclasses as objects, `None` left out."""
    return {
        _camel(field.name): value
        for field in dataclasses.fields(args)
        if not field.metadata.get("hidden") and (value := mapped(getattr(args, field.name), _input)) is not None
    }


def _input(leaf: Json) -> Json:
    if dataclasses.is_dataclass(leaf) and not isinstance(leaf, type):
        return inputs_of(leaf)
    return sorted(leaf) if isinstance(leaf, frozenset | set) else leaf


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)
