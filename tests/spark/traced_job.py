"""A job for `test_traces.py`, run by spark-submit: shuffles, a join, a task that fails once, and a driver that thinks.

Usage: traced_job.py TASKS FOLDER: one stage has so many tasks; FOLDER is empty, and notes that the failure happened.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

THINKS_SECONDS = 2


def main(tasks: int, folder: Path) -> None:
    from pyspark import TaskContext
    from pyspark.sql import SparkSession

    def failing_once(key: int) -> tuple[int, int]:
        mark = folder / "failed"
        if key == 0 and TaskContext.get().attemptNumber() == 0 and not mark.exists():
            mark.touch()
            raise ValueError('once, with "quotes" in it')
        return key % 10, 1

    spark = SparkSession.builder.getOrCreate()
    assert spark.range(0, tasks, 1, tasks).count() == tasks
    for _ in range(2):
        pairs = spark.sparkContext.parallelize(range(1000), 8).map(failing_once)
        assert pairs.reduceByKey(lambda a, b: a + b, 4).count() == 10
    time.sleep(THINKS_SECONDS)
    rows = spark.range(1000).repartition(6)
    assert rows.join(rows.withColumnRenamed("id", "other"), rows.id % 7 == 1).count() > 0
    spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
