"""What is kept beside a trace of how far its replays were off."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from capacity.backtesting.comparing import BackTest, PoolTest, QueueTest
from capacity.backtesting.measured import Waits
from capacity.backtesting.record import path_of, read_error, record_of, said, text_of
from capacity.errors import CapacityError

END = datetime(2026, 11, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def a_test(measured: float | None = 100, p95: float | None = 50, weeks: float = 4) -> BackTest:
    pool = PoolTest(name="main", replayed=104, measured=measured)
    seen = None if p95 is None else Waits(p50=5, p95=p95)
    queue = QueueTest(
        namespace="ads-batch",
        replayed=Waits(p50=4, p95=46, jobs=10),
        measured=seen,
        unsubmitted=0,
        pools=(pool,),
    )
    return BackTest(begin=END - timedelta(weeks=weeks), end=END, covered=1, source="x", queues=(queue,), jobless=())


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "ads.parquet"
    path_of(path).write_text(text_of(record_of(a_test(), NOW)))
    return path


def test_it_stands_beside_the_trace_and_is_read_again(trace: Path) -> None:
    assert path_of(trace).name == "ads.backtest.json"
    found = read_error(trace)
    assert found == record_of(a_test(), NOW)
    assert found is not None
    assert (found.when, found.end, found.weeks) == (NOW, END, 4)
    assert found.node_hours == pytest.approx(0.04)
    assert found.waits == pytest.approx(-0.08)
    assert found.queues[0].pools[0].error == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (a_test(), "Replays of this trace were off by +4 % in node hours and -8 % in waits (4 weeks to 2026-11-23)"),
        (a_test(p95=None), "Replays of this trace were off by +4 % in node hours (4 weeks to 2026-11-23)"),
        (
            a_test(measured=None, weeks=1),
            "Replays of this trace were off by -8 % in waits (1 week to 2026-11-23)",
        ),
        (
            a_test(measured=1),
            "Replays of this trace were off by +10,300 % in node hours and -8 % in waits (4 weeks to 2026-11-23)",
        ),
    ],
)
def test_it_is_one_sentence(test: BackTest, sentence: str) -> None:
    assert said(record_of(test, NOW)) == sentence


def test_where_nobody_looked_that_is_said(tmp_path: Path) -> None:
    assert read_error(tmp_path / "other.parquet") is None
    assert said(None) == "Never held against measurements: fleet capacity backtest"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"node_hours": "much"}, "node_hours: "),
        ({"node_hours": -1.5}, "node_hours: "),
        ({"weeks": 0}, "weeks: "),
        ({"when": "2026-11-24T08:00:00"}, "when: "),
        ({"version": 2}, "version: "),
        ({"more": 1}, "more: "),
        ({"end": "2026-01-01T00:00:00Z"}, "`end` is not after `begin`"),
        ({"node_hours": None, "waits": None}, "neither `node_hours` nor `waits` is there"),
    ],
)
def test_a_changed_file_is_one_clear_error(trace: Path, change: dict[str, Any], what: str) -> None:
    path = path_of(trace)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CapacityError) as error:
        read_error(trace)
    (finding,) = error.value.findings
    assert finding.startswith(f"{path} is no back-test as it was written: ")
    assert what in finding
    assert finding.endswith("run `fleet capacity backtest` again, or delete the file")


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_what_is_no_such_file_is_one_clear_error(trace: Path, text: str) -> None:
    path_of(trace).write_text(text)
    with pytest.raises(CapacityError, match="is no back-test as it was written"):
        read_error(trace)
