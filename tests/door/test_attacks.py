"""Every row of the tables, on the door as it runs."""

from __future__ import annotations

import pytest

from components.software.versions import ENVOY_GATEWAY
from tests.door import programs
from tests.door.attacks import ROWS
from tests.door.attacks_upgrades import websocket
from tests.door.attempts import GRAFANA, Row, reaches
from tests.door.running import Door


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_an_attack_comes_to_nothing_and_its_twin_passes(door: Door, row: Row) -> None:
    wrong = row.holds(door, row.attack(door))
    assert not wrong, wrong
    answer = row.twin(door)
    assert answer.status == 200
    wrong = reaches(row.behind)(door, answer)
    assert not wrong, f"the twin: {wrong}"


def test_rows_are_told_apart() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_programs_are_those_that_the_platform_runs() -> None:
    assert programs.gateway().version == f"v{ENVOY_GATEWAY.version.removeprefix('v')}"
    assert programs.envoy_version() == programs.image_version()


def test_grafanas_own_page_opens_its_websocket(door: Door) -> None:
    answer = websocket()(door)
    assert answer.status == 101
    assert not reaches(GRAFANA, upgrade=["websocket"], authorization=[])(door, answer)
