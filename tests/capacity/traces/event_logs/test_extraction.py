from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.traces.event_logs import extraction
from capacity.traces.event_logs.extraction import Extraction, NoEventLog, Options, Unfinished
from capacity.traces.run import Run
from components.admission.pod_variables import GANG_LABEL, TASK_GROUPS
from sizing import names
from tests.capacity.traces.event_logs.written import (
    KUBERNETES,
    Event,
    at,
    completed,
    end,
    environment,
    executor,
    job_end,
    job_start,
    lines,
    profile,
    removed,
    simple,
    start,
    submitted,
    task,
)

FAILED: dict[str, Any] = {"Reason": "ExceptionFailure", "Class Name": "java.io.IOException", "Description": 'a "quote"'}


def run_of_lines(given_lines: list[bytes]) -> Run:
    made = Extraction("x")
    made.feed(given_lines)
    return made.run(Options(), partial=False)


def run(*events: Event, unfinished: bool = False, partial: bool = False) -> Run:
    made = Extraction("application_1_0001")
    made.feed(lines(*events))
    return made.run(Options(unfinished=unfinished), partial=partial)


def test_a_run_says_who_ran_when_and_where() -> None:
    found = run(*simple())
    assert (found.queue, found.job, found.name, found.user, found.source) == (
        "ads-batch",
        "spark-1",
        "etl *",
        "spark",
        "events",
    )
    assert found.started.timestamp() * 1000 == at(0)
    assert (found.ended - found.started).total_seconds() == 60
    assert found.submitted is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2027-03-01T06:00:00Z", "2027-03-01T06:00:00+00:00"),
        ("2027-03-01T06:00:00+01:00", "2027-03-01T05:00:00+00:00"),
        ("2027-03-01T06:00:00", None),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00+01:00", None),
    ],
)
def test_a_deadline_is_the_drivers_annotation_where_that_is_a_time(said: str, found: str | None) -> None:
    key = f"spark.kubernetes.driver.annotation.{names.DEADLINE_ANNOTATION}"
    deadline = run(*simple(settings={**KUBERNETES, key: said})).deadline
    assert (deadline and deadline.isoformat()) == found
    assert run(*simple()).deadline is None


def labels(name: str, driver: str | None, executor: str | None) -> dict[str, str]:
    """Settings that put a label on the pods of a role, where it has a value."""
    values = {"driver": driver, "executor": executor}
    return {f"spark.kubernetes.{role}.label.{name}": value for role, value in values.items() if value}


@pytest.mark.parametrize(
    ("driver", "executor", "found"),
    [
        (names.BACKFILL, names.BACKFILL, True),
        (names.BACKFILL, None, None),
        (None, names.BACKFILL, None),
        ("urgent", "urgent", None),
        (None, None, None),
    ],
)
def test_a_job_is_in_the_lane_for_backfill_if_labels_put_all_of_its_pods_there(
    driver: str | None, executor: str | None, found: bool | None
) -> None:
    assert run(*simple(settings={**KUBERNETES, **labels(names.LANE_LABEL, driver, executor)})).backfill is found


@pytest.mark.parametrize(
    ("driver", "executor", "groups", "found"),
    [("true", "true", True, True), ("true", None, True, None), (None, None, True, None), ("true", "true", False, None)],
)
def test_a_job_is_a_gang_if_its_labels_want_one_and_the_operator_made_one(
    driver: str | None, executor: str | None, groups: bool, found: bool | None
) -> None:
    made = {f"spark.kubernetes.driver.annotation.{TASK_GROUPS}": "[]"} if groups else {}
    assert run(*simple(settings={**KUBERNETES, **made, **labels(GANG_LABEL, driver, executor)})).gang is found


def test_sizes_have_the_overhead_in_them() -> None:
    found = run(*simple())
    assert (found.driver_cpu, found.driver_memory) == (1000, (2048 + 384) * 2**20)
    assert (found.executor_cpu, found.executor_memory, found.task_slots) == (4000, (8192 + 819) * 2**20, 4)
    assert (found.minimum_executors, found.maximum_executors) == (1, 10)


def test_executors_count_from_their_first_to_their_last_second() -> None:
    found = run(
        start(), environment(), executor("1", 10), executor("2", 20), removed("1", 30), executor("3", 30), end(60)
    )
    assert found.executor_seconds == 20 + 40 + 30
    assert found.peak_executors == 2


