"""`fleet capacity generate` as its user meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from capacity.traces import files
from tests.fleet.commands.capacity.test_import import run
from tests.samples import ROOT


def test_a_trace_of_one_platform_is_written_and_told(tmp_path: Path) -> None:
    out = tmp_path / "new" / "t.parquet"
    code, printed, _ = run(
        "generate",
        "--out",
        out,
        "--root",
        ROOT,
        "--weeks",
        1,
        "--platform",
        "platform-dev",
        "--kind",
        "ads-batch=ad-hoc",
    )
    table = files.read(out)
    lines = printed.splitlines()
    assert (code, lines[0]) == (0, f"{out}: {table.num_rows:,} generated runs")
    assert max(len(line) for line in lines[1:]) <= 80
    assert next(line for line in lines if "ads-batch" in line).split()[3] == "ad-hoc"
    assert set(table["queue"].to_pylist()) == {"ads-batch", "research-explore", "search-adhoc", "search-scheduled"}
    assert set(table["source"].to_pylist()) == {"generate"}
    assert run("show", out)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--start", "tomorrow"], 2, "'tomorrow' is not a day, such as 2026-09-07"),
        (["--kind", "ads-batch=lazy"], 2, "'lazy' of ads-batch is no kind of use; there are scheduled, ad-hoc, both"),
        (["--kind", "backfill"], 2, "'backfill' is not TENANT-QUEUE=KIND"),
        (["--kind", "ads-none=both"], 1, "no stack declares the queue 'ads-none'; there are ads-batch, ads-nightly"),
        (["--platform", "platform-x"], 1, "there is no platform 'platform-x' in AWS in"),
        (["--time-zone", "Mars"], 1, "there is no time zone 'Mars'"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    out = tmp_path / "t.parquet"
    found, _, errors = run("generate", "--out", out, "--root", ROOT, *arguments, width=300)
    assert (found, said in errors) == (code, True), errors
    assert not out.exists()


def test_its_help_loads_no_library_of_the_extra() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from fleet.cli import app;"
        "assert 'ads-batch=backfill' in CliRunner().invoke(app, ['capacity', 'generate', '--help']).output;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'numpy', 'pyarrow', 'numba'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"
