"""Each stack of this project registers offline what it registers on the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.preview import preview
from infra.stack_file import stack_names, stack_path
from tests.engine.harness import REPOSITORY, differences, run_engine


@pytest.mark.parametrize("stack", stack_names(REPOSITORY))
def test_a_sample_registers_offline_what_it_does_on_the_engine(stack: str, engine_dir: Path) -> None:
    run = run_engine(stack_path(REPOSITORY, stack), engine_dir / stack)
    (offline,) = preview(REPOSITORY, [stack], jobs=1)
    assert offline.plan is not None, offline.failure
    assert differences(offline.plan, run.plan) == {}
