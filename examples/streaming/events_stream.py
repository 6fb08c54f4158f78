"""Counts events by minute and kind, as files of JSON arrive in a folder.

Usage: events_stream.py INPUT OUTPUT [--until-empty]. Events have `time` and `kind`. Writes Parquet to OUTPUT/data, and
where it is to OUTPUT/checkpoint: started again, it goes on there. `--until-empty` ends when all that is there was read.
"""

from __future__ import annotations

import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--until-empty", action="store_true")
    asked = parser.parse_args()
    target = asked.target.rstrip("/")
    spark = SparkSession.builder.getOrCreate()
    events = spark.readStream.schema("time TIMESTAMP, kind STRING").json(asked.source)
    minutes = events.withWatermark("time", "10 minutes").groupBy(f.window("time", "1 minute"), "kind").count()
    counted = minutes.select(f.col("window.start").alias("minute"), "kind", "count")
    # A minute is written once: when it is ten minutes past the latest event.
    stream = counted.writeStream.outputMode("append").option("checkpointLocation", f"{target}/checkpoint")
    every = {"availableNow": True} if asked.until_empty else {"processingTime": "1 minute"}
    query = stream.trigger(**every).format("parquet").option("path", f"{target}/data").start()
    query.awaitTermination()
    print(f"rows written: {spark.read.parquet(f'{target}/data').count()}")
    spark.stop()


if __name__ == "__main__":
    main()
