"""Runs from exports of Databricks' system tables: what ran when, and the nodes that it had.

The queries are what Databricks' SQL editor takes; it exports their results as CSV. Times in these tables are UTC. No
table says what a Spark stage did: event logs do. What it costs is another thing: `capacity.paid.databricks`.

Source: https://docs.databricks.com/aws/en/admin/system-tables/jobs (job_run_timeline, job_task_run_timeline, jobs) and
https://docs.databricks.com/aws/en/admin/system-tables/compute (node_timeline, node_types)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TextIO

from capacity.errors import CapacityError
from capacity.traces.exports import rows, time
from capacity.traces.job_names import common_name
from capacity.traces.lives import most_at_once, overlapping
from capacity.traces.run import Run
from capacity.traces.skipped import Skip
from capacity.traces.spark_sizes import MIB

SOURCE: Final = "databricks"
RUNS_QUERY: Final = """\
WITH clusters AS (
  SELECT workspace_id, job_run_id AS run_id,
    array_join(array_sort(array_distinct(flatten(collect_list(compute_ids)))), ' ') AS clusters
  FROM system.lakeflow.job_task_run_timeline
  WHERE period_start_time >= current_date() - INTERVAL 90 DAYS
  GROUP BY ALL
), names AS (
  SELECT workspace_id, job_id, max_by(name, change_time) AS name FROM system.lakeflow.jobs GROUP BY ALL
)
SELECT runs.workspace_id, runs.job_id, runs.run_id, coalesce(any_value(names.name), any_value(runs.run_name)) AS name,
  min(runs.period_start_time) AS started, max(runs.period_end_time) AS ended, max(runs.result_state) AS state,
  coalesce(any_value(clusters.clusters), '') AS clusters
FROM system.lakeflow.job_run_timeline AS runs
LEFT JOIN clusters USING (workspace_id, run_id)
LEFT JOIN names USING (workspace_id, job_id)
WHERE runs.period_start_time >= current_date() - INTERVAL 90 DAYS
GROUP BY ALL
"""
NODES_QUERY: Final = """\
SELECT nodes.cluster_id, nodes.instance_id, nodes.driver,
  min(nodes.start_time) AS started, max(nodes.end_time) AS ended,
  avg(nodes.cpu_user_percent + nodes.cpu_system_percent) AS cpu_percent,
  any_value(types.core_count) AS cores, any_value(types.memory_mb) AS memory_mb,
  any_value(nodes.node_type) AS node_type
FROM system.compute.node_timeline AS nodes
LEFT JOIN system.compute.node_types AS types USING (node_type)
WHERE nodes.start_time >= current_date() - INTERVAL 90 DAYS
GROUP BY ALL
"""
RUN_COLUMNS: Final = ("workspace_id", "job_id", "run_id", "name", "started", "ended", "state", "clusters")
NODE_COLUMNS: Final = ("cluster_id", "instance_id", "driver", "started", "ended", "cpu_percent", "cores", "memory_mb")
"""That an import needs."""
TYPED_NODE_COLUMNS: Final = (*NODE_COLUMNS, "node_type")
"""That `NODES_QUERY` gives: the bill (`capacity.paid.databricks`) is made of them too."""


@dataclass(frozen=True)
class _Node:
    driver: bool
    started: datetime
    ended: datetime
    busy: float
    cpu: int | None
    memory: int | None


def runs_of_exports(runs: TextIO, nodes: TextIO, skip: Skip) -> Iterator[Run]:
    """The runs of the two queries' results.

    A node is an executor of its size. Where runs shared a cluster at a time, nobody knows whose its nodes were: these
    have times alone.

    Args:
        runs: the results of `RUNS_QUERY`, as CSV.
        nodes: those of `NODES_QUERY`.
        skip: is told of runs that haven't ended.

    Raises:
        CapacityError: columns are missing, or a line has another form.
    """
    of_cluster = _nodes(nodes)
    ended_rows = []
    for row in rows(runs, RUN_COLUMNS, "the runs"):
        if not row["state"] or not row["ended"]:
            skip(f"run {row['run_id']}", "unfinished: it has no result")
            continue
        ended_rows.append(row)
    times = [(time(row, "started"), time(row, "ended")) for row in ended_rows]
    users: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(ended_rows):
        for cluster in row["clusters"].split():
            users[cluster].append(position)
    shared = {position for positions in users.values() for position in overlapping(positions, times)}
    for position, (row, (started, ended)) in enumerate(zip(ended_rows, times, strict=True)):
        clusters = [] if position in shared else row["clusters"].split()
        found = [node for cluster in clusters for node in of_cluster.get(cluster, ())]
        here = [node for node in found if node.started < ended and node.ended > started]
        yield _run(row, started, max(ended, started), here)


def _run(row: Mapping[str, str], started: datetime, ended: datetime, nodes: Sequence[_Node]) -> Run:
    workers = [node for node in nodes if not node.driver]
    driver = next((node for node in nodes if node.driver), None)
    lives = [(max(node.started, started), min(node.ended, ended), node.busy) for node in workers]
    seconds = [(end - begin).total_seconds() for begin, end, _ in lives]
    largest = max(workers, key=lambda node: node.cpu or 0, default=None)
    most = most_at_once((begin, end, 1) for begin, end, _ in lives)
    return Run(
        queue=row["workspace_id"],
        job=row["run_id"],
        name=common_name(row["name"] or row["job_id"]),
        started=started,
        ended=ended,
        driver_cpu=driver.cpu if driver else None,
        driver_memory=driver.memory if driver else None,
        executor_cpu=largest.cpu if largest else None,
        executor_memory=largest.memory if largest else None,
        task_slots=largest.cpu // 1000 if largest and largest.cpu else None,
        peak_executors=most if nodes else None,
        executor_seconds=sum(seconds) if nodes else None,
        busy_seconds=sum(took * busy for took, (_, _, busy) in zip(seconds, lives, strict=True)) if nodes else None,
        source=SOURCE,
    )


def _nodes(file: TextIO) -> dict[str, list[_Node]]:
    found: dict[str, list[_Node]] = defaultdict(list)
    for row in rows(file, NODE_COLUMNS, "the nodes"):
        try:
            node = _Node(
                driver=row["driver"].lower() == "true",
                started=time(row, "started"),
                ended=time(row, "ended"),
                busy=min(float(row["cpu_percent"] or 0) / 100, 1.0),
                cpu=int(float(row["cores"]) * 1000) if row["cores"] else None,
                memory=int(row["memory_mb"]) * MIB if row["memory_mb"] else None,
            )
        except ValueError as error:
            raise CapacityError(
                [f"the nodes have a line of another form ({error}); export the query's result"]
            ) from error
        found[row["cluster_id"]].append(node)
    return found
