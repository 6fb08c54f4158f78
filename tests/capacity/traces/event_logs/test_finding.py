from __future__ import annotations

import pytest

from capacity.traces.event_logs.finding import File, Log, logs_among


def found(*paths: str) -> list[Log]:
    return logs_among(File(path, 1, "x") for path in paths)


def names(log: Log) -> list[str]:
    return [file.path.rpartition("/")[2] for file in log.files]


def test_single_files_are_a_log_each_called_after_the_application() -> None:
    logs = found("logs/application_1_0001_1.lz4", "logs/app-2.zstd.inprogress", "logs/deeper/local-3")
    assert [log.identity for log in logs] == ["app-2", "application_1_0001_1", "local-3"]


def test_a_rolling_log_is_one_in_the_order_of_its_numbers() -> None:
    folder = "s3://bucket/ads/batch/spark-events/eventlog_v2_spark-1"
    (log,) = found(f"{folder}/events_10_spark-1.zstd", f"{folder}/events_9_spark-1.zstd", f"{folder}/appstatus_spark-1")
    assert names(log) == ["events_9_spark-1.zstd", "events_10_spark-1.zstd"]
    assert (log.place, log.identity, log.partial) == (folder, "spark-1", True)


@pytest.mark.parametrize(
    ("numbers", "partial"), [([1, 2, 3], False), ([3, 4], True), ([1, 3], True), ([1], False)], ids=str
)
def test_a_rolling_log_whose_files_are_gone_is_partial(numbers: list[int], partial: bool) -> None:
    (log,) = found(*(f"eventlog_v2_a/events_{number}_a" for number in numbers))
    assert log.partial is partial


def test_what_was_compacted_stands_for_what_came_before() -> None:
    paths = ["events_1_a", "events_2_a", "events_2_a.compact", "events_3_a"]
    (log,) = found(*(f"eventlog_v2_a/{path}" for path in paths))
    assert (names(log), log.partial) == (["events_2_a.compact", "events_3_a"], False)


def test_a_folder_of_databricks_is_one_log_the_newest_part_last() -> None:
    folder = "logs/0123-456-abc/eventlog/0123-456-abc_10_0_0_1/7212"
    (log,) = found(
        f"{folder}/eventlog",
        f"{folder}/eventlog-2026-06-14--11-00.gz",
        f"{folder}/eventlog-2026-06-14--10-00.gz",
    )
    assert names(log) == ["eventlog-2026-06-14--10-00.gz", "eventlog-2026-06-14--11-00.gz", "eventlog"]
    assert (log.identity, log.open_ended) == ("0123-456-abc-7212", True)


def test_other_files_are_passed_over() -> None:
    assert found("a/_SUCCESS", "a/.app.crc", "a/x.parquet", "eventlog_v2_a/appstatus_a.inprogress") == []
