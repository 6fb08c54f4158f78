"""docs/paid-today.md says what the code does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from capacity.paid import bill
from capacity.paid.emr import SURCHARGE
from capacity.traces.emr_clusters import LISTED, MOST_LISTED
from sizing.pricing.costs import SPOT_SHARE
from tests.capacity.traces.aws_answers import printed
from tests.samples import ROOT

TEXT: Final = Path(ROOT, "docs", "paid-today.md").read_text(encoding="utf-8")
BEGIN: Final = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_table_has_the_columns() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == bill.COLUMNS


def test_the_example_is_a_bill_that_says_what_is_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text(TEXT.partition("```csv\n")[2].partition("```")[0], encoding="utf-8")
    charges = bill.read(tmp_path / "bill.csv")
    week = bill.of_queues(charges[:1], BEGIN, BEGIN + timedelta(days=7))["ads-batch"]
    assert week.usd == pytest.approx(8240.50 * 7 / 30)
    assert bill.of_queues(charges, BEGIN, datetime(2026, 12, 8, tzinfo=UTC))["ads-adhoc"].share == 1


def test_numbers_are_those_of_the_code() -> None:
    assert f"taken at {SURCHARGE * 100:.0f} % of on demand" in TEXT
    assert f"taken at {SPOT_SHARE * 100:.0f} % of it" in TEXT
    assert f"for {LISTED.days} days after its end, {MOST_LISTED:,} at most" in TEXT


def test_what_cost_explorer_says_becomes_a_bill(tmp_path: Path) -> None:
    if not shutil.which("jq"):
        pytest.skip("jq isn't installed")
    metric = {"NetAmortizedCost": {"Amount": "12.5", "Unit": "USD"}}
    days = [
        {
            "TimePeriod": {"Start": f"2026-11-0{day}", "End": f"2026-11-0{day + 1}"},
            "Total": {},
            "Groups": [{"Keys": [key], "Metrics": metric} for key in ("team$", "team$etl", "team$ml")],
            "Estimated": False,
        }
        for day in (1, 2)
    ]
    asked: Any = {
        "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-03"},
        "Granularity": "DAILY",
        "Metrics": ["NetAmortizedCost"],
    }
    said = {"ResultsByTime": days, "GroupDefinitions": [{"Type": "TAG", "Key": "team"}], "DimensionValueAttributes": []}
    (tmp_path / "ce.json").write_text(json.dumps(printed("ce", "GetCostAndUsage", said, **asked)), encoding="utf-8")
    command = re.search(r"^jq -r .*?> bill\.csv$", TEXT, re.MULTILINE | re.DOTALL)
    assert command
    subprocess.run(["sh", "-ec", command[0]], cwd=tmp_path, check=True)
    covered = bill.of_queues(bill.read(tmp_path / "bill.csv"), BEGIN, BEGIN + timedelta(days=2))
    assert covered == {"ads-batch": bill.Covered(25.0, 1.0)}


def test_what_cost_explorer_is_asked_is_what_it_takes() -> None:
    """Names of options, dimensions and metrics, by botocore's model of the service."""
    import botocore.session  # type: ignore[import-untyped]

    model = botocore.session.get_session().get_service_model("ce")
    command = TEXT.partition("aws ce get-cost-and-usage ")[2].partition("> ce.json")[0]
    shape = model.operation_model("GetCostAndUsage").input_shape
    options = {name.replace("-", "").lower() for name in re.findall(r"--([a-z-]+)", command)}
    assert options <= {name.lower() for name in shape.members}
    assert "RECORD_TYPE" in model.shape_for("Dimension").enum
    assert json.loads(re.findall(r"--filter '(.*)'", command)[0]).keys() <= model.shape_for("Expression").members.keys()
