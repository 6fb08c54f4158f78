"""The API server judges each setting that a real Spark knows as the table says."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from components.admission.spark_settings import Verdict
from components.admission.spark_settings_rows import ENDINGS, TABLE
from sizing.spark.defaults import DRIVER_SERVLET, PACKAGES
from tests.cluster.api import RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.attacks_applications_conf import SANE
from tests.cluster.cluster import Cluster
from tests.cluster.pod_shapes import ENGINEER
from tests.cluster.spark import spark_here
from tests.cluster.spark_packages import packages_here
from tests.spark.registry import registry_of

AT_ONCE = 60
"""Settings of one application: a refusal's text has room for about so many names."""
LOOKED_AT = {
    *("spark.archives", "spark.files", "spark.jars", "spark.submit.pyFiles", PACKAGES),
    *(*DRIVER_SERVLET, "spark.ui.enabled", "spark.ui.port", "spark.ui.prometheus.enabled"),
}
"""Whose values other rules look at."""


@pytest.fixture(scope="module")
def known() -> list[str]:
    """Names of all settings that Spark and S3A know, and of those that jobs of others bring."""
    spark, packages = spark_here(), packages_here()
    if isinstance(spark, str):
        pytest.skip(spark)
    assert packages, "needs the packages of jobs, which `make test-cluster` fetches into the cache"
    return sorted({*registry_of(spark, packages).names(), *SANE} - LOOKED_AT)


VALUES = {
    "spark.kubernetes.container.image.pullPolicy": "Always",
    "spark.kubernetes.pyspark.pythonVersion": "3",
    "spark.memory.offHeap.size": "1g",
}
"""Of settings that other rules look at: an amount needs a unit, and there are few policies and one Python."""


def allowed(name: str) -> bool:
    """Whether the table allows a setting, whatever it is."""
    row = TABLE.row(name)
    ends = name.startswith("spark.hadoop.fs.") and name.endswith(tuple(f".{ending}" for ending in ENDINGS))
    return row is not None and row.verdict is Verdict.ALLOWED and (name in row.keys or not ends)


def refused(cluster: Cluster, names: Iterable[str]) -> set[str]:
    """Those of the settings that the API server refuses, at a value that none has by itself."""
    found: set[str] = set()
    ordered = sorted(names)
    for start in range(0, len(ordered), AT_ONCE):
        chunk = ordered[start : start + AT_ONCE]
        try:
            cluster.acting(ENGINEER).create(
                application(sparkConf={name: VALUES.get(name, "1") for name in chunk}), dryRun="All"
            )
        except RefusedError as error:
            _, _, told = error.message.partition("found: ")
            names_told, mark, _ = told.partition(" [application-conf]")
            found |= {entry.split(" ")[0] for entry in names_told.split(", ")} if mark else {error.message}
    return found


def test_what_the_table_allows_passes(cluster: Cluster, known: list[str]) -> None:
    names = [name for name in known if allowed(name)]
    assert len(names) > 1200
    assert refused(cluster, names) == set()


def test_all_else_is_refused(cluster: Cluster, known: list[str]) -> None:
    names = [name for name in known if not allowed(name)]
    assert len(names) > 50
    assert refused(cluster, names) == set(names)


def test_what_is_refused_says_what_it_may_be(cluster: Cluster) -> None:
    with pytest.raises(RefusedError, match=r"spark\.submit\.deployMode \(only: cluster\)"):
        cluster.acting(ENGINEER).create(application(sparkConf={"spark.submit.deployMode": "client"}))


def test_what_is_so_anyway_passes_and_is_left_out(cluster: Cluster) -> None:
    told = {key: value.cel.strip('"') for key, value in TABLE.anyway().items() if "variables." not in value.cel}
    made = cluster.acting(ENGINEER).create(application(sparkConf=told), dryRun="All")
    assert not made["spec"]["sparkConf"].keys() & told.keys()
