"""`fleet preview` with a trace, as its user meets it: a command in a clone of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from capacity.declared import platforms
from capacity.named import FILE
from capacity.replay.compiled import CACHE
from capacity.traces.files import table_of, write_table
from capacity.traces.generate import generate
from tests.capacity.traces.runs import a_run
from tests.fleet.offline.changes.test_base import clone, git  # noqa: F401 - the fixture
from tests.samples import ROOT

LIBRARIES = ("numba", "numpy", "pyarrow")
COMPILED = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import capacity; del sys.path[0]"
"""The replay of this tree, whose machine code is there: compiling a clone's takes a minute."""


def fleet(root: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m fleet preview` in a clone, after some lines of Python."""
    start = f"{COMPILED}\n{code}\nfrom fleet.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", start, "preview", *arguments],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "COLUMNS": "80",
            "XDG_CACHE_HOME": str(Path(CACHE).parent.parent),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def made_up() -> pa.Table:
    """A generated week of the samples' ads-batch."""
    declared = [one for one in platforms(ROOT) if one.stack == "platform-dev"]
    table, _ = generate(declared, begin=date(2026, 9, 7), weeks=1, seed=1)
    return table.filter(pa.compute.equal(table["queue"], "ads-batch"))


def smaller(root: Path) -> None:
    """Half the nodes for ads-batch, not committed."""
    file = root / "stacks" / "Pulumi.ads-dev.yaml"
    file.write_text(file.read_text().replace("maxNodes: 20", "maxNodes: 8"))


def test_a_change_says_what_it_makes_of_the_expected_month(
    clone: Path,  # noqa: F811
    made_up: pa.Table,
) -> None:
    write_table(made_up, clone / "t.parquet")
    smaller(clone)
    result = fleet(clone, "--base", "HEAD", "--trace", "t.parquet", "--out", "out")
    assert result.returncode == 0, result.stderr
    text = (clone / "out" / "preview.md").read_text()
    lead = r"- \*\*ads-batch\*\*: max nodes 20 → 8, .*, expected [\d,]+ → [\d,]+ USD a month by made-up jobs, p95 wait "
    assert re.search(lead, text)
    form = json.loads((clone / "out" / "preview.json").read_text())
    assert form["trace"]["jobs"] == form["trace"]["madeUpJobs"] == made_up.num_rows
    (one,) = next(stack["expected"] for stack in form["stacks"] if stack["stack"] == "ads-dev")
    assert one["now"]["p95WaitSeconds"] > one["before"]["p95WaitSeconds"]
    assert 951 <= one["now"]["usdPerMonth"] <= 3804
    assert "expected, made up</th>" in (clone / "out" / "preview.html").read_text()


def test_the_trace_that_the_project_names_is_taken_unless_an_option_says_otherwise(
    clone: Path,  # noqa: F811
) -> None:
    write_table(table_of([a_run("a"), a_run("b", 600)]), clone / "named.parquet")
    write_table(table_of([a_run("c")]), clone / "other.parquet")
    (clone / FILE).write_text("trace: named.parquet\n")
    named, other, none = (
        json.loads(fleet(clone, "ads-dev", "--format", "json", *more).stdout)["trace"]
        for more in ((), ("--trace", "other.parquet"), ("--no-trace",))
    )
    assert (named["name"], named["jobs"]) == ("named.parquet", 2)
    assert (other["name"], other["jobs"]) == ("other.parquet", 1)
    assert none is None


def test_jobs_that_can_not_run_any_more_are_said_and_end_nothing(clone: Path) -> None:  # noqa: F811
    large = a_run("large", executor_cpu=6000, executor_memory=40 << 30)
    write_table(table_of([a_run("a"), large]), clone / "t.parquet")
    file = clone / "stacks" / "Pulumi.ads-dev.yaml"
    file.write_text(
        file.read_text()
        .replace("[r7i.2xlarge, r6i.2xlarge]", "[r7i.xlarge, r6i.xlarge]")
        .replace("maxNodes: 20", "maxNodes: 20\n            generation: b\n            retiring: [a]")
    )
    result = fleet(clone, "ads-dev", "--base", "HEAD", "--trace", "t.parquet")
    assert result.returncode == 0, result.stdout + result.stderr
    said = " ".join(result.stdout.split())
    assert "ads-batch: 1 of 2 recorded jobs can't run as it is declared: executors fit no node of their pool" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--trace", "none.parquet"), 1, "--trace is none.parquet, which is no file here"),
        (("--trace", "s3://lake/t.parquet"), 1, "a preview asks nobody: fetch it first (`aws s3 cp"),
        (("--trace", "Pulumi.yaml"), 1, "Pulumi.yaml is no trace that can be read"),
        (("--trace", "a", "--no-trace"), 2, "a trace, or none"),
    ],
)
def test_a_trace_that_can_not_be_read_ends_in_one_sentence(
    clone: Path,  # noqa: F811
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    result = fleet(clone, "ads-dev", *arguments)
    assert result.returncode == code
    assert result.stdout == ""
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr


def test_without_the_extra_it_ends_before_anything_is_previewed(clone: Path) -> None:  # noqa: F811
    write_table(table_of([a_run("a")]), clone / "t.parquet")
    (clone / FILE).write_text("trace: t.parquet\n")
    missing = (
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'pyarrow' else found(name, package)"
    )
    result = fleet(clone, "ads-dev", code=missing)
    assert result.returncode == 1
    assert result.stderr.strip() == (
        "error: this needs pyarrow, which isn't installed: `make capacity`, or "
        "`pip install 'elastic-spark[capacity]'`; --no-trace does without"
    )
    assert fleet(clone, "ads-dev", "--no-trace", code=missing).returncode == 0


def test_a_preview_without_a_trace_loads_nothing_of_the_extra(clone: Path) -> None:  # noqa: F811
    told = f"import atexit, sys; atexit.register(lambda: print(*(set({LIBRARIES}) & {{*sys.modules}}), 'loaded'))"
    result = fleet(clone, "ads-dev", code=told)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].strip() == "loaded"
    shutil.rmtree(clone)
