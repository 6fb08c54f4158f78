from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capacity.errors import CapacityError
from capacity.traces import files
from capacity.traces.run import Run, Stage
from capacity.traces.schema import SCHEMA
from tests.capacity.traces.runs import STAGES, a_run


def test_columns_are_the_fields_of_a_run_in_their_order() -> None:
    assert SCHEMA.names == [field.name for field in dataclasses.fields(Run)]
    assert [field.name for field in SCHEMA.field("stages").type.value_type] == [
        field.name for field in dataclasses.fields(Stage)
    ]


def test_what_was_written_is_read_in_order_of_start(tmp_path: Path) -> None:
    path = tmp_path / "trace.parquet"
    assert files.write([a_run("b", 5, stages=STAGES), a_run("a", 1)], path) == 2
    table = files.read(path)
    assert table["job"].to_pylist() == ["a", "b"]
    assert table["stages"].to_pylist()[1] == [{**vars(stage), "after": [*stage.after]} for stage in STAGES]


def test_a_trace_that_fails_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "trace.parquet"
    files.write([a_run()], path)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        files.write((a_run(str(1 / number)) for number in (1, 0)), path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], "there is no job in it"),
        ([a_run(), a_run()], "several runs have the same `job`: a"),
        ([a_run(minutes=-1)], "time goes backwards: `ended` is before `started` of a"),
        ([a_run(submitted=a_run().started + timedelta(hours=1))], "`started` is before `submitted` of a"),
        ([a_run(executor_seconds=-1.0)], "`executor_seconds` is negative of a"),
        ([a_run(stages=(dataclasses.replace(STAGES[0], after=(0,)),))], "waits for itself or for a later one in a"),
        ([a_run("a", after="b"), a_run("b", after="c"), a_run("c", after="a")], "in a circle"),
    ],
)
def test_a_trace_that_can_not_be_replayed_says_why(runs: list[Run], said: str, tmp_path: Path) -> None:
    files.write(runs, tmp_path / "t.parquet")
    with pytest.raises(CapacityError, match=said):
        files.read(tmp_path / "t.parquet")


def test_a_chain_of_jobs_is_no_circle() -> None:
    assert (
        files.problems(
            files.table_of([a_run("a"), a_run("b", after="a"), a_run("c", after="a"), a_run("d", after="gone")])
        )
        == []
    )


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (pa.schema([("job", pa.string())]), "it has no column queue"),
        (SCHEMA.with_metadata({}), "its metadata don't say"),
        (SCHEMA.with_metadata({"elastic-spark-trace": "0"}), "a trace of version 0"),
    ],
)
def test_another_table_is_no_trace(schema: pa.Schema, said: str, tmp_path: Path) -> None:
    pq.write_table(schema.empty_table(), tmp_path / "t.parquet")
    with pytest.raises(CapacityError, match=said):
        files.read(tmp_path / "t.parquet")


def test_numbers_that_no_column_holds_are_told_with_their_run(tmp_path: Path) -> None:
    with pytest.raises(CapacityError, match="a number is too large for a trace in b; look at its sizes"):
        files.write([a_run("a"), a_run("b", driver_cpu=2**31)], tmp_path / "t.parquet")
    assert not [*tmp_path.iterdir()]


def test_what_changed_on_its_way_is_told_or_changes_nothing(tmp_path: Path) -> None:
    path, random = tmp_path / "t.parquet", Random(1)  # noqa: S311
    files.write([a_run(str(number), number, stages=STAGES) for number in range(20)], path)
    whole, table = path.read_bytes(), files.read(path)
    told = 0
    for _ in range(200):
        data = bytearray(whole)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(data)
        try:
            assert files.read(path).equals(table)
        except CapacityError:
            told += 1
    assert told > 100


def test_half_a_file_is_no_trace(tmp_path: Path) -> None:
    files.write([a_run()], tmp_path / "t.parquet")
    (tmp_path / "t.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-30])
    with pytest.raises(CapacityError, match="no trace that can be read"):
        files.read(tmp_path / "t.parquet")


def test_a_trace_from_before_a_column_came_is_read_as_if_nothing_were_known(tmp_path: Path) -> None:
    path = tmp_path / "trace.parquet"
    table = files.table_of([a_run(backfill=True, deadline=a_run().ended)])
    pq.write_table(table.drop_columns(["backfill"]), path)
    read = files.read(path)
    assert read.schema.equals(SCHEMA)
    assert read["backfill"].to_pylist() == [None]
    assert read["deadline"].to_pylist() == [a_run().ended]
    pq.write_table(table.drop_columns(["deadline"]), path)
    with pytest.raises(CapacityError, match="look at deadline"):
        files.read(path)
