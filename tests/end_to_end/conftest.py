"""A platform whose programs are named by environment variables, and people who log in to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.binaries import BinariesError, available
from tests.cluster.pod_shapes import ENGINEER
from tests.cluster.spark import spark_here
from tests.end_to_end.clock import TIMES
from tests.end_to_end.platform import QUEUE, Platform, platform
from tests.end_to_end.programs import programs_here


@pytest.fixture(scope="session")
def whole_platform() -> Iterator[Platform]:
    """The platform; skips the test where a part of it is missing."""
    programs, spark = programs_here(), spark_here()
    if isinstance(programs, str):
        pytest.skip(programs)
    if isinstance(spark, str):
        pytest.skip(spark)
    try:
        binaries = available()
    except BinariesError as error:
        pytest.skip(str(error))
    with platform(programs, binaries, spark) as there:
        yield there


@pytest.fixture
def there(whole_platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """The platform with an empty queue, and an engineer of the tenant who is logged in to it."""
    plane = whole_platform.cluster.plane
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SKATE_QUEUE", QUEUE)
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig_of(ENGINEER.name, ENGINEER.groups)))
    yield whole_platform
    whole_platform.is_empty()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how long jobs took from step to step."""
    if TIMES:
        terminalreporter.section("seconds from submission")
        for line in TIMES:
            terminalreporter.write_line(line)
