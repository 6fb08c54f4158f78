"""A control plane with a platform and its tenants on it, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import samples
from tests.cluster.binaries import Binaries, BinariesError, available
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.spark import Spark, spark_here
from tests.cluster.tables import TENANTS, coverage


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """The programs of a control plane; skips the test where there are none."""
    try:
        return available()
    except BinariesError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def spark() -> Spark:
    """A real Spark; skips the test where there is none."""
    found = spark_here()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(scope="session")
def cluster(binaries: Binaries) -> Iterator[Cluster]:
    """The development platform with a door, and its tenants: queues `ads-batch` and those of `research` and `search`.

    Everybody uses the same one: leave it as you found it.
    """
    with control_plane(binaries) as plane:
        running = Cluster(plane)
        running.deploy(samples.doored_platform(), [samples.doored_registrations(stack) for stack in TENANTS])
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the attack tables cover, whenever they were run."""
    if any("test_attacks.py" in report.nodeid for report in terminalreporter.getreports("passed")):
        terminalreporter.section("attack tables")
        for line in coverage():
            terminalreporter.write_line(line)
