"""The story with what only dashboards ask for."""

from __future__ import annotations

import pytest

from tests.observability.dashboards.more_samples import more_samples
from tests.observability.replayed import Replayed


@pytest.fixture(scope="session")
def told(replayed: Replayed) -> Replayed:
    """The running Prometheus. No rule reads what is added, so that all else in it stays as it is."""
    replayed.server.write(more_samples(replayed.script))
    return replayed
