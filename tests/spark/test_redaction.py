"""What a program gives its REST catalog to be let in is in no event log, on no page and in no log of a real Spark."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from sizing.spark.catalogs import RestCatalog, catalog_properties
from sizing.spark.defaults import PACKAGES
from tests.cluster.spark import Spark
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.rendered import HERE, properties

CREDENTIAL: Final = "client:Zx81-marker"
AUTHORIZATION: Final = "Bearer Qy92-marker"
OF_QUEUE: Final = catalog_properties([("partners", RestCatalog(uri="https://catalog.example.com", warehouse=None))])


@pytest.mark.parametrize(
    ("redacted", "late", "shows"),
    [(True, (), False), (False, (), True), (True, ("late",), True)],
    ids=["as the guide has it", "with Spark's own pattern", "in a session that is there"],
)
def test_what_lets_a_job_into_a_rest_catalog_shows_nowhere(
    spark: Spark, tmp_path: Path, *, redacted: bool, late: tuple[str, ...], shows: bool
) -> None:
    """Of a session's own settings Spark hides none in its event log: EventLoggingListener.redactProperties looks at
    those of the application alone."""
    of_queue = {key: value for key, value in OF_QUEUE.items() if redacted or key != "spark.redaction.regex"}
    events = tmp_path / "events"
    events.mkdir()
    conf = {
        **{key: value for key, value in properties(of_queue).items() if key != PACKAGES},
        **HERE,
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
    }
    done = subprocess.run(
        [
            *spark.command("--master=local[1]", "--name=redaction", conf=conf),
            Path(__file__).with_name("redaction_job.py"),
            CREDENTIAL,
            AUTHORIZATION,
            str(tmp_path),
            *late,
        ],
        env=spark.environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    left = {"log": done.stderr, "page": (tmp_path / "query.html").read_text()}
    left |= {"events": "".join(path.read_text() for path in events.rglob("*") if path.is_file())}
    assert "SparkListenerSQLExecutionStart" in left["events"]
    shown = {where for where, text in left.items() if CREDENTIAL in text or AUTHORIZATION in text}
    assert bool(shown) is shows, shown
