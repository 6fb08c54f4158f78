"""An Airflow, and a small API server that its connection leads to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.environment import Airflow, airflow_here, copied, kubeconfig_text, migrated
from tests.client.api_stand_in import QUEUE, StandIn, served


@pytest.fixture(scope="session")
def packages() -> Path:
    """Where Airflow is; skips the test where it is nowhere."""
    found = airflow_here()
    if found is None:
        pytest.skip("there is no Airflow here: `make test-airflow` installs one")
    return found


@pytest.fixture(scope="session")
def fresh(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An Airflow's folder with a new database."""
    home = tmp_path_factory.mktemp("airflow")
    migrated(home, packages)
    return home


@pytest.fixture
def queue() -> Iterator[StandIn]:
    """An API server with the queue ads-batch."""
    with served() as there:
        yield there


@pytest.fixture
def airflow(queue: StandIn, fresh: Path, packages: Path, tmp_path: Path) -> Airflow:
    """An Airflow whose connection leads to that queue."""
    home = copied(fresh, tmp_path / "airflow")
    extra = {"kubeconfig": kubeconfig_text(queue.url), "queue": QUEUE}
    return Airflow(home, packages, {"extra": extra}, {})
