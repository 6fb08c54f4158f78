"""What tests of the client share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.api_stand_in import StandIn, kubeconfig, served


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An API server with the queue ads-batch, of a person whose kubeconfig leads to it."""
    with served() as there:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "kubeconfig", there.url)))
        monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
        for name in ("SKATE_QUEUE", "SKATE_CONTEXT", "AWS_PROFILE", "AWS_REGION", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        yield there
