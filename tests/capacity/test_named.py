"""capacity.yaml: the one trace that a project names."""

from __future__ import annotations

from pathlib import Path

import pytest

from capacity.errors import CapacityError
from capacity.named import FILE, named_trace, trace_file


def test_without_the_file_there_is_none(tmp_path: Path) -> None:
    assert named_trace(tmp_path) is None


def test_the_trace_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    trace = tmp_path / "traces" / "t.parquet"
    trace.touch()
    (tmp_path / FILE).write_text("trace: traces/t.parquet  # by the platform team\n")
    assert named_trace(tmp_path) == trace


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "capacity.yaml has nothing in it; capacity.yaml has one line, such as"),
        ("- a\n", "has a list in it"),
        ("trace.parquet\n", "has a str in it"),
        ("trac: t.parquet\n", "has the keys 'trac'"),
        ("trace: t.parquet\nweeks: 4\n", "has the keys 'trace', 'weeks'"),
        ("trace: 4\n", "trace is 4"),
        ("trace:\n", "trace is None"),
        ("trace: ''\n", "trace is ''"),
        ("trace: /home/t.parquet\n", "which others don't have"),
        ("trace: t.parquet\n", "capacity.yaml: trace is t.parquet, which is no file here"),
        ("trace: s3://lake/jobs/t.parquet\n", "fetch it first (`aws s3 cp s3://lake/jobs/t.parquet t.parquet`)"),
        ("trace: https://example.com/t\n", "a preview asks nobody: name a file"),
        ("trace: [\n", "capacity.yaml: line "),
        ("trace: a\ntrace: b\n", "capacity.yaml: line 2"),
    ],
)
def test_what_else_it_holds_is_one_error(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(CapacityError) as error:
        named_trace(tmp_path)
    (finding,) = error.value.findings
    assert said in finding


def test_bytes_that_are_no_text_and_links_to_nothing_are_told(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"trace: \xff")
    with pytest.raises(CapacityError, match=r"capacity\.yaml can't be read"):
        named_trace(tmp_path)
    path.unlink()
    path.symlink_to(tmp_path / "nothing")
    with pytest.raises(CapacityError, match="a link to nothing"):
        named_trace(tmp_path)


def test_an_option_is_relative_to_where_it_is_typed(tmp_path: Path) -> None:
    with pytest.raises(CapacityError, match=r"--trace is t\.parquet, which is no file here"):
        trace_file("t.parquet", tmp_path, "--trace")
