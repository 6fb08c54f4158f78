"""What a cluster's nodes say of its steps."""

from __future__ import annotations

from typing import Any

import pytest

from capacity.traces import emr, files
from capacity.traces.contents import contents
from capacity.traces.emr_nodes import yarn_memory
from capacity.traces.run import Run
from capacity.traces.spark_sizes import MIB
from tests.capacity.traces.aws_answers import Skipped, fleets, groups, instance, instances, printed, step

SUBMIT = ["spark-submit", "s3://b/etl.py"]
SIZED = ["spark-submit", "--executor-memory", "10g", "--executor-cores", "4", "s3://b/etl.py"]
GROUPS = {"ig_m": "MASTER", "ig_c": "CORE", "ig_t": "TASK"}
NODES = (
    instance("m", 0, 60, group="ig-m"),
    instance("c1", 0, 60, ready=1),
    instance("t1", 5, 22, group="ig-t", ready=12),  # managed scaling brings and takes it while the step runs
    instance("t2", 33, 40, group="ig-t", ready=34),
)


def of_cluster(*steps: dict[str, Any], answers: tuple[dict[str, Any], ...] = ()) -> list[Run]:
    listed = printed("emr", "ListSteps", {"Steps": [*steps]}, ClusterId="j-2AX")
    answers = answers or (instances(*NODES), groups(**GROUPS))
    return list(emr.runs_of_answers([("j-2AX", one) for one in (listed, *answers)], Skipped()))


@pytest.mark.parametrize(
    ("node", "yarn"), [(31232, 23424), (62464, 54272), (124928, 116736), (249856, 241664), (499712, 491520)]
)
def test_yarn_has_of_a_node_what_the_documentation_lists_of_r4(node: int, yarn: int) -> None:
    assert yarn_memory(node) == yarn


def test_a_node_is_an_executor_where_the_step_says_no_size() -> None:
    (run,) = of_cluster(step("s-1", SUBMIT))
    assert (run.peak_executors, run.executor_seconds) == (2, (30 + 10) * 60)
    assert (run.executor_cpu, run.executor_memory, run.task_slots) == (8000, 24576 * MIB, 8)


def test_as_many_executors_are_on_a_node_as_fit_its_memory() -> None:
    (run,) = of_cluster(step("s-1", SIZED))
    assert (run.peak_executors, run.executor_seconds) == (4, 2 * (30 + 10) * 60)
    assert (run.executor_cpu, run.executor_memory, run.task_slots) == (4000, (10240 + 1024) * MIB, 4)


def test_with_cores_alone_a_node_is_shared_out_by_them() -> None:
    (run,) = of_cluster(step("s-1", ["spark-submit", "--executor-cores", "2", "s3://b/etl.py"]))
    assert (run.peak_executors, run.executor_memory, run.task_slots) == (8, 24576 // 4 * MIB, 2)


def test_a_step_had_no_more_executors_than_it_may_have() -> None:
    (run,) = of_cluster(step("s-1", [*SIZED[:1], "--num-executors", "3", *SIZED[1:]]))
    assert (run.peak_executors, run.maximum_executors) == (3, 3)
    assert run.executor_seconds == (30 * 2 + 10 * 1) * 60


def test_a_trace_says_that_what_nodes_say_is_coarse() -> None:
    steps = step("s-1", SUBMIT), step("s-2", SUBMIT, begin=40, end=50), step("s-3", SUBMIT, begin=45, end=55)
    runs = of_cluster(*steps)
    assert [run.source for run in runs] == ["emr (nodes)", "emr", "emr"]
    said = contents(files.table_of(runs)).coarseness
    assert [sentence for sentence in said if "nodes" in sentence] == [
        "Of 33% of the runs it is only known for how many executors their cluster's nodes had room: they may have used "
        "less. Event logs know it."
    ]
    assert not any("nodes" in sentence for sentence in contents(files.table_of(runs[1:])).coarseness)


def test_nodes_say_nothing_of_steps_that_ran_together() -> None:
    steps = step("s-1", SUBMIT), step("s-2", ["hive-script"], begin=20, end=25), step("s-3", SUBMIT, begin=40, end=50)
    first, last = of_cluster(*steps)
    assert (first.peak_executors, first.executor_seconds, first.executor_cpu) == (None, None, None)
    assert (last.peak_executors, last.executor_seconds) == (1, 600)


def test_nodes_say_nothing_of_a_step_beside_one_that_still_runs() -> None:
    (run,) = of_cluster(step("s-1", SUBMIT), step("s-2", SUBMIT, ended=False, begin=10))
    assert run.peak_executors is None


@pytest.mark.parametrize(
    "answers",
    [
        (instances(*NODES),),
        (groups(**GROUPS),),
        (instances(*(instance(name, 0, 60, kind="m4.xlarge") for name in "ab")), groups(**GROUPS)),
        (instances(instance("c1", 40, 60)), groups(**GROUPS)),
    ],
    ids=["no groups", "no instances", "a type that isn't known", "not there"],
)
def test_without_nodes_whose_part_is_known_a_step_has_times_alone(answers: tuple[dict[str, Any], ...]) -> None:
    (run,) = of_cluster(step("s-1", SUBMIT), answers=answers)
    assert (run.peak_executors, run.executor_seconds, run.executor_memory) == (None, None, None)


def test_fleets_say_the_same_as_groups() -> None:
    listed = [{**node, "InstanceFleetId": node["InstanceGroupId"]} for node in NODES]
    for node in listed:
        del node["InstanceGroupId"]
    (run,) = of_cluster(step("s-1", SUBMIT), answers=(fleets(**GROUPS), instances(*listed)))
    assert (run.peak_executors, run.executor_seconds) == (2, (30 + 10) * 60)


def test_of_mixed_types_the_smallest_node_is_an_executor() -> None:
    nodes = instance("c1", 0, 60), instance("c2", 0, 60, kind="m5.4xlarge")
    (run,) = of_cluster(step("s-1", SUBMIT), answers=(instances(*nodes), groups(**GROUPS)))
    assert (run.task_slots, run.executor_memory, run.peak_executors) == (8, 24576 * MIB, 1 + 2)


def test_another_clusters_nodes_are_not_a_steps() -> None:
    listed = printed("emr", "ListSteps", {"Steps": [step("s-1", SUBMIT)]}, ClusterId="j-2AX")
    other = [("j-OTHER", one) for one in (instances(*NODES), groups(**GROUPS))]
    (run,) = emr.runs_of_answers([("j-2AX", listed), *other], Skipped())
    assert run.peak_executors is None
