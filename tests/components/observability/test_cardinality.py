"""How many series there are, and what docs/monitoring.md says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pytest

from components.observability import cardinality
from components.observability.cardinality import Load, series
from infra.settings.observability_sizes import load
from infra.settings.platform import AwsPlatform
from infra.settings.validation import stack_settings
from sizing import observability
from sizing.quantities import GIB
from tests import samples

PAGE: Final = (samples.ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
EACH: Final = ("one of", "series", "made of")
PLATFORMS: Final = (
    "platform",
    "nodes",
    "executors",
    "drivers",
    "queues",
    "series",
    "cpu of one Prometheus",
    "its memory",
    "31 days",
)


def table(columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of the page's table that has these columns."""
    head = f"| {' | '.join(columns)} |\n"
    assert PAGE.count(head) == 1, f"docs/monitoring.md has no table {head}"
    lines = PAGE.partition(head)[2].partition("\n\n")[0].splitlines()[1:]
    return [dict(zip(columns, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines]


def shown(whole: Load) -> dict[str, str]:
    """What the page says of a platform."""
    count = series(whole)
    prometheus = observability.prometheus(count, replicas=1)
    return {
        "nodes": f"{whole.nodes:,}",
        "executors": f"{whole.executors:,}",
        "drivers": f"{whole.drivers:,}",
        "queues": f"{whole.queues:,}",
        "series": f"{round(count, -3):,}",
        "cpu of one Prometheus": f"{prometheus.cpu / 1000:.1f}",
        "its memory": f"{prometheus.memory / GIB:g} GiB",
        "31 days": f"{observability.minimum_volume_gib(count, 31)} GiB",
    }


EACH_ROWS: Final = table(EACH)
PLATFORM_ROWS: Final = table(PLATFORMS)
COUNTED: Final[Mapping[str, int]] = {
    "node": cardinality.per_node(),
    "executor": cardinality.per_executor(),
    "driver": cardinality.per_driver(),
    "queue": cardinality.QUEUE,
    "platform": cardinality.PLATFORM,
}


def test_the_page_says_how_many_series_one_of_each_has() -> None:
    assert {row["one of"]: row["series"] for row in EACH_ROWS} == {of: f"{count:,}" for of, count in COUNTED.items()}


@pytest.mark.parametrize("row", EACH_ROWS[:3], ids=lambda row: str(row["one of"]))
def test_what_they_are_made_of_adds_up(row: Mapping[str, str]) -> None:
    assert sum(map(int, re.findall(r"\d+", row["made of"]))) == COUNTED[row["one of"]]


def test_the_sample_platform_has_as_many_as_the_page_says() -> None:
    row = next(row for row in PLATFORM_ROWS if row["platform"].startswith("`platform-dev`"))
    settings = stack_settings("platform-dev", samples.config_of(samples.platform(), region="eu-central-1")).settings
    assert isinstance(settings, AwsPlatform)
    assert row == {"platform": row["platform"], **shown(load(settings))}


@pytest.mark.parametrize("row", PLATFORM_ROWS, ids=lambda row: str(row["platform"]))
def test_each_platform_has_what_comes_of_its_size(row: Mapping[str, str]) -> None:
    size = {key: int(row[key].replace(",", "")) for key in ("nodes", "executors", "drivers", "queues")}
    assert row == {"platform": row["platform"], **shown(Load(**size))}


def test_series_grow_with_nodes_executors_drivers_and_queues() -> None:
    none = Load(nodes=0, executors=0, drivers=0, queues=0)
    assert series(none) == cardinality.PLATFORM
    assert series(Load(nodes=2, executors=6, drivers=1, queues=1)) == (
        cardinality.PLATFORM
        + 2 * cardinality.per_node()
        + 6 * cardinality.per_executor()
        + cardinality.per_driver()
        + cardinality.QUEUE
    )
