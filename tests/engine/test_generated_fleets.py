"""Whatever the settings, a stack registers offline what it does on the engine, and its changes are told as they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from fleet.offline.changes.difference import Operation, difference
from fleet.offline.preview import previews
from fleet.offline.programs import run_program_of
from fleet.offline.references import named
from fleet.offline.registration import Registrations
from infra.settings.validation import PLATFORM_KEY, REGION_KEY, TENANT_KEY
from tests.engine.harness import Engine, differences
from tests.engine.steps import as_far_as_told, told_steps, without_unknowns
from tests.strategies import fleets, listed_databases
from tests.tenant_strategies import REGION

pytestmark = pytest.mark.slow

Settings = dict[str, Any]
EXAMPLES = 4
"""Fleets that are made up for each seed, of which the last is taken: the first ones are the simplest."""
MAXIMUM_TENANTS = 2
PLATFORM, TENANT = "platform", "tenant"


def _fleet(number: int) -> tuple[Settings, list[Settings]]:
    """A platform and its tenants, the same for the same number."""
    found: list[tuple[Settings, list[Settings]]] = []

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(fleets())
    def keep(fleet: tuple[Settings, list[Settings]]) -> None:
        found.append(fleet)

    keep()
    return found[-1]


@pytest.mark.parametrize("number", range(3))
def test_a_fleet_registers_offline_what_it_does_on_the_engine(number: int, engine_dir: Path) -> None:
    platform, tenants = _fleet(number)
    engine = Engine(engine_dir / f"fleet-{number}")
    stacks = {PLATFORM: platform, **{tenant["name"]: tenant for tenant in tenants[:MAXIMUM_TENANTS]}}
    for stack, registrations in _recorded(engine, stacks).items():
        assert differences(registrations, engine.preview(stack).registrations) == {}, stack
        if stack == PLATFORM:
            engine.add_stack(stack, named(registrations.stack.outputs, stack))


def test_a_change_of_a_fleet_is_told_as_the_engine_says_it(engine_dir: Path) -> None:
    of_several = (fleet for fleet in map(_fleet, count(3)) if len(fleet[1]) > 1)
    (platform, tenants), (other_platform, _) = next(of_several), next(of_several)
    engine = Engine(engine_dir / "changed")
    before = _recorded(engine, {PLATFORM: _open_to_team(platform, tenants), TENANT: _called("team", tenants[0])})
    for stack in before:
        engine.up(stack)
    # The tenant first: a platform with other zones would refuse it.
    for stack, settings_after in ((TENANT, _called("team", tenants[1])), (PLATFORM, _called("spark", other_platform))):
        after = _recorded(engine, {stack: settings_after})[stack]
        told = told_steps(difference(before[stack], after))
        assert {step.operation for step in told.values()} >= {Operation.ADDED, Operation.REMOVED, Operation.CHANGED}
        assert told == as_far_as_told(without_unknowns(engine.steps(stack), before[stack], after), told)


def _called(name: str, chosen: Settings) -> Settings:
    """Settings under another name, of an environment in which nothing is protected."""
    return {**chosen, "name": name, **({} if "queues" in chosen else {"environment": "development"})}


def _open_to_team(platform: Settings, tenants: list[Settings]) -> Settings:
    """The platform, letting one tenant in with all that these may use."""
    listed = [one for tenant in tenants for one in platform["tenants"][tenant["name"]].get("data", [])]
    data = [one for number, one in enumerate(listed) if one not in listed[:number]]
    team = {"data": data, "databases": listed_databases(tenants)}
    return {**_called("spark", platform), "tenants": {"team": team}}


def _recorded(engine: Engine, stacks: Mapping[str, Settings]) -> dict[str, Registrations]:
    """Give stacks their settings, and preview them offline by the engine's own copy of the program."""
    for stack, chosen in stacks.items():
        engine.configure(stack, {REGION_KEY: REGION, TENANT_KEY if "queues" in chosen else PLATFORM_KEY: chosen})
    tree = engine.project_dir
    done = previews(tree, list(stacks), jobs=2, program=partial(run_program_of, tree))
    recorded = {stack: done[stack].registrations for stack in stacks}
    assert all(recorded.values()), [preview.failure for preview in done.values()]
    return {stack: registrations for stack, registrations in recorded.items() if registrations is not None}
