"""A Prometheus that has lived through the story, for all tests of this folder."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.observability.programs import Programs, ProgramsError, available
from tests.observability.replayed import Replayed, replayed_story


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Prometheus and promtool; skips the test where they are not."""
    try:
        return available()
    except ProgramsError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def replayed(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    """The story, which ends now, in a Prometheus that evaluates the rules from here on. Leave it as it is."""
    end = time.time() // 30 * 30
    with replayed_story(programs, tmp_path_factory.mktemp("prometheus"), end) as running:
        yield running
