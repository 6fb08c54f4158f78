"""The table of settings as a page: `docs/spark-settings.md`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from components.admission.spark_settings import Row
from components.admission.spark_settings_rows import CATALOG_ENDINGS, ENDINGS, TABLE
from sizing.markdown import code_span

PAGE: Final = Path("docs") / "spark-settings.md"
INTRODUCTION: Final = """\
# Spark's settings

What a SparkApplication, ScheduledSparkApplication or SparkConnect may set in `sparkConf`, and in `hadoopConf` with
`spark.hadoop.` before each name ([running jobs](guides/jobs.md)). spark-submit runs in the Spark operator's pod, and
acts by many settings there; what only drivers and executors act by is the job's own.

A name that ends with a dot stands for all that start so, unless a longer one says otherwise. What is on no row is
refused: it may be another software's, which the platform's engineers allow by `spark.confKeys`. What may only be as it
is anyway passes at that value, in capital letters too, and the stored application is without it.

`make spark-settings` writes this page from `components/admission/spark_settings_rows.py`; `tests/spark` holds the table
to all that a real Spark with S3A knows.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for about, rows in groupby(TABLE.rows, key=lambda row: row.about):
        parts.append(f"## {about}\n\n| settings | | why |\n|---|---|---|\n" + "".join(map(_line, rows)))
    names = ", ".join(code_span(f".{ending}") for ending in ENDINGS)
    of_catalogs = ", ".join(code_span(f".{ending}") for ending in CATALOG_ENDINGS)
    parts.append(
        "## Whatever else a row says\n\n"
        f"Names that start with `spark.hadoop.fs.` and end with one of {names} are refused: classes and files that the "
        "operator's pod might load, and keys that whoever may look at an application would see. So are names that "
        f"start with `spark.sql.catalog.` and end with one of {of_catalogs}: the program sets these from a secret. A "
        "name with `=` in it is refused: spark-submit ends it there.\n"
    )
    return "\n".join(parts)


def _line(row: Row) -> str:
    settings = ", ".join((*map(code_span, sorted(row.keys)), *_anyway(row)))
    return f"| {settings} | {row.verdict} | {row.reason} |\n"


def _anyway(row: Row) -> Iterator[str]:
    for key, value in sorted(row.anyway.items()):
        known = "variables." not in value.cel
        shown = (code_span(value.shown) if value.cel != '""' else value.shown) if known else value.shown
        yield f"{code_span(key)}: {shown}"


def main() -> None:
    """Write the page below the current directory, the project's root."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