def test_busy_seconds_are_weighted_with_the_slots() -> None:
    found = run(*simple())
    assert (found.executor_seconds, found.busy_seconds) == (50, 10)


def test_as_many_executors_are_requested_as_tasks_could_use_within_the_bounds() -> None:
    def requested(tasks: int, **settings: str) -> int | None:
        conf = environment({**KUBERNETES, **settings})
        return run(start(), profile(), conf, job_start(0, 1, [0]), submitted(0, 1, tasks), end(9)).requested_executors

    assert requested(4) == 1
    assert requested(21) == 6
    assert requested(400) == 10
    assert requested(21, **{"spark.dynamicAllocation.executorAllocationRatio": "0.5"}) == 3
    assert requested(1, **{"spark.dynamicAllocation.initialExecutors": "5"}) == 5
    static = {"spark.dynamicAllocation.enabled": "false", "spark.executor.instances": "7"}
    assert requested(400, **static) == 7


def test_stages_that_wait_at_once_are_added_up() -> None:
    both = run(
        start(), profile(), environment(), job_start(0, 1, [0, 1]), submitted(0, 1, 8), submitted(1, 1, 8), end(9)
    )
    later = run(
        start(), profile(), environment(), submitted(0, 1, 8), completed(0, 1, 2, 8), submitted(1, 3, 8), end(9)
    )
    assert (both.requested_executors, later.requested_executors) == (4, 2)


def test_the_drivers_own_time_is_the_one_without_any_stage() -> None:
    found = run(
        start(),
        environment(),
        job_start(0, 12, [0, 1]),
        submitted(0, 12, 1),
        task(0, 12, 20),
        completed(0, 12, 20, 1),
        submitted(1, 25, 1, [0]),
        task(1, 40, 50),
        completed(1, 25, 50, 1, [0]),
        end(57),
    )
    assert [stage.driver_seconds for stage in found.stages] == [12, 5, 7]
    assert (found.stages[-1].tasks, found.stages[-1].after) == (0, (1,))


def test_work_that_failed_counts_as_work_and_not_as_a_task() -> None:
    (stage,) = run(
        start(),
        submitted(0, 0, 2),
        task(0, 0, 4),
        task(0, 0, 9, reason=FAILED),
        task(0, 9, 15),
        completed(0, 0, 15, 2),
        end(15),
    ).stages
    assert (stage.tasks, stage.task_seconds, stage.longest_task_seconds) == (2, 19, 6)
    assert stage.spread == pytest.approx(0.2)


def test_attempts_of_a_stage_are_one_stage() -> None:
    (stage,) = run(
        start(),
        submitted(0, 0, 2),
        task(0, 0, 4),
        completed(0, 0, 5, 2),
        submitted(0, 5, 1, attempt=1),
        task(0, 5, 9, attempt=1),
        completed(0, 5, 9, 1, attempt=1),
        end(9),
    ).stages
    assert (stage.tasks, stage.task_seconds) == (2, 8)


def test_a_job_waits_for_the_jobs_that_ended_before_it_and_for_no_other() -> None:
    found = run(
        start(),
        job_start(0, 0, [0]),
        submitted(0, 0, 1),
        completed(0, 0, 5, 1),
        job_end(0, 5),
        job_start(1, 5, [1, 2]),
        job_start(2, 6, [3]),
        submitted(1, 5, 1),
        submitted(3, 6, 1),
        completed(1, 5, 8, 1),
        submitted(2, 8, 1, [1]),
        completed(2, 8, 9, 1, [1]),
        job_end(1, 9),
        completed(3, 6, 20, 1),
        job_end(2, 20),
        job_start(3, 21, [4]),
        submitted(4, 21, 1),
        completed(4, 21, 22, 1),
        job_end(3, 22),
        end(22),
    )
    assert [stage.after for stage in found.stages] == [(), (0,), (0,), (1,), (2, 3)]


def test_a_parent_that_was_skipped_leaves_what_its_job_waits_for() -> None:
    found = run(
        start(),
        job_start(0, 0, [0]),
        submitted(0, 0, 1),
        completed(0, 0, 5, 1),
        job_end(0, 5),
        job_start(1, 6, [1, 2]),
        submitted(2, 6, 1, [1]),
        completed(2, 6, 7, 1, [1]),
        job_end(1, 7),
        end(7),
    )
    assert [stage.after for stage in found.stages] == [(), (0,)]


