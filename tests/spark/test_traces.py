"""Event logs that a real Spark wrote, of each codec, become runs; held to a plain reading of the same events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pytest

from capacity.traces.event_logs.compression import lines, plain
from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import Log, logs_among
from capacity.traces.event_logs.importing import extracted, imported
from capacity.traces.event_logs.reading import run_of
from capacity.traces.event_logs.storage import files_of, opened
from capacity.traces.lines_of import lines_of
from sizing import names
from tests.capacity.traces.event_logs.framed import lz4
from tests.capacity.traces.event_logs.written import simple, text
from tests.cluster.spark import Spark
from tests.samples import ROOT
from tests.spark.traced_job import THINKS_SECONDS

ROLLING: Final = "spark.eventLog.rolling.enabled"
CODEC: Final = "spark.eventLog.compression.codec"
COMPRESS: Final = "spark.eventLog.compress"
CASES: Final[Mapping[str, Mapping[str, str]]] = {
    "lz4": {ROLLING: "false", COMPRESS: "true", CODEC: "lz4"},
    "snappy": {ROLLING: "true", COMPRESS: "true", CODEC: "snappy"},
    "zstd": {ROLLING: "false", COMPRESS: "true", CODEC: "zstd"},
    "plain": {ROLLING: "false", COMPRESS: "false"},
    "rolling": {ROLLING: "true", COMPRESS: "false", "spark.eventLog.rolling.maxFileSize": "10m"},
}
TASKS: Final = {"rolling": 5000}
"""As many as fill more than one file of the least size that Spark takes."""


@pytest.fixture(scope="module", params=CASES)
def log(request: pytest.FixtureRequest, spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Log:
    folder, noted = tmp_path_factory.mktemp(request.param), tmp_path_factory.mktemp("noted")
    conf = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "512m",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        f"spark.kubernetes.driver.annotation.{names.DEADLINE_ANNOTATION}": "2027-03-01T06:00:00Z",
        **{f"spark.kubernetes.{role}.label.{names.LANE_LABEL}": names.BACKFILL for role in ("driver", "executor")},
        **CASES[request.param],
    }
    job = Path(__file__).with_name("traced_job.py")
    command = spark.command("--master=local-cluster[2,1,1024]", conf=conf)
    spark.run([*command, job, str(TASKS.get(request.param, 2)), noted])
    (found,) = logs_among(files_of(str(folder)))
    assert len(found.files) > (1 if request.param == "rolling" else 0)
    return found


def events(log: Log) -> list[dict[str, Any]]:
    """Each parsed as a whole."""
    found = []
    for file in log.files:
        with opened(file.path) as stored:
            found += [json.loads(line) for some in lines(plain(stored)) for line in some]
    return found


def test_a_log_of_a_real_spark_is_the_run_that_it_recorded(log: Log) -> None:
    run = run_of(log, Options())
    all_events = events(log)
    of = {event["Event"]: event for event in all_events}
    kinds = Counter(event["Event"] for event in all_events)
    ends = [event for event in all_events if event["Event"] == "SparkListenerTaskEnd"]
    seconds = [(end["Task Info"]["Finish Time"] - end["Task Info"]["Launch Time"]) / 1000 for end in ends]
    reasons = Counter(end["Task End Reason"]["Reason"] for end in ends)
    assert reasons["ExceptionFailure"] == 1
    assert run.started.timestamp() * 1000 == of["SparkListenerApplicationStart"]["Timestamp"]
    assert run.ended.timestamp() * 1000 == of["SparkListenerApplicationEnd"]["Timestamp"]
    assert run.job == of["SparkListenerApplicationStart"]["App ID"]
    assert sum(stage.tasks for stage in run.stages) == reasons["Success"]
    assert sum(stage.task_seconds for stage in run.stages) == pytest.approx(sum(seconds))
    assert run.busy_seconds == pytest.approx(sum(seconds))
    assert len(run.stages) == kinds["SparkListenerStageCompleted"] + (run.stages[-1].tasks == 0)
    assert run.deadline == datetime(2027, 3, 1, 6, tzinfo=UTC)
    assert run.backfill is True
    assert (run.task_slots, run.peak_executors, run.executor_memory) == (1, 2, (512 + 384) * 2**20)


def test_stages_of_jobs_one_after_the_other_wait_for_each_other_and_the_driver(log: Log) -> None:
    stages = run_of(log, Options()).stages
    assert all(stage.after for stage in stages[1:])
    assert max(stage.driver_seconds for stage in stages[1:-1]) >= THINKS_SECONDS


def test_a_spark_job_reads_logs_as_one_machine_does(spark: Spark, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(4):
        (logs / f"spark-{number}.lz4").write_bytes(lz4(text(*simple(f"spark-{number}"))))
    (logs / "half.inprogress").write_bytes(text(*simple("half")[:-1]))
    package = tmp_path / "capacity.zip"
    with ZipFile(package, "w") as archive:
        for path in (ROOT / "capacity").rglob("*.py"):
            archive.write(path, path.relative_to(ROOT))
    conf = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
    command = spark.command("--master=local-cluster[2,1,1024]", f"--py-files={package}", conf=conf)
    job = ROOT / "capacity" / "traces" / "event_logs" / "spark_job.py"
    spark.run([*command, job, str(logs), (tmp_path / "extracted").as_uri()])
    told: dict[str, str] = {}

    def skip(what: str, why: str) -> None:
        told[Path(what).name] = why

    found = list(extracted(lines_of(str(tmp_path / "extracted"), skip), skip))
    here = list(imported(logs_among(files_of(str(logs))), tmp_path / "j", options=Options(), workers=1, skip=skip))
    assert sorted(found, key=lambda run: run.job) == sorted(here, key=lambda run: run.job)
    assert len(found) == 4
    assert told["half.inprogress"].startswith("unfinished")
