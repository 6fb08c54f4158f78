"""What the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.clones import make_origin


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in a repository of its own; nobody may change it."""
    root = tmp_path_factory.mktemp("origin")
    make_origin(root)
    return root
