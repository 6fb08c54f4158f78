"""What the tests of this folder share: the engine, if this machine has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import cli


@pytest.fixture(scope="session")
def engine_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory for engine runs; skips the test where there is no engine."""
    if cli.available() is None:
        pytest.skip("no Pulumi CLI here: `make test-engine` builds one")
    return tmp_path_factory.mktemp("engine")
