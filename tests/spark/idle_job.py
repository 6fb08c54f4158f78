"""A job for `bench_idle.py`, run by spark-submit: it shuffles, waits, and uses what it shuffled.

Usage: idle_job.py EXECUTORS SECONDS: how many there are at most, of one core each, and how long it waits. It prints
a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.request import urlopen

from pyspark.sql import SparkSession

STRAGGLER_SECONDS: Final = 30


class Watch:
    """What the driver knows of its executors and tasks."""

    def __init__(self, spark: SparkSession) -> None:
        context = spark.sparkContext
        self._address = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}"

    def executors(self) -> int:
        """That are there."""
        return sum(found["id"] != "driver" for found in self._ask("executors"))

    def tasks(self) -> int:
        """That ended well."""
        return sum(found["numCompleteTasks"] for found in self._ask("stages"))

    def _ask(self, what: str) -> list[dict[str, Any]]:
        with urlopen(f"{self._address}/{what}", timeout=60) as answer:  # noqa: S310 - of this process
            found: list[dict[str, Any]] = json.load(answer)
        return found


def slow(partition: int, rows: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """One task of a stage takes longer than the others, and those who did them idle."""
    kept = list(rows)
    time.sleep(STRAGGLER_SECONDS if partition == 0 else 2)
    return iter(kept)


def main(executors: int, seconds: float) -> None:
    """Prints what was seen."""
    spark = SparkSession.builder.getOrCreate()
    watch = Watch(spark)
    while watch.executors() < executors:
        time.sleep(0.2)
    pairs = spark.sparkContext.parallelize(range(400_000), 4 * executors).map(lambda number: (number % 1000, 1))
    shuffled = pairs.reduceByKey(lambda one, other: one + other, 2 * executors)
    shuffled.mapPartitionsWithIndex(slow).count()
    after_job, done = watch.executors(), watch.tasks()
    ended = time.monotonic()
    gone: float | None = None
    while time.monotonic() < ended + seconds:
        if gone is None and watch.executors() == 0:
            gone = round(time.monotonic() - ended)
        time.sleep(0.5)
    again = time.monotonic()
    assert shuffled.values().sum() == 400_000
    used = round(time.monotonic() - again, 1)
    found = {"after_job": after_job, "gone": gone, "again": watch.tasks() - done - 2 * executors, "seconds": used}
    sys.stdout.write(json.dumps(found) + "\n")
    spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
