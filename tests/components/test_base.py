import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi

import components
from components.base import Component, hidden
from tests.recording import registrations_of


@dataclass(frozen=True, kw_only=True)
class Inner:
    max_nodes: int


@dataclass(frozen=True, kw_only=True)
class ThingArgs:
    zones: tuple[str, ...]
    inner: Inner
    by_name: dict[str, Inner] = field(default_factory=dict)
    absent: str | None = None
    note: str = hidden(default="not shown")


class Thing(Component):
    module = "test"


def test_arguments_are_inputs_in_camel_case_without_what_is_absent_or_hidden() -> None:
    args = ThingArgs(zones=("b", "a"), inner=Inner(max_nodes=3), by_name={"z": Inner(max_nodes=1)})
    thing = registrations_of(lambda: Thing("thing", args)).one("elastic-spark:test:Thing")
    assert thing.inputs == {"zones": ["b", "a"], "inner": {"maxNodes": 3}, "byName": {"z": {"maxNodes": 1}}}


def test_children_wait_for_what_their_component_waits_for() -> None:
    class Outer(Component):
        module = "test"

        def __init__(self, name: str, args: ThingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
            super().__init__(name, args, opts)
            first = Thing(f"{name}-first", args, self.child())
            Thing(f"{name}-second", args, self.child(depends_on=[first]))

    def program() -> None:
        args = ThingArgs(zones=(), inner=Inner(max_nodes=0))
        before = leaf("before")
        Outer("outer", args, pulumi.ResourceOptions(depends_on=[before]))

    def leaf(name: str) -> pulumi.CustomResource:
        return pulumi.CustomResource("test:index:Leaf", name, {})

    registrations = registrations_of(program)
    before = registrations.one("test:index:Leaf").urn
    assert registrations.one("elastic-spark:test:Thing", "outer-first").dependencies == (before,)
    assert before in registrations.one("elastic-spark:test:Thing", "outer-second").dependencies


def test_options_reach_the_component() -> None:
    args = ThingArgs(zones=(), inner=Inner(max_nodes=0))
    thing = registrations_of(lambda: Thing("thing", args, pulumi.ResourceOptions(protect=True))).one(
        "elastic-spark:test:Thing"
    )
    assert thing.options.protect


def all_args() -> Iterator[tuple[str, Any]]:
    for module in pkgutil.walk_packages(components.__path__, "components."):
        for name, thing in inspect.getmembers(importlib.import_module(module.name), dataclasses.is_dataclass):
            if name.endswith("Args") and thing.__module__ == module.name:
                yield name, thing


def test_arguments_have_no_default_but_that_something_is_not_there() -> None:
    """Who makes a component says what it is; an argument that nobody thought of is not made up."""
    defaults = {
        f"{name}.{one.name}"
        for name, args in all_args()
        for one in dataclasses.fields(args)
        if one.default not in (dataclasses.MISSING, None) or one.default_factory is not dataclasses.MISSING
    }
    assert not defaults
    assert len(list(all_args())) > 30
