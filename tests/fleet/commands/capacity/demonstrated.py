"""`fleet capacity demo`, as somebody sees it who has no jobs yet."""

from __future__ import annotations

import json
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from fleet.cli import app
from tests.samples import ROOT


@dataclass(frozen=True)
class Demo:
    """What it gave.

    Attributes:
        printed: to a terminal of 80 columns.
        page: its report.
        numbers: those of the report.
    """

    printed: str
    page: str
    numbers: Any


def demonstrated(folder: Path) -> Demo:
    """Runs it.

    Args:
        folder: where its own folder comes.
    """
    with chdir(folder):
        result = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["capacity", "demo", "--root", str(ROOT)])
    assert result.exit_code == 0, result.output
    out = folder / "capacity-demo"
    return Demo(result.stdout, (out / "report.html").read_text(), json.loads((out / "report.json").read_text()))
