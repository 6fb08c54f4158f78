"""Runs a piece of program on the recording monitor and gives its registrations, for tests of components."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.offline.monitor import record
from fleet.offline.registration import Registrations
from sizing.values import Json


def registrations_of(
    program: Callable[[], Any],
    *,
    stack: str = "test",
    config: Mapping[str, str] | None = None,
    stack_outputs: Callable[[str], Mapping[str, Json]] | None = None,
) -> Registrations:
    """What `program` registers in a preview of a new stack; resources made in it are all there, with their options."""

    def no_other_stack(name: str) -> Mapping[str, Json]:
        raise AssertionError(f"no stack {name} in this test")

    return record(
        program,
        stack=stack,
        project="elastic-spark",
        config=config or {},
        stack_outputs=stack_outputs or no_other_stack,
    )
