"""A table of measurements, as people write it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from capacity.backtesting.measured import Waits, read
from capacity.errors import CapacityError

HEADER = "queue,pool,node_hours,wait_p50,wait_p95,begin,end\n"
TIME = "2026-11-01T00:00Z,2026-11-29T00:00Z"


def findings(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CapacityError) as error:
        read(path)
    return [finding.removeprefix(str(path)).lstrip(",: ") for finding in error.value.findings]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "measured.csv"


def test_pools_have_node_hours_and_queues_their_waits(path: Path) -> None:
    path.write_text(
        f"{HEADER}ads-batch,main,1200.5,8,95,2026-11-01T01:00+01:00,2026-11-29T00:00Z\n"
        f"ads-batch,spot,3,,,{TIME}\n"
        f"ads-nightly,main,,4,5,{TIME}\n"
    )
    found = read(path)
    assert found.node_hours == {("ads-batch", "main"): 1200.5, ("ads-batch", "spot"): 3}
    assert found.waits == {"ads-batch": Waits(p50=8, p95=95), "ads-nightly": Waits(p50=4, p95=5)}
    assert (found.begin, found.end) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC))
    assert found.covered == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ads-batch,,1,,,{time}", "`pool` is empty"),
        (",main,1,,,,", "`queue`, `begin`, `end` are empty"),
        ("ads-batch,main,-1,,,{time}", "`node_hours`: -1 is no amount; 0 or more is allowed"),
        ("ads-batch,main,nan,,,{time}", "`node_hours`: nan is no amount; 0 or more is allowed"),
        ("ads-batch,main,many,,,{time}", "`node_hours`: 'many' is no number"),
        ("ads-batch,main,1,5,,{time}", "`wait_p50` and `wait_p95` are both there or both empty"),
        ("ads-batch,main,1,9,5,{time}", "`wait_p95`: 5 is less than `wait_p50`, 9"),
        ("ads-batch,main,1,,,2026-11-01,2026-11-29", "`begin`: 2026-11-01 has no time zone; write it as"),
        ("ads-batch,main,1,,,soon,2026-11-29", "`begin`: 'soon' is no time"),
        ("ads-batch,main,1,,,2026-11-29T00:00Z,2026-11-01T00:00Z", "`end`: 2026-11-01T00:00Z is not after `begin`"),
        ("ads-batch,main,1", "has more or fewer values than the header"),
        ("ads-batch,main,1,,,{time},more", "has more or fewer values than the header"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(path: Path, line: str, said: str) -> None:
    (finding,) = findings(path, f"{HEADER}ads-other,main,1,,,{TIME}\n{line.format(time=TIME)}\n")
    assert finding.startswith("line 3: ")
    assert said in finding


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"ads-batch,main,1,,,{TIME}", "the pool main of ads-batch is on an earlier line too"),
        (f"ads-batch,spot,1,8,96,{TIME}", "ads-batch has other waits on an earlier line"),
        ("ads-batch,spot,1,,,2026-11-02T00:00Z,2026-11-29T00:00Z", "all lines are of one time"),
    ],
)
def test_lines_that_contradict_each_other_are_told(path: Path, line: str, said: str) -> None:
    (finding,) = findings(path, f"{HEADER}ads-batch,main,1,8,95,{TIME}\n{line}\n")
    assert said in finding


def test_all_wrong_lines_are_told_at_once_and_of_many_the_first(path: Path) -> None:
    found = findings(path, HEADER + f"ads-batch,main,x,,,{TIME}\n" * 14)
    assert len(found) == 11
    assert found[-1] == "and 4 more lines"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found none"),
        ("queue,pool\n", "found queue,pool"),
        (HEADER, "there is no line in it"),
    ],
)
def test_a_file_that_is_no_such_table_is_told(path: Path, text: str, said: str) -> None:
    (finding,) = findings(path, text)
    assert said in finding


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CapacityError, match="can't be read"):
        read(tmp_path)
