"""A real Spark with a queue's catalogs, as the platform renders them: Iceberg's tables, and a Hive metastore."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.access.aws_rights.tenant_boundary import TenantBoundaryArgs, boundary_statements
from components.access.iam import policy_document
from components.queue.identity import QueueIdentityArgs, queue_statements
from sizing.arns import Arns
from sizing.spark.catalogs import Catalog, GlueCatalog, HiveMetastore, RestCatalog, catalog_properties
from sizing.spark.defaults import PACKAGES
from tests.cluster.spark import Spark
from tests.iam_eval import Request, permitted
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.iceberg_rest import rest_catalog
from tests.spark.pod_identity import pod_identity
from tests.spark.rendered import HERE, properties
from tests.spark.s3 import S3
from tests.spark.stand_in import REGION
from tests.spark.tables_job import KEPT

ACCOUNT = "123456789012"
"""moto's."""
ARNS = Arns(ACCOUNT, REGION)
PRINTED = [str(KEPT), str(sum(range(KEPT)) / 2)]
KEY = "ASIATABLES"
NO_LOG = {"spark.eventLog.enabled": "false"}


def run(
    spark: Spark,
    s3: S3,
    catalogs: Mapping[str, Catalog],
    *,
    jars: list[Path],
    program: list[str],
    folder: Path,
    here: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """A job of a queue with these catalogs, as its pod's service account.

    Args:
        spark: that runs it.
        s3: where its files are.
        catalogs: of the queue.
        jars: Ivy's folders with what is on its class path, as in an image.
        program: the module beside this one, and its arguments.
        folder: for the pod's token; empty.
        here: settings beside, to find what stands in for AWS.
    """
    path = ":".join(f"{each}/jars/*" for each in jars)
    conf = {**properties(catalog_properties(sorted(catalogs.items()))), **HERE, **s3.conf, **NO_LOG, **(here or {})}
    del conf[PACKAGES]
    conf |= {"spark.driver.extraClassPath": path, "spark.executor.extraClassPath": path}
    with pod_identity(folder, KEY) as identity:
        s3.known[identity.key] = identity.session_token
        name, *arguments = program
        return subprocess.run(
            [
                *spark.command("--master=local-cluster[1,1,1024]", "--name=tables", conf=conf),
                Path(__file__).with_name(name),
                *arguments,
            ],
            env={**spark.environment(), **identity.environment},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def lake(s3: S3) -> S3:
    """S3 with an empty bucket, `lake`."""
    s3.make("lake", {})
    return s3


def test_a_job_makes_writes_and_reads_a_table_of_a_rest_catalog(
    spark: Spark, packages: Path, iceberg: Path, lake: S3, tmp_path: Path
) -> None:
    with rest_catalog("s3://lake/by-rest") as catalog:
        done = run(
            spark,
            lake,
            {"events": RestCatalog(uri=catalog.uri, warehouse="analytics")},
            jars=[packages, iceberg],
            program=["tables_job.py", "events", "sales", "make"],
            folder=tmp_path,
        )
    assert done.returncode == 0, done.stderr[-6000:]
    assert done.stdout.split() == PRINTED
    assert catalog.asked == {"analytics"}
    assert [key for key in lake.keys("lake") if key.startswith("by-rest/sales/orders/data/")]
    assert lake.seen[KEY, REGION] > 0


def rights(*, databases: Mapping[str, str]) -> tuple[str, str]:
    """The policy of a queue's role with these databases of Glue, and its tenant's boundary."""
    shared: dict[str, Any] = {
        "platform": "spark-dev",
        "arns": ARNS,
        "tenant": "ads",
        "key_alias": "alias/spark-dev-data",
        "data": (),
        "databases": databases,
        "secrets": (),
    }
    role = QueueIdentityArgs(**shared, queue="batch", buckets=("spark-dev-events",))
    buckets = {purpose: f"spark-dev-{purpose}" for purpose in ("artifacts", "events", "logs")}
    boundary = TenantBoundaryArgs(**shared, buckets=buckets)
    return policy_document(*queue_statements(role)), policy_document(*boundary_statements(boundary))


def needed(operation: str, asked: Mapping[str, str | Mapping[str, str]]) -> list[Request]:
    """What Glue checks of a request: the right on the resource and on all that it is in."""
    database = str(asked.get("DatabaseName") or asked["Name"])
    resources = ["catalog", f"database/{database}"]
    if "DatabaseName" in asked:
        given = asked.get("TableInput") or asked
        assert isinstance(given, Mapping)
        resources.append(f"table/{database}/{given.get('Name', '*')}")
    return [Request(action=f"glue:{operation}", resource=ARNS.glue(resource)) for resource in resources]


def test_a_job_makes_writes_and_reads_a_table_of_glue_within_the_rights_of_its_queue(
    spark: Spark, packages: Path, iceberg: Path, lake: S3, tmp_path: Path
) -> None:
    lake.make_database("sales")
    done = run(
        spark,
        lake,
        {"lake": GlueCatalog(region=REGION, warehouse="s3://lake/by-glue")},
        jars=[packages, iceberg],
        program=["tables_job.py", "lake", "sales", "drop"],
        folder=tmp_path,
        here={"spark.sql.catalog.lake.glue.endpoint": lake.endpoint},
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert done.stdout.split() == PRINTED
    assert [key for key in lake.keys("lake") if key.startswith("by-glue/sales.db/orders/data/")]
    asked = [request for operation, body in lake.glue for request in needed(operation, body)]
    assert {"glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:GetTable"} <= {r.action for r in asked}
    for policy in rights(databases={"sales": "readWrite"}):
        assert [request for request in asked if not permitted([policy], request)] == []
    for policy in rights(databases={"sales": "read", "sales2": "readWrite"}):
        refused = {request.action for request in asked if not permitted([policy], request)}
        assert refused == {"glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"}


def test_a_job_that_uses_no_catalog_runs_without_icebergs_jars(
    spark: Spark, packages: Path, lake: S3, tmp_path: Path
) -> None:
    lake.make("plain", {"in/lines.txt": "a\nb\n"})
    done = run(
        spark,
        lake,
        {
            "lake": GlueCatalog(region=REGION, warehouse=None),
            "e": RestCatalog(uri="http://127.0.0.1:9", warehouse=None),
        },
        jars=[packages],
        program=["s3_job.py", "s3://plain/in/", "s3a://plain/out/"],
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert done.stdout.split() == ["2"]


@pytest.mark.parametrize("table", ["sales.orders", "legacy.sales.orders"], ids=["Hive's", "Iceberg's"])
def test_a_job_asks_a_hive_metastore_for_its_tables(
    spark: Spark, packages: Path, iceberg: Path, s3: S3, tmp_path: Path, table: str
) -> None:
    """Whatever is asked there is asked in Thrift; it is not answered."""
    path = f"{packages}/jars/*:{iceberg}/jars/*"
    with socket.create_server(("127.0.0.1", 0)) as metastore:
        metastore.settimeout(TIMEOUT_SECONDS)
        catalogs = catalog_properties([("legacy", HiveMetastore(host="127.0.0.1", port=metastore.getsockname()[1]))])
        conf = {**properties(catalogs), **HERE, **s3.conf, **NO_LOG, "spark.driver.extraClassPath": path}
        del conf[PACKAGES]
        program = tmp_path / "read.py"
        program.write_text(
            f"from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().table('{table}').show()\n"
        )
        with subprocess.Popen(
            [*spark.command("--master=local[1]", conf=conf), str(program)],
            env=spark.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as job:
            try:
                connection, _ = metastore.accept()
                with connection:
                    asked = connection.recv(4096)
            finally:
                job.kill()
    assert asked.startswith(b"\x80\x01\x00\x01"), "no call in Thrift's binary protocol"
