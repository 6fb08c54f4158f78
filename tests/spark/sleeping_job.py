"""A job for `test_runtimes.py`, run by spark-submit: stages whose tasks sleep, so that few cores are enough.

First it warms up, in jobs of the group `warm-up`: classes are loaded and compiled, and every executor has had tasks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

WARM_UP: Final = "warm-up"
ROUNDS: Final = 4
THINKS_SECONDS: Final = 2
WORK: Final = (
    ((1.4,) * 16, (0.6, 0.6, 0.9, 0.9, 1.5, 4.5)),
    ((2.0,) * 3, (0.3, 0.9, 0.5, 0.7) * 6),
)
"""Of each query the seconds of tasks: of its first stage, and of a second one behind a shuffle. In turn: tasks that are
alike, some of which are much longer, fewer than slots, and many that are short."""


def main() -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()

    def query(first: Sequence[float], second: Sequence[float]) -> None:
        """Each task of the first stage has a row for each of the second, to which Spark deals them out evenly."""
        rows = spark.range(0, len(first) * len(second), 1, len(first))
        dealt = sleeping(rows, first, len(second)).repartition(len(second))
        sleeping(dealt, second, len(first)).write.format("noop").mode("overwrite").save()

    spark.sparkContext.setJobGroup(WARM_UP, WARM_UP)
    for _ in range(ROUNDS):
        query((0.0,) * 16, (0.0,) * 16)
    spark.sparkContext.setJobGroup("work", "work")
    for number, (first, second) in enumerate(WORK):
        if number:
            time.sleep(THINKS_SECONDS)
        query(first, second)
    spark.stop()


def sleeping(frame: DataFrame, seconds: Sequence[float], rows: int) -> DataFrame:
    """The same, where each task sleeps so long, a part of it at each of its rows.

    Args:
        frame: of as many partitions as seconds.
        seconds: of each task.
        rows: of each partition.
    """
    each = ", ".join(str(round(1000 * task / rows)) for task in seconds)
    pause = f"cast(element_at(array({each}), spark_partition_id() + 1) AS bigint)"
    name = f"slept_{len(frame.columns)}"
    # What isn't written would be left out of the plan.
    return frame.selectExpr("*", f"reflect('java.lang.Thread', 'sleep', {pause}) AS {name}")


if __name__ == "__main__":
    main()
