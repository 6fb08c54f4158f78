"""How long a real job takes on 1, 2 and 4 executors, replayed from what its event log at 4 recorded.

What is compared begins after the job's first stages. On this machine, whose few cores all executors share, four of them
start and load classes more slowly than one does, which on nodes of their own they don't; and how long an executor takes
to start is in no trace, but one of the replay's given times (`Behaviour.executor_start`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from capacity.declared import Platform, Pool, Queue, platforms
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import replays_on
from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import logs_among
from capacity.traces.event_logs.importing import imported
from capacity.traces.event_logs.storage import files_of
from capacity.traces.files import table_of
from capacity.traces.placing import Queues, placed
from capacity.traces.run import Run
from tests.cluster.spark import Spark
from tests.samples import ROOT
from tests.spark.sleeping_job import THINKS_SECONDS, WARM_UP, WORK

QUEUE: Final = "ads-batch"
SLOTS: Final = 2
RECORDED: Final = 4
EXECUTORS: Final = (1, 2, RECORDED)
APART: Final = 0.15
BUSY: Final = 0.12
"""Of a run by how much more tasks may take than they sleep: else what is measured is how busy this machine is."""
TRIES: Final = 3
STAGES: Final = [tasks for query in WORK for tasks in query]
STARTED: Final = "SparkListenerApplicationStart"
OF_WORK: Final = ("SparkListenerJob", "SparkListenerStage", "SparkListenerTask")


def conf(executors: int, folder: Path) -> dict[str, str]:
    """No task starts before all executors are there."""
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.executor.instances": str(executors),
        "spark.executor.cores": str(SLOTS),
        "spark.executor.memory": "512m",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.cores.max": str(executors * SLOTS),
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": folder.as_uri(),
    }


def after_the_warm_up(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A log as if the application had begun when its last job of the warm-up ended."""
    warm = {
        event["Job ID"]
        for event in events
        if event["Event"] == "SparkListenerJobStart" and event["Properties"].get("spark.jobGroup.id") == WARM_UP
    }
    over = max(
        place
        for place, event in enumerate(events)
        if event["Event"] == "SparkListenerJobEnd" and event["Job ID"] in warm
    )
    begins = events[over]["Completion Time"]
    return [
        {**event, "Timestamp": begins} if event["Event"] == STARTED else event
        for place, event in enumerate(events)
        if place > over or not event["Event"].startswith(OF_WORK)
    ]


@pytest.fixture(scope="module")
def recorded(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Run]:
    """The job's runs, as the importer reads them, by how many executors it had."""
    found = {}
    for executors in EXECUTORS:
        for _ in range(TRIES):
            run = ran(spark, executors, tmp_path_factory)
            if beyond_sleep(run) <= BUSY:
                break
        else:
            pytest.skip(
                f"the machine is too busy to time a job: tasks took {beyond_sleep(run):.0%} longer than they slept"
            )
        found[executors] = run
    return found


def ran(spark: Spark, executors: int, folders: pytest.TempPathFactory) -> Run:
    """The job's run by a real Spark, without its warm-up."""
    logs, cut = folders.mktemp("logs"), folders.mktemp("cut")
    command = spark.command(f"--master=local-cluster[{executors},{SLOTS},1024]", conf=conf(executors, logs))
    spark.run([*command, Path(__file__).with_name("sleeping_job.py")])
    (log,) = logs.iterdir()
    events = [json.loads(line) for line in log.read_text().splitlines()]
    lines = [json.dumps(event, separators=(",", ":")) for event in after_the_warm_up(events)]
    (cut / log.name).write_text("\n".join(lines) + "\n")
    return imported_alone(cut)


def beyond_sleep(run: Run) -> float:
    """How much longer all tasks took than they slept, as a share of that."""
    slept = sum(map(sum, STAGES))
    return sum(stage.task_seconds for stage in run.stages) / slept - 1


def imported_alone(folder: Path) -> Run:
    """The run of the only log in a folder."""

    def never(what: str, why: str) -> None:
        pytest.fail(f"{what}: {why}")

    logs = logs_among(files_of(str(folder)))
    runs = imported(logs, folder / "journal", options=Options(), workers=1, skip=never)
    (run,) = placed(runs, Queues(all=QUEUE))
    return run


def with_executors(executors: int) -> Platform:
    """The sample platform, with a queue in which a job has so many at most, for all of which there are nodes."""
    platform = next(one for one in platforms(ROOT) if QUEUE in one.queues)

    def there(pool: Pool) -> Pool:
        return replace(pool, minimum=pool.maximum)

    def bounded(queue: Queue) -> Queue:
        return replace(queue.with_pools(there), sharing=replace(queue.sharing, max_executors_per_job=executors))

    return platform.with_queues(bounded)


def predicted(run: Run, executors: int) -> float:
    """Seconds that the run takes in a replay with at most so many executors, which are there when it begins."""
    (found,) = replays_on(table_of([run]), [with_executors(executors)], Behaviour(executor_start=0.0))
    assert found.outcomes.executors[0] == executors
    return float(found.outcomes.runtime[0])


def seconds(run: Run) -> float:
    return (run.ended - run.started).total_seconds()


def test_the_importer_reads_the_stages_the_drivers_pause_and_the_executors(recorded: Mapping[int, Run]) -> None:
    for executors, run in recorded.items():
        assert (run.peak_executors, run.task_slots) == (executors, SLOTS)
        assert [stage.tasks for stage in run.stages if stage.tasks] == [len(tasks) for tasks in STAGES]
        for stage, tasks in zip(run.stages, STAGES, strict=False):
            assert stage.longest_task_seconds >= max(tasks) * 0.95
        assert THINKS_SECONDS <= run.stages[2].driver_seconds < THINKS_SECONDS + 1.5


@pytest.mark.parametrize("executors", EXECUTORS)
def test_from_the_log_at_four_executors_a_replay_says_how_long_the_job_takes_on_fewer(
    recorded: Mapping[int, Run], executors: int
) -> None:
    real, replayed = seconds(recorded[executors]), predicted(recorded[RECORDED], executors)
    said = f"{executors} executors: real {real:.1f} s, replayed {replayed:.1f} s, {replayed / real - 1:+.1%}"
    print(said)
    assert replayed == pytest.approx(real, rel=APART), said


def test_without_a_replay_the_log_would_be_far_off(recorded: Mapping[int, Run]) -> None:
    recorded_seconds = seconds(recorded[RECORDED])
    assert seconds(recorded[2]) > (1 + APART) * recorded_seconds
    assert seconds(recorded[1]) > (1 + 3 * APART) * recorded_seconds
