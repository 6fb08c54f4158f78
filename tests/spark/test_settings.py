"""The table of settings knows all that Spark, Hadoop and S3A know, and is right about what they do by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.admission.spark_settings import Verdict
from components.admission.spark_settings_rows import ABSTRACT_FILE_SYSTEMS, FILE_SYSTEMS, TABLE
from tests.cluster.spark import Spark
from tests.spark.registry import Registry, registry_of

HADOOP = "spark.hadoop."
OTHERWISE = {
    "spark.kubernetes.authenticate.driver.serviceAccountName",
    "spark.kubernetes.authenticate.executor.serviceAccountName",
    "spark.kubernetes.container.image",
    "spark.kubernetes.driver.container.image",
    "spark.kubernetes.driver.scheduler.name",
    "spark.kubernetes.executor.container.image",
    "spark.kubernetes.executor.scheduler.name",
    "spark.kubernetes.scheduler.name",
    "spark.kubernetes.submission.waitAppCompletion",
    "spark.submit.deployMode",
}
"""What the platform or the operator sets, and Spark by itself doesn't or has otherwise."""


@pytest.fixture(scope="module")
def registry(spark: Spark, packages: Path) -> Registry:
    found = registry_of(spark, packages)
    assert len(found.defaults) > 1200
    assert len(found.s3a) > 100
    return found


def test_every_setting_has_a_row(registry: Registry) -> None:
    assert [name for name in registry.names() if TABLE.row(name) is None] == []


def test_what_is_refused_is_refused_by_its_older_name_too(registry: Registry) -> None:
    assert "spark.yarn.keytab" in registry.alternatives
    for older, name in registry.alternatives.items():
        row, todays = TABLE.row(older), TABLE.row(name)
        assert row is not None
        assert todays is not None
        assert row.verdict is not Verdict.ALLOWED or todays.verdict is Verdict.ALLOWED, f"{older} is {name}"


def test_what_may_only_be_as_it_is_anyway_is_so_in_spark_itself(registry: Registry) -> None:
    anyway = {key: value.cel.strip('"') for key, value in TABLE.anyway().items() if key in registry.defaults}
    assert {key for key, value in anyway.items() if value != registry.defaults[key]} == OTHERWISE


def test_hadoops_own_file_systems_are_its_own(registry: Registry) -> None:
    named = {scheme: registry.hadoop.get(f"fs.{scheme}.impl") for scheme in FILE_SYSTEMS}
    found = named | dict(registry.file_systems)
    # Hive, in Spark's jars, puts a class before Hadoop's that hands everything on to it.
    assert found.pop("file") == "org.apache.hadoop.hive.ql.io.ProxyLocalFileSystem"
    assert found | {"file": "org.apache.hadoop.fs.LocalFileSystem"} == FILE_SYSTEMS
    abstract = {scheme: registry.hadoop.get(f"fs.AbstractFileSystem.{scheme}.impl") for scheme in ABSTRACT_FILE_SYSTEMS}
    assert abstract == ABSTRACT_FILE_SYSTEMS
    for key in ("hadoop.security.authentication", "hadoop.security.authorization"):
        assert TABLE.anyway()[HADOOP + key].shown == registry.hadoop[key]
