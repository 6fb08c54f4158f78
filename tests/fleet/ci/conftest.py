"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fleet.ci.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A GitHub of its own."""
    with serving() as running:
        yield running
