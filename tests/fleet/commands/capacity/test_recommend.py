"""`fleet capacity recommend`, as somebody at a terminal sees it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capacity.declared import platforms
from capacity.traces.files import write
from fleet.cli import app
from tests.capacity.traces.runs import STAGES, a_run
from tests.samples import ROOT


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trace") / "trace.parquet"
    runs = [a_run(f"a{day}", 1440 * day, stages=STAGES, peak_executors=2) for day in range(14)]
    write([*runs, a_run("b", 30, stages=STAGES, queue="research-explore")], path)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    return tmp_path


def recommend(trace: Path, root: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["capacity", "recommend", str(trace), "--root", str(root), *options])


def test_it_begins_with_what_to_change_in_80_columns(trace: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    before = {path.name: path.read_bytes() for path in (root / "stacks").iterdir()}
    result = recommend(trace, root, "--queue", "ads-batch")
    assert result.exit_code == 0, result.output
    first, second, *_ = result.stdout.splitlines()
    assert re.match(r"ads-batch: [\d,]+ USD a month for executors instead of [\d,]+", first)
    said = " ".join(result.stdout.split())
    assert "main: minimum of 2 -> " in said
    assert re.search(r"main keeps .*maxNodes 20, of which the trace uses \d+ at most", said)
    assert "nodes: r7i.2xlarge, on demand; 0% of node hours on Spot" in said
    assert re.search(r"r7i.2xlarge, Spot instead: \d+% (less|more), (meets|misses) the target", said)
    assert "--write puts the sizes into the stack files" in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 80, second
    assert {path.name: path.read_bytes() for path in (root / "stacks").iterdir()} == before


def test_written_sizes_are_those_of_the_json_and_only_they_change(trace: Path, root: Path) -> None:
    result = recommend(trace, root, "--queue", "ads-batch", "--write", "--format", "json")
    assert result.exit_code == 0, result.output
    (one,) = json.loads(result.stdout)
    changed = [
        path.name
        for path in (root / "stacks").iterdir()
        if path.read_bytes() != (ROOT / "stacks" / path.name).read_bytes()
    ]
    assert changed == ["Pulumi.ads-dev.yaml"]
    (pool,) = next(p.queues["ads-batch"] for p in platforms(root) if "ads-batch" in p.queues).pools.values()
    said = one["sizes"]["pools"]["main"]
    assert (pool.minimum, pool.maximum, pool.unneeded) == (said["minimum"], said["maxNodes"], said["unneededTime"])
    assert len(pool.schedules) == len(said["schedules"])
    assert (said["instanceTypes"], said["capacity"]) == (["r7i.2xlarge", "r6i.2xlarge"], "on-demand")
    assert 0 < said["used"] <= said["maxNodes"] == 20
    assert (one["spotShare"], one["lowerMaximaSave"]) == (0.0, None)
    assert {pool["capacity"] for kind in one["kinds"] for pool in kind["pools"].values()} == {"spot", "on-demand"}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--wait", "soon"], 2, "soon"),
        (["--longer", "-1"], 2, "--longer"),
        (["--queue", "ads-nightly"], 1, "the trace has no jobs of ads-nightly; it has some of ads-batch"),
    ],
)
def test_what_is_wrong_is_told(trace: Path, root: Path, options: list[str], code: int, words: str) -> None:
    result = recommend(trace, root, *options)
    assert result.exit_code == code
    assert words in " ".join(result.output.split())
