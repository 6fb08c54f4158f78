"""Each stack of this project registers offline what it registers on the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.offline.preview import platform_of, preview
from fleet.offline.stack_preview import exports_of
from infra.settings.stack_file import stack_names, stack_path
from tests.engine.harness import REPOSITORY, differences, run_engine


@pytest.mark.parametrize("stack", stack_names(REPOSITORY))
def test_a_sample_registers_offline_what_it_does_on_the_engine(stack: str, engine_dir: Path) -> None:
    platform = platform_of(REPOSITORY, stack)
    found = preview(REPOSITORY, [stack, *([platform] if platform else [])], jobs=2).stacks
    assert found[0].registrations is not None, found[0].failure
    others = {platform: exports_of(found[1])} if platform else {}
    run = run_engine(stack_path(REPOSITORY, stack), engine_dir / stack, others)
    assert differences(found[0].registrations, run.registrations) == {}