def test_spark_30_which_has_no_partitions_profile_or_user_reads_alike() -> None:
    old = start()
    del old["User"]
    found = run(old, environment(), executor("1", 1), submitted(0, 1, 1), task(0, 1, 5, partition=False), end(6))
    assert found.stages[0].task_seconds == 4
    assert (found.task_slots, found.executor_memory, found.user) == (4, (8192 + 819) * 2**20, None)


def test_a_job_in_python_on_kubernetes_has_more_overhead() -> None:
    found = run(start(), environment({**KUBERNETES, "spark.kubernetes.resource.type": "python"}), end(1))
    assert found.executor_memory == (8192 + 3276) * 2**20


def test_on_yarn_the_place_is_the_queue_and_an_attempt_has_its_own_name() -> None:
    conf = environment({"spark.master": "yarn", "spark.yarn.queue": "root.etl"})
    found = run({**start(), "App Attempt ID": "2"}, conf, end(1))
    assert (found.queue, found.job, found.minimum_executors) == ("root.etl", "spark-1_2", 2)


def test_a_databricks_cluster_of_a_job_is_named_for_the_job() -> None:
    conf = environment({"spark.databricks.clusterUsageTags.clusterName": "job-8239-run-77-main"})
    assert run(start(name="Databricks Shell"), conf, end(1)).name == "job-8239-main"


def test_what_spark_redacted_is_not_known() -> None:
    assert run(start(), environment({**KUBERNETES, "spark.executor.memory": "*********(redacted)"}), end(1)).queue


def test_a_log_whose_beginning_is_gone_says_so() -> None:
    found = run(task(3, 5, 9), completed(3, 4, 9, 1), removed("1", 10), end(12), partial=True)
    assert (found.source, found.job, found.queue) == ("events (partial)", "application_1_0001", "")
    assert (found.stages[0].tasks, found.peak_executors) == (1, 1)
    assert found.driver_memory is None


def test_a_log_on_yarn_whose_beginning_is_gone_is_of_the_application_and_not_of_its_first_attempt() -> None:
    def job(called: str) -> str:
        made = Extraction(called)
        made.feed(lines(task(0, 1, 2), end(3)))
        return made.run(Options(), partial=True).job

    assert (job("application_1_0007_1"), job("application_1_0007_2")) == ("application_1_0007", "application_1_0007_2")


def test_an_application_without_an_end_is_unfinished_and_taken_on_request() -> None:
    events = simple()[:-1]
    with pytest.raises(Unfinished, match="runs, or its driver was killed"):
        run(*events)
    assert (run(*events, unfinished=True).ended.timestamp() * 1000) == at(30)


@pytest.mark.parametrize(
    ("given_lines", "said"),
    [
        ([], "empty"),
        ([b"\x00\x81\x99", b"\x01"], "no event log"),
        ([b"hello"], "no event log"),
        ([*lines(*simple())[:4], b'{"Event":"SparkListenerTas', *lines(end(60))], "line 5 is no event"),
        (lines({"Event": "SparkListenerLogStart"}), "no application starts"),
        ([*lines(*simple()[:-1]), b'{"Event":"SparkListenerAppl'], "half written"),
        ([b'{"Event":"SparkListenerJobStart","Job ID":1}'], "another form than Spark writes"),
    ],
)
def test_what_is_no_log_or_half_of_one_says_why(given_lines: list[bytes], said: str) -> None:
    with pytest.raises(NoEventLog, match=said):
        run_of_lines(given_lines)


TASKS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 50),
        st.integers(0, 50),
        st.sampled_from([None, FAILED, {"Reason": "TaskKilled", "Kill Reason": "another attempt succeeded"}]),
        st.booleans(),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(TASKS)
def test_the_quick_way_gives_what_a_full_parse_gives(
    tasks: list[tuple[int, int, int, dict[str, Any] | None, bool]],
) -> None:
    events = [
        start(),
        profile(),
        environment(),
        *(submitted(stage, 0, 8) for stage in range(4)),
        *(
            task(stage, launched, launched + took, reason=reason, partition=partition)
            for stage, launched, took, reason, partition in tasks
        ),
        end(100),
    ]
    quick, whole = Extraction("x"), Extraction("x")
    quick.feed(lines(*events))
    # With a space in it a line is the same to JSON, and fits no expression.
    whole.feed(json.dumps(event).encode() for event in events)
    assert extraction._TASK.match(json.dumps(task(0, 0, 1)).encode()) is None
    assert quick.run(Options(), partial=False) == whole.run(Options(), partial=False)
