"""The same reading of event logs as a Spark job, where they outgrow one machine: a log a task, on executors.

Usage: spark_job.py [--unfinished] PLACE OUT, with PLACE a folder that all executors see or s3://BUCKET/PREFIX, and OUT
a folder for Spark to write into, such as s3a://BUCKET/PREFIX. `fleet capacity import events --extracted OUT` makes a
trace of it. docs/traces.md says what its image needs.
"""

from __future__ import annotations

import sys
from typing import Final

from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import Log, logs_among
from capacity.traces.event_logs.importing import note_of, read_one
from capacity.traces.event_logs.storage import files_of

_MOST_PARTS: Final = 10_000


def main(place: str, out: str, options: Options) -> None:
    """Writes a line for each log: its run, or why there is none."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    logs = sorted(logs_among(files_of(place)), key=lambda log: -log.size)
    if not logs:
        sys.exit(f"no event log is in {place}")

    def extracted(log: Log) -> str:
        return note_of(read_one(log, options), options).decode()

    spread = spark.sparkContext.parallelize(logs, min(len(logs), _MOST_PARTS))
    spread.map(extracted).saveAsTextFile(out)
    spark.stop()


if __name__ == "__main__":
    places = [argument for argument in sys.argv[1:] if argument != "--unfinished"]
    if len(places) != 2:
        sys.exit("usage: spark_job.py [--unfinished] PLACE OUT")
    main(places[0], places[1], Options(unfinished="--unfinished" in sys.argv[1:]))
