"""A job for `test_secrets.py`, run by spark-submit: it writes and reads a table by JDBC with a password from a file.

Usage: database_job.py URL SECRETS FOLDER. The password is in the file PASSWORD of the folder SECRETS, in the driver and
in the executor, or in the variable PASSWORD of both where SECRETS is `environment`; into FOLDER goes what the driver's
own pages and API say of the job. Prints how many rows it read, and how long the password was that an executor found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.request import urlopen

ROWS = 100
PAGES = ("environment", "SQL", "jobs", "stages", "executors", "storage")
ANSWERS = ("environment", "sql?details=true", "jobs", "stages", "allexecutors")


def main(url: str, secrets: str, folder: Path) -> None:
    from pyspark.sql import SparkSession

    def known() -> str:
        return os.environ["PASSWORD"] if secrets == "environment" else (Path(secrets) / "PASSWORD").read_text()

    def found(_: Iterable[int]) -> Iterator[int]:
        yield len(known())

    spark = SparkSession.builder.getOrCreate()
    password = known()
    options = {"url": url, "user": "spark", "password": password, "driver": "org.postgresql.Driver"}
    spark.range(ROWS).write.format("jdbc").options(**options, dbtable="orders").mode("overwrite").save()
    rows = spark.read.format("jdbc").options(**options, dbtable="orders").load()
    rows.createOrReplaceTempView("orders")
    spark.sql("EXPLAIN EXTENDED SELECT * FROM orders").show(truncate=False)
    count = spark.sql("SELECT count(*) FROM orders").first()[0]
    (length,) = spark.sparkContext.parallelize([0], 1).mapPartitions(found).collect()
    address, application = spark.sparkContext.uiWebUrl, spark.sparkContext.applicationId
    asked = [f"{address}/{page}/" for page in PAGES]
    asked += [f"{address}/api/v1/applications/{application}/{answer}" for answer in ANSWERS]
    for number, page in enumerate(asked):
        with urlopen(page, timeout=30) as answer:  # noqa: S310 - of this process
            (folder / f"page-{number}").write_bytes(answer.read())
    spark.stop()
    sys.stdout.write(f"{count} {length}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
