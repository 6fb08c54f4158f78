"""Counts words in text files on S3.

Usage: word_count.py INPUT OUTPUT. Writes a word and its number a row, as Parquet, and prints the ten most frequent.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def main(source: str, target: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    words = spark.read.text(source).select(f.explode(f.split(f.lower("value"), r"\W+")).alias("word"))
    counted = words.where("word != ''").groupBy("word").agg(f.count("*").alias("number"))
    counted.write.mode("overwrite").parquet(target)
    for row in spark.read.parquet(target).orderBy(f.desc("number"), "word").limit(10).collect():
        print(f"{row['number']:>10} {row['word']}")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
