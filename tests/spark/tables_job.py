"""A job for `test_catalogs.py`, run by spark-submit: it makes an Iceberg table, writes to it and reads it again.

Usage: tables_job.py CATALOG DATABASE [make] [drop]: `make` makes the database first, `drop` removes the table at the
end. Prints how many rows it read, and a sum.
"""

from __future__ import annotations

import sys

ROWS = 1000
KEPT = 900


def main(catalog: str, database: str, *options: str) -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    table = f"{catalog}.{database}.orders"
    if "make" in options:
        spark.sql(f"CREATE NAMESPACE {catalog}.{database}")
    spark.sql(f"CREATE TABLE {table} (id BIGINT, amount DOUBLE) USING iceberg")
    spark.sql(f"INSERT INTO {table} SELECT id, id / 2 FROM range({ROWS})")  # noqa: S608 - names that the test gives
    spark.sql(f"DELETE FROM {table} WHERE id >= {KEPT}")  # noqa: S608
    found = spark.sql(f"SELECT count(*), sum(amount) FROM {table}").first()  # noqa: S608
    sys.stdout.write(f"{found[0]} {found[1]}\n")
    if "drop" in options:
        spark.sql(f"DROP TABLE {table}")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
