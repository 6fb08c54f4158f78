"""The real engine destroys this project's stacks so that nobody locks himself out, and again after a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.offline.registration import Registrations
from tests import samples
from tests.destroy_order import outlived_by
from tests.engine.echo_provider import OUTPUTS_MODULE
from tests.engine.harness import Engine, EngineError

PLATFORM = "platform-dev"


def _too_early(registrations: Registrations, deleted: list[str]) -> list[str]:
    """What was deleted before something that needed it."""
    needs, place = outlived_by(registrations), {urn: index for index, urn in enumerate(deleted)}
    return [
        f"{other} before {urn}"
        for urn in deleted
        for other in needs.get(urn, ())
        if other in place and place[other] < place[urn]
    ]


def _of_providers(registrations: Registrations) -> set[str]:
    """What a provider deletes: neither components, nor what is the engine's own or goes with something else."""
    return {
        urn
        for urn, one in registrations.items()
        if one.custom and not one.type.startswith("pulumi:") and not one.options.deleted_with
    }


def _deployed(engine_dir: Path, stack: str) -> tuple[Engine, Registrations]:
    engine = Engine(engine_dir / f"destroy-{stack}")
    if stack != PLATFORM:
        engine.add_stack(PLATFORM, samples.exports(samples.platform_registrations(PLATFORM), PLATFORM))
    return engine, engine.up(stack).registrations


@pytest.mark.parametrize(
    ("stack", "failing"),
    [
        (PLATFORM, "spark-dev-autoscaler-chart"),
        ("ads-dev", "ads-batch-namespace"),
    ],
)
def test_a_destroy_that_fails_in_the_middle_is_run_again(engine_dir: Path, stack: str, failing: str) -> None:
    engine, registrations = _deployed(engine_dir, stack)
    with engine.failing(failing), pytest.raises(EngineError, match=f"{failing} can't be deleted"):
        engine.destroy(stack)
    first = engine.deleted()
    kept = next(urn for urn in registrations if urn.endswith(f"::{failing}"))
    assert first
    assert not {kept, *outlived_by(registrations)[kept]} & set(first)
    deleted = first + engine.destroy(stack)
    assert _too_early(registrations, deleted) == []
    assert {urn for urn in deleted if f":{OUTPUTS_MODULE}:" not in urn} == _of_providers(registrations)
    assert deleted[-1] not in first


def test_nobody_is_locked_out_of_a_cluster_that_is_not_empty(engine_dir: Path) -> None:
    engine = Engine(engine_dir / "destroy-order")
    engine.up(PLATFORM)
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in engine.destroy(PLATFORM)]
    last = max(place for place, kind in enumerate(kinds) if kind.startswith("kubernetes:"))
    access = [p for p, kind in enumerate(kinds) if kind.startswith(("aws:eks/accessEntry:", "aws:eks/accessPolicy"))]
    control_plane = kinds.index(f"eks:{OUTPUTS_MODULE}:Outputs")
    groups = [place for place, kind in enumerate(kinds) if kind == "aws:autoscaling/group:Group"]
    assert last < min(access)
    assert max(groups) < control_plane
    assert max(access) < control_plane < kinds.index("aws:ec2/vpc:Vpc")
