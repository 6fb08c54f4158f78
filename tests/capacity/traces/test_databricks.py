from __future__ import annotations

import io
import re

import pytest

from capacity.errors import CapacityError
from capacity.traces.databricks import NODES_QUERY, RUN_COLUMNS, RUNS_QUERY, TYPED_NODE_COLUMNS, runs_of_exports
from capacity.traces.run import Run
from capacity.traces.spark_sizes import MIB

RUNS = "workspace_id,job_id,run_id,name,started,ended,state,clusters\n"
NODES = "cluster_id,instance_id,driver,started,ended,cpu_percent,cores,memory_mb\n"
DAY = "2026-11-23T"


def node(cluster: str, instance: str, begin: str, end: str, *, driver: bool = False, cpu: float = 50) -> str:
    return f"{cluster},{instance},{str(driver).lower()},{DAY}{begin},{DAY}{end},{cpu},8,32768\n"


def read(runs: str, *nodes: str) -> tuple[list[Run], dict[str, str]]:
    skipped: dict[str, str] = {}

    def skip(what: str, why: str) -> None:
        skipped[what] = why

    return list(runs_of_exports(io.StringIO(RUNS + runs), io.StringIO(NODES + "".join(nodes)), skip)), skipped


def test_a_run_has_the_nodes_of_its_cluster_while_it_ran() -> None:
    (run,), _ = read(
        f"ws1,5,77,etl 2026-11-23,{DAY}10:00:00.000Z,{DAY}10:30:00.000Z,SUCCEEDED,c1\n",
        node("c1", "d", "09:55:00Z", "10:31:00Z", driver=True),
        node("c1", "w1", "09:58:00Z", "10:31:00Z"),
        node("c1", "w2", "10:10:00Z", "10:20:00Z", cpu=100),
        node("c2", "w3", "10:10:00Z", "10:20:00Z"),
    )
    assert (run.queue, run.job, run.name, run.peak_executors) == ("ws1", "77", "etl *", 2)
    assert (run.executor_seconds, run.busy_seconds) == (1800 + 600, 900 + 600)
    assert (run.driver_cpu, run.executor_cpu, run.executor_memory, run.task_slots) == (8000, 8000, 32768 * MIB, 8)


def test_runs_that_share_a_cluster_have_times_alone() -> None:
    runs = "".join(
        f"ws1,5,{run},etl,{DAY}{begin}:00,{DAY}{end}:00,SUCCEEDED,c1\n"
        for run, begin, end in [("1", "10:00", "10:30"), ("2", "10:20", "10:40"), ("3", "11:00", "11:10")]
    )
    found, _ = read(runs, node("c1", "w", "09:00:00", "12:00:00"))
    assert [run.executor_seconds for run in found] == [None, None, 600]


def test_a_run_on_serverless_compute_has_times_alone_and_one_that_runs_is_told() -> None:
    done = f"ws1,5,1,,{DAY}10:00:00,{DAY}10:30:00,SUCCEEDED,\n"
    found, skipped = read(done + f"ws1,5,2,etl,{DAY}10:00:00,{DAY}10:30:00,,c1\n")
    assert [(run.job, run.name, run.peak_executors) for run in found] == [("1", "5", None)]
    assert skipped == {"run 2": "unfinished: it has no result"}


def test_another_table_is_refused() -> None:
    with pytest.raises(CapacityError, match="the nodes have no column cluster_id"):
        list(runs_of_exports(io.StringIO(RUNS), io.StringIO("a,b\n"), lambda what, why: None))


def test_the_queries_give_the_columns_that_are_read() -> None:
    for query, columns in ((RUNS_QUERY, RUN_COLUMNS), (NODES_QUERY, TYPED_NODE_COLUMNS)):
        last = query.rpartition("SELECT ")[2].partition("FROM")[0]
        assert (
            tuple(re.findall(r"(?:AS |\w\.)(\w+),?(?=\s|$)", re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", last)))
            == columns
        )
