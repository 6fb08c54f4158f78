"""What the tests of this folder share: the engine, if this machine has one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def engine_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory for engine runs; skips the test where there is no engine."""
    if shutil.which("pulumi") is None:
        pytest.skip("needs the pulumi CLI on PATH: https://www.pulumi.com/docs/iac/download-install/")
    return tmp_path_factory.mktemp("engine")
