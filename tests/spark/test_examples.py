"""The programs of the examples in a real Spark: on stand-ins for S3 and Glue, and a real database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from venv import EnvBuilder

import pytest
from skate.packing import REQUIREMENTS_FOLDER, packed_requirements, zipped

from sizing.spark.catalogs import GlueCatalog, catalog_properties
from sizing.spark.defaults import PACKAGES
from tests.cluster import postgresql
from tests.cluster.postgresql import DRIVER, Database, database
from tests.cluster.spark import Spark
from tests.cluster.spark_packages import packages_here
from tests.examples import FOLDER, PACKAGE, first_job, wheelhouse
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.pod_identity import pod_identity
from tests.spark.rendered import HERE, PROPERTIES, properties
from tests.spark.s3 import S3
from tests.spark.stand_in import REGION

NO_LOG = {"spark.eventLog.enabled": "false"}
KEY = "ASIAEXAMPLES"
PASSWORD = "a-Zx81-marker"  # noqa: S105 - of a database that lives as long as a test
DAY = "2026-11-29"
LAKE = {"lake": GlueCatalog(region=REGION, warehouse="s3://example-research/tables")}
ORDERS = (
    '<order><country>DE</country><item price="12.50"/><item price="3"/></order>\n'
    '<order><country>AT</country><item price="20"/></order>\n'
)


def printed(
    spark: Spark,
    program: str,
    *arguments: str | Path,
    conf: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    master: str = "local-cluster[1,1,1024]",
    options: tuple[str, ...] = (),
    folder: Path | None = None,
) -> list[str]:
    """The lines that a program of the examples prints.

    Args:
        spark: runs it.
        program: below the folder of examples.
        arguments: its own.
        conf: Spark's settings.
        environment: beside Spark's own.
        master: where its tasks run.
        options: of spark-submit.
        folder: the working folder of its driver.
    """
    done = subprocess.run(
        [*spark.command(f"--master={master}", *options, conf=conf), FOLDER / program, *arguments],
        env={**spark.environment(), **(environment or {})},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr[-6000:]}\n{done.stdout[-6000:]}"
    return done.stdout.splitlines()


def without_packages(conf: Mapping[str, str], *jars: Path) -> dict[str, str]:
    """Settings with packages on the class path, as in an image."""
    path = ":".join(f"{each}/jars/*" for each in jars)
    kept = {key: value for key, value in conf.items() if key != PACKAGES}
    return {**kept, **HERE, **NO_LOG, "spark.driver.extraClassPath": path, "spark.executor.extraClassPath": path}


LOCAL = {**HERE, **NO_LOG}


def test_words_are_counted_on_s3_as_the_queue(spark: Spark, packages: Path, s3: S3, tmp_path: Path) -> None:
    s3.make("example-ads-raw", {"events/a.txt": "to be or not\n", "events/b.txt": "To be!\n"})
    s3.make("example-ads-reports", {})
    conf = {**without_packages(PROPERTIES, packages), **s3.conf}
    with pod_identity(tmp_path, KEY) as identity:
        s3.known[identity.key] = identity.session_token
        lines = printed(
            spark,
            "word-count/word_count.py",
            "s3a://example-ads-raw/events/",
            "s3a://example-ads-reports/word-count/",
            conf=conf,
            environment=identity.environment,
        )
    assert [line.split() for line in lines] == [["2", "be"], ["2", "to"], ["1", "not"], ["1", "or"]]
    assert "word-count/_SUCCESS" in s3.keys("example-ads-reports")


@pytest.fixture(scope="module")
def lake(s3: S3) -> S3:
    """S3 and Glue with what the queue research-explore reaches."""
    s3.make("example-research", {})
    clicks = "".join(f'{{"country": "{country}"}}\n' for country in ("DE", "AT", "DE", "DE", "AT"))
    s3.make("example-partner-clicks", {f"daily/{DAY}/clicks.json": clicks})
    s3.make_database("research")
    return s3


def of_lake(s3: S3, *jars: Path) -> dict[str, str]:
    """Settings of a queue with the catalog `lake`."""
    conf = without_packages(properties(catalog_properties(sorted(LAKE.items()))), *jars)
    return {**conf, **s3.conf, "spark.sql.catalog.lake.glue.endpoint": s3.endpoint}


def test_a_day_of_an_iceberg_table_is_written_again_without_being_there_twice(
    spark: Spark, packages: Path, iceberg: Path, lake: S3, tmp_path: Path
) -> None:
    with pod_identity(tmp_path, KEY) as identity:
        lake.known[identity.key] = identity.session_token
        for run in (1, 2):
            lines = printed(
                spark,
                "iceberg-table/clicks_by_country.py",
                DAY,
                conf=of_lake(lake, packages, iceberg),
                environment=identity.environment,
            )
            assert lines == [f"{DAY} AT 2", f"{DAY} DE 3", f"versions: {run}"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Database]:
    """A database with a hundred orders."""
    folder = postgresql.find()
    if folder is None:
        pytest.skip("needs PostgreSQL, which `make test-cluster` installs where it may")
    with database(folder, PASSWORD) as running:
        yield running


def test_a_database_is_copied_into_a_table_with_a_secret_that_is_not_shown(
    spark: Spark, packages: Path, iceberg: Path, lake: S3, shop: Database, tmp_path: Path
) -> None:
    driver = packages_here((DRIVER,))
    assert driver, "needs a JDBC driver, which `make test-cluster` fetches into the cache"
    secret, fill = tmp_path / "WAREHOUSE_PASSWORD", tmp_path / "fill.py"
    secret.write_text(PASSWORD)
    fill.write_text(
        "import sys\n"
        "from pyspark.sql import SparkSession\n"
        "rows = SparkSession.builder.getOrCreate().range(100)\n"
        "at = {'url': sys.argv[1], 'user': 'spark', 'password': sys.argv[2], 'driver': 'org.postgresql.Driver'}\n"
        "rows.write.format('jdbc').options(**at, dbtable='orders').save()\n"
    )
    printed(spark, str(fill), shop.url, PASSWORD, conf=without_packages(PROPERTIES, driver), master="local[1]")
    with pod_identity(tmp_path, KEY) as identity:
        lake.known[identity.key] = identity.session_token
        lines = printed(
            spark,
            "jdbc-to-table/orders_to_lake.py",
            f"--url={shop.url}",
            "--table=lake.research.orders",
            f"--secret={secret}",
            conf=of_lake(lake, packages, iceberg, driver),
            environment=identity.environment,
        )
    assert lines == ["rows in lake.research.orders: 100"]


def test_the_nightly_report_of_a_day_takes_the_place_of_the_one_before(spark: Spark, tmp_path: Path) -> None:
    day = tmp_path / "events" / DAY
    day.mkdir(parents=True)
    (day / "events.json").write_text('{"kind": "click"}\n{"kind": "view"}\n{"kind": "click"}\n')
    places = (f"--source={tmp_path / 'events'}", f"--target={tmp_path / 'daily'}")
    for _ in range(2):
        lines = printed(spark, "nightly/daily_report.py", DAY, *places, conf=LOCAL, master="local[1]")
        assert lines == [f"{DAY} click 2", f"{DAY} view 1"]


def test_the_program_of_the_tutorial_says_what_the_tutorial_shows(spark: Spark, tmp_path: Path) -> None:
    page, program = first_job(), tmp_path / "job.py"
    program.write_text(page.program)
    submitted = [step for step in page.steps if step.submits]
    assert [step.fails for step in submitted] == [False, True]
    for step in submitted:
        arguments = step.command.partition(" -- ")[2].split()
        done = subprocess.run(
            [*spark.command("--master=local[1]", conf=LOCAL), program, *arguments],
            env=spark.environment(),
            stdout=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert bool(done.returncode) == step.fails
        for line in (step.log[0], step.log[-1]):
            assert line in done.stdout


def event(time: str, kind: str) -> str:
    return f'{{"time": "{DAY}T{time}Z", "kind": "{kind}"}}\n'


def test_a_stream_goes_on_where_it_was_and_counts_nothing_twice(spark: Spark, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()

    def run() -> list[str]:
        return printed(
            spark, "streaming/events_stream.py", source, target, "--until-empty", conf=LOCAL, master="local[1]"
        )

    (source / "1.json").write_text(event("10:00:01", "click") + event("10:00:02", "click") + event("10:30:00", "view"))
    assert run() == ["rows written: 1"]
    (source / "2.json").write_text(event("11:00:00", "view"))
    assert run() == ["rows written: 2"]
    assert run() == ["rows written: 2"]


def test_a_project_has_its_modules_and_requirements_in_the_driver_and_in_executors(
    spark: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's archives are unpacked by Spark as in a pod; the executor has a working folder of its own."""
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "orders.xml").write_text(ORDERS)
    archive, package = tmp_path / f"{REQUIREMENTS_FOLDER}.tar.gz", tmp_path / "shop.zip"
    packed_requirements(
        FOLDER / "python-project" / "requirements.txt",
        archive,
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        architectures=["amd64"],
        index_args=["--no-index", "--find-links", str(wheelhouse(tmp_path / "wheels"))],
    )
    zipped(FOLDER / "python-project" / "shop", package)
    conf = {
        **LOCAL,
        "spark.archives": f"{archive.as_uri()}#{REQUIREMENTS_FOLDER}",
        "spark.submit.pyFiles": package.as_uri(),
        "spark.pyspark.python": str(python_without_packages(tmp_path / "python")),
    }
    paths = {"PYTHONPATH": f"{REQUIREMENTS_FOLDER}:{spark.environment()['PYTHONPATH']}"}
    where = tmp_path / "where.py"
    where.write_text("import shop.orders, xmltodict\nprint(shop.orders.__file__)\nprint(xmltodict.__file__)\n")
    in_driver = printed(
        spark,
        str(where),
        conf={**conf, "spark.kubernetes.submitInDriver": "true"},
        environment=paths,
        master="k8s://http://127.0.0.1:9",
        folder=work,
    )
    assert [Path(line).parts[-3:-1] for line in in_driver] == [("shop.zip", "shop"), ("work", REQUIREMENTS_FOLDER)]
    lines = printed(
        spark,
        "python-project/revenue.py",
        tmp_path / "orders.xml",
        tmp_path / "out",
        conf=conf,
        environment=paths,
        folder=work,
    )
    assert lines == [f"xmltodict {version(PACKAGE)}", "AT 20.00", "DE 15.50"]


def python_without_packages(folder: Path) -> Path:
    """A Python that has nothing installed, as the image's."""
    EnvBuilder(with_pip=False).create(folder)
    return folder / "bin" / "python"
