from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sizing.spark.catalogs import RUNTIME
from tests.cluster.spark import Spark, spark_here
from tests.cluster.spark_packages import packages_here
from tests.spark.s3 import S3, s3_server


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    found = spark_here()
    if isinstance(found, str):
        pytest.skip(found)
    with TemporaryDirectory(prefix="elastic-spark-jobs-", ignore_cleanup_errors=True) as folder:
        yield found.that_leaves_all_in(Path(folder))


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Half a GB would be, of each job with packages."""
    yield
    if "spark" in request.fixturenames:
        request.getfixturevalue("spark").forget_jobs()


@pytest.fixture(scope="session")
def packages(spark: Spark) -> Path:
    """Ivy's folder with what jobs on the official image get. Where Spark runs, set-up can fetch it."""
    found = packages_here()
    assert found, "needs the packages of jobs, which `make test-cluster` fetches into the cache"
    return found


@pytest.fixture(scope="session")
def iceberg(spark: Spark) -> Path:
    """The same of what jobs name that use Iceberg."""
    found = packages_here((RUNTIME,))
    assert found, "needs Iceberg, which `make test-cluster` fetches into the cache"
    return found


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server
