"""`fleet capacity paid` as its user meets it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from capacity.paid import bill
from capacity.paid.databricks import PRICES_QUERY, USAGE_QUERY
from capacity.paid.emr import SURCHARGE
from capacity.traces.databricks import NODES_QUERY
from fleet.cli import app
from sizing.pricing.costs import SPOT_SHARE
from sizing.pricing.prices import on_demand_hourly
from tests.capacity.paid.test_databricks import LISTED, NODES, USAGE, hour, node
from tests.capacity.traces.aws_answers import cluster, groups, instance, instances, minutes

ASKED = minutes(24 * 60)
USD = float(on_demand_hourly("m5.2xlarge", "eu-central-1"))


def run(*arguments: object, width: int = 80) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["capacity", "paid", *map(str, arguments)], env={"COLUMNS": str(width)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def written(path: Path, *answers: dict[str, Any], asked: datetime = ASKED) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(json.dumps(answer) for answer in answers), encoding="utf-8")
    os.utime(path, (asked.timestamp(), asked.timestamp()))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    nodes = instance("ci-M", 0, 600, group="ig-m"), instance("ci-T", 0, 120, group="ig-t", market="SPOT")
    return written(tmp_path / "j-2AX.json", cluster(team="etl"), groups(ig_m="MASTER", ig_t="TASK"), instances(*nodes))


@pytest.fixture
def usage(tmp_path: Path) -> Path:
    (tmp_path / "prices.csv").write_text(LISTED, encoding="utf-8")
    lines = node("c1", "i-1", "10:00:00", "11:30:00", driver=True), node("c9", "i-2", "10:00:00", "11:00:00")
    (tmp_path / "nodes.csv").write_text(NODES + "".join(lines), encoding="utf-8")
    (tmp_path / "usage.csv").write_text(USAGE + hour(10, 2, tags='{"team":"etl"}'), encoding="utf-8")
    return tmp_path / "usage.csv"


def test_emrs_clusters_become_a_bill_that_is_read_again(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "bills" / "bill.csv"
    code, printed, said = run("emr", file, "--queue", "ads-batch", "--out", out)
    assert code == 0, said
    paid = (10 * 1.25 + 2 * (0.4 + 0.25)) * USD
    covered = bill.of_queues(bill.read(out), minutes(0), minutes(1200))["ads-batch"]
    assert (covered.usd, covered.share) == pytest.approx((paid, 0.5), abs=1e-4)
    flat = " ".join(printed.split())
    assert f"{out}: 2 charges, 2026-11-29 03:00 to 2026-11-29 13:00 UTC" in flat
    assert "ads-batch │ 12.0 │" in flat
    assert f"│ {paid:,.2f} │ 100% │" in flat
    assert f"Spot at {SPOT_SHARE:.0%} of it, EMR at {SURCHARGE:.0%} of on demand" in flat
    assert max(map(len, printed.splitlines()[1:])) <= 80
    assert sorted(path.name for path in out.parent.iterdir()) == ["bill.csv"]


def test_the_defaults_in_the_help_are_those_of_the_code() -> None:
    shown = " ".join(run("emr", "--help", width=200)[1].split())
    assert f"(default: {SURCHARGE:.0%})" in shown
    assert f"[default: ({float(SPOT_SHARE)})]" in shown


def test_prices_of_ones_own_are_taken(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "bill.csv"
    options = "--price", "m5.2xlarge=0.4", "--spot-share", "0.3", "--surcharge", "20%", "--surcharge", "m4.large=1"
    code, printed, said = run("emr", file, "--queue", "ads-batch", "--out", out, *options)
    assert code == 0, said
    assert sum(one.usd for one in bill.read(out)) == pytest.approx(0.4 * (10 * 1.2 + 2 * (0.3 + 0.2)))
    assert "Spot at 30% of it, EMR at 20% of on demand" in " ".join(printed.split())


def test_a_clusters_tag_says_its_queue(file: Path, tmp_path: Path) -> None:
    arguments = ["emr", file, "--place", "tag:team", "--out", tmp_path / "bill.csv"]
    code, _, said = run(*arguments)
    assert (code, "no queue is said for 'etl' (2 charges): add --queue-of 'etl=TENANT-QUEUE'" in said) == (1, True)
    assert not (tmp_path / "bill.csv").exists()
    assert run(*arguments, "--queue-of", "e*=ads-batch")[0] == 0
    assert {one.queue for one in bill.read(tmp_path / "bill.csv")} == {"ads-batch"}


def test_times_without_a_charge_cost_nothing_where_somebody_says_so(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "bill.csv"
    arguments = ["emr", file, "--queue", "ads-batch", "--out", out]
    _, printed, _ = run(*arguments, "--all-since", "2026-11-20")
    begin = datetime(2026, 11, 20, tzinfo=UTC)
    assert bill.of_queues(bill.read(out), begin, ASKED)["ads-batch"].share == 1
    assert "2026-11-20 00:00 to 2026-11-30 03:00 UTC" in printed
    code, _, said = run(*arguments, "--all-since", "2026-10-01")
    assert (code, "--all-since can be 2026-10-31T03:00Z or later" in said) == (1, True)
    code, _, said = run(*arguments, "--all-since", "2026-12-01", "--asked", "2026-11-30T03:00Z")
    assert (code, "is after all charges" in said) == (1, True)


def test_gaps_are_told(file: Path, tmp_path: Path) -> None:
    written(file, cluster(), instances(instance("a", 0, 60), instance("b", 120, 180)))
    _, printed, _ = run("emr", file, "--queue", "ads-batch", "--out", tmp_path / "bill.csv")
    assert "│ 67% │" in " ".join(printed.split())
    flat = " ".join(printed.split())
    assert "Times without a charge are taken to cost as much as the others, unless --all-since says that" in flat
    _, printed, _ = run(
        "emr", file, "--queue", "ads-batch", "--out", tmp_path / "bill.csv", "--all-since", "2026-11-29"
    )
    assert "Times without a charge" not in printed


def test_a_month_of_a_long_cluster_comes_from_files_of_two_folders(tmp_path: Path) -> None:
    later = ASKED + timedelta(days=20)
    files = [
        written(tmp_path / "first" / "j-2AX.json", cluster(), instances(instance("a", 0), instance("b", 0, 60))),
        written(tmp_path / "then" / "j-2AX.json", cluster(), instances(instance("a", 0)), asked=later),
    ]
    code, printed, said = run("emr", *files, "--queue", "ads-batch", "--out", tmp_path / "bill.csv")
    assert code == 0, said
    covered = bill.of_queues(bill.read(tmp_path / "bill.csv"), minutes(0), later)["ads-batch"]
    assert (covered.usd, covered.share) == pytest.approx(((21 * 24 + 1) * 1.25 * USD, 1.0), abs=1e-4)
    assert "Instances that still run (1) are in it until AWS was asked." in printed


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--queue", "x"], 1, "'x' is no queue"),
        (["--surcharge", "much%"], 2, "much% is not one share, such as 25%"),
        (["--surcharge", "10%", "--surcharge", "20%"], 2, "10% 20% is not one share"),
        (["--surcharge", "0.3"], 2, "'0.3' is not SHARE% or TYPE=USD"),
        (["--price", "m5.large=free"], 2, "'free' of m5.large is no number of US dollars"),
        (["--price", "m5.large=-1"], 2, "'-1' of m5.large is no number of US dollars"),
        (["--place", "team"], 1, "'team' is no place: it is cluster or tag:NAME"),
        (["--asked", "today"], 2, "'today' is no day or time, such as 2026-11-01"),
        (["--asked", "2026-11-29T03:30Z"], 1, "after its file was written: say when AWS was asked, --asked"),
        (["--spot-share", "2"], 2, "Input should be less than or equal to 1"),
    ],
)
def test_what_can_not_be_done_with_emr_is_told(
    options: list[str], code: int, said: str, file: Path, tmp_path: Path
) -> None:
    queue = [] if "--queue" in options else ["--queue", "ads-batch"]
    found, _, error = run("emr", file, "--out", tmp_path / "bill.csv", *queue, *options, width=200)
    assert (found, said in " ".join(error.split())) == (code, True), error
    assert not (tmp_path / "bill.csv").exists()


def test_other_answers_of_aws_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "j.json", {"Clusters": []})
    code, _, said = run("emr", path, "--queue", "ads-batch", "--out", tmp_path / "bill.csv", width=200)
    assert (code, "it has none of Steps" in said) == (1, True)
    path = written(tmp_path / "j.json", cluster())
    code, _, said = run("emr", path, "--queue", "ads-batch", "--out", tmp_path / "bill.csv", width=200)
    assert (code, "nothing that costs anything was found" in said) == (1, True)
    assert "no instances: add `aws emr list-instances` to its file" in said


def test_databricks_dbus_and_instances_become_a_bill(usage: Path) -> None:
    folder = usage.parent
    arguments = ["databricks", usage, "--list-prices", folder / "prices.csv", "--out", folder / "bill.csv"]
    arguments += ["--place", "tag:team", "--queue-of", "etl=ads-batch"]
    code, printed, said = run(*arguments, "--nodes", folder / "nodes.csv", "--region", "eu-central-1")
    assert code == 0, said
    dbus, ec2 = 0.30, 1.5 * float(on_demand_hourly("m6i.2xlarge", "eu-central-1"))
    assert sum(one.usd for one in bill.read(folder / "bill.csv")) == pytest.approx(dbus + ec2)
    assert f"ads-batch │ 1.5 │ {ec2:.2f} │ {dbus:.2f} │ {dbus + ec2:.2f} │ 100%" in " ".join(printed.split())
    assert "c9 i-2: a node of a cluster that isn't in the usage" in said
    assert max(map(len, printed.splitlines()[1:])) <= 80


def test_without_instances_it_is_told_that_ec2_is_not_in_it(usage: Path) -> None:
    _, printed, _ = run("databricks", usage, "--dbu", "*=0.1", "--queue", "ads-batch", "--out", usage.parent / "b.csv")
    assert "EC2 isn't in it: add --nodes and --region, or it is no comparison." in " ".join(printed.split())


def test_the_queries_are_printed_without_any_file() -> None:
    code, printed, _ = run("databricks", "--queries")
    assert code == 0
    assert printed == f"-- USAGE\n{USAGE_QUERY}\n-- LIST PRICES\n{PRICES_QUERY}\n-- NODES\n{NODES_QUERY}"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 1, "no price of PREMIUM_JOBS_COMPUTE (2.0 DBU): add --list-prices with the second query's result"),
        (["--nodes", "nodes.csv"], 2, "nodes need it, for their prices"),
        (["--dbu", "free"], 2, "'free' is not SKU=USD"),
        (["--place", "team"], 1, "'team' is no place: it is workspace, job, cluster or tag:NAME"),
        (["--list-prices", "nodes.csv"], 1, "the list prices have no column sku_name"),
        (["--dbu", "*=1", "--region", "mars-1", "--nodes", "nodes.csv"], 1, "no price of m6i.2xlarge in mars-1"),
    ],
)
def test_what_can_not_be_done_with_databricks_is_told(options: list[str], code: int, said: str, usage: Path) -> None:
    given = [str(usage.parent / part) if part.endswith(".csv") else part for part in options]
    out = usage.parent / "bill.csv"
    found, _, error = run("databricks", usage, "--queue", "ads-batch", "--out", out, *given, width=200)
    assert (found, said in " ".join(error.split())) == (code, True), error
    assert not out.exists()
