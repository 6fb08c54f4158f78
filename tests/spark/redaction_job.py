"""A job for `test_redaction.py`, run by spark-submit: it gives a REST catalog what lets it in, and keeps the page.

Usage: redaction_job.py CREDENTIAL AUTHORIZATION FOLDER [late]: the page of its query is written to FOLDER; `late` gives
it when the session is there.
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path


def main(credential: str, authorization: str, folder: str, *options: str) -> None:
    from pyspark.sql import SparkSession

    at = "spark.sql.catalog.partners"
    given = {f"{at}.credential": credential, f"{at}.header.Authorization": authorization, f"{at}.token": credential}
    builder = SparkSession.builder
    for key, value in () if "late" in options else given.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    for key, value in given.items() if "late" in options else ():
        spark.conf.set(key, value)
    spark.sql("SELECT count(*) FROM range(7)").collect()
    page = f"{spark.sparkContext.uiWebUrl}/SQL/execution/?id=0"
    with urllib.request.urlopen(page) as answer:  # noqa: S310  of the job itself
        Path(folder, "query.html").write_bytes(answer.read())
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
