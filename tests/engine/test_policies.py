"""The policy pack says the same in the engine's preview as in the offline one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fleet.offline.policy import findings_of
from fleet.offline.programs import Exports
from infra.settings.stack_file import stack_names
from policies.config import FOLDER
from tests import samples
from tests.engine.harness import Engine, EngineError

PACK = ("--policy-pack", "policies")
PLATFORMS = [name for name in stack_names(samples.ROOT) if name.startswith("platform")]


@pytest.fixture(scope="module")
def platforms(engine_dir: Path) -> Engine:
    """Where platforms were never deployed."""
    return Engine(engine_dir / "policies-platforms")


@pytest.fixture(scope="module")
def tenants(engine_dir: Path) -> Engine:
    """Where platforms are deployed."""
    engine = Engine(engine_dir / "policies-tenants")
    for platform in PLATFORMS:
        engine.add_stack(platform, samples.exports(samples.platform_registrations(platform), platform))
    return engine


@pytest.mark.parametrize("stack", stack_names(samples.ROOT))
def test_the_pack_says_of_a_sample_what_it_says_offline(platforms: Engine, tenants: Engine, stack: str) -> None:
    if stack in PLATFORMS:
        engine, registrations, exports = platforms, samples.platform_registrations(stack), dict[str, Exports]()
    else:
        on = samples.tenant(stack)["platform"]
        engine, registrations = tenants, samples.sample_registrations(stack)
        exports = {on: samples.exports(samples.platform_registrations(on), on)}
    engine_config = engine.project_dir / FOLDER / f"{stack}.json"
    config = ("--policy-pack-config", str(engine_config)) if engine_config.exists() else ()
    found = engine.preview(stack, *PACK, *config).diagnostics
    told = {(d.policy, d.level, d.urn or registrations.stack.urn, d.message.partition("\n")[2]) for d in found}
    offline = findings_of(samples.ROOT, stack, registrations, exports)
    assert told == {(f.rule, f.enforcement.value, f.urn, f.message) for f in offline}


def _config(engine: Engine, config: Mapping[str, object]) -> tuple[str, str]:
    path = engine.project_dir / "policy-config.json"
    path.write_text(json.dumps(config))
    return "--policy-pack-config", str(path)


def test_a_broken_mandatory_rule_stops_the_engine(platforms: Engine) -> None:
    config = _config(platforms, {"images-come-from-listed-registries": {"registries": ["quay.io"]}})
    with pytest.raises(EngineError, match="images-come-from-listed-registries"):
        platforms.preview("platform-kind", *PACK, *config)


def test_a_level_in_the_configuration_holds_in_the_engine(platforms: Engine) -> None:
    rule = "images-come-from-listed-registries"
    config = _config(platforms, {rule: {"enforcementLevel": "advisory", "registries": ["quay.io"]}})
    found = platforms.preview("platform-kind", *PACK, *config).diagnostics
    assert {(d.policy, d.level) for d in found} == {(rule, "advisory")}
