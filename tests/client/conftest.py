"""What tests of the client share."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import issuer
from tests.client.api_stand_in import StandIn, kubeconfig, served


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An API server with the queue ads-batch, of a person whose kubeconfig leads to it."""
    with served() as there:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "kubeconfig", there.url)))
        monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
        for name in (
            "SKATE_QUEUE",
            "SKATE_CONTEXT",
            "SKATE_ISSUER",
            "SKATE_CLIENT_ID",
            "AWS_PROFILE",
            "AWS_REGION",
            "NO_COLOR",
            "FORCE_COLOR",
        ):
            monkeypatch.delenv(name, raising=False)
        yield there


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[issuer.Provider]:
    """An identity provider, of a person who has it open in their browser."""
    folder = tmp_path / "issuer"
    folder.mkdir()
    authority = folder / "ca.crt"

    def opens(url: str) -> bool:
        threading.Thread(target=issuer.visit, args=(url, authority), daemon=True).start()
        return True

    with issuer.served(folder) as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        monkeypatch.setenv("BROWSER", "of this test")
        monkeypatch.setattr(webbrowser, "open", opens)
        yield there
