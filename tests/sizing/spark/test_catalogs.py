from __future__ import annotations

import pytest

from sizing.spark.catalogs import GlueCatalog, HiveMetastore, RestCatalog, catalog_properties

METASTORE = HiveMetastore(host="metastore.example.internal", port=9083)


def test_a_queue_without_catalogs_has_no_settings_of_any() -> None:
    assert catalog_properties([]) == {}


def test_glue_is_told_its_region_and_where_new_tables_go() -> None:
    found = catalog_properties([("lake", GlueCatalog(region="eu-central-1", warehouse="s3://example-lake/tables"))])
    assert found == {
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.lake.client.region": "eu-central-1",
        "spark.sql.catalog.lake.io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
        "spark.sql.catalog.lake.type": "glue",
        "spark.sql.catalog.lake.warehouse": "s3://example-lake/tables",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    }


def test_a_rest_catalog_is_told_its_address_and_no_warehouse_that_is_not_named() -> None:
    found = catalog_properties([("a", RestCatalog(uri="https://catalog.example.com/x", warehouse=None))])
    assert found["spark.sql.catalog.a.type"] == "rest"
    assert found["spark.sql.catalog.a.uri"] == "https://catalog.example.com/x"
    assert "spark.sql.catalog.a.warehouse" not in found


def test_a_hive_metastore_is_the_sessions_and_icebergs_under_its_name() -> None:
    found = catalog_properties([("legacy", METASTORE)])
    address = "thrift://metastore.example.internal:9083"
    assert found["spark.sql.catalogImplementation"] == "hive"
    assert found["spark.hadoop.hive.metastore.uris"] == found["spark.sql.catalog.legacy.uri"] == address
    assert found["spark.sql.catalog.legacy.type"] == "hive"


def test_each_catalog_has_settings_of_its_own() -> None:
    two = [(name, GlueCatalog(region=region, warehouse=None)) for name, region in (("a", "x-1"), ("b", "y-1"))]
    found = catalog_properties(two)
    assert [found[f"spark.sql.catalog.{name}.client.region"] for name in "ab"] == ["x-1", "y-1"]


def test_a_session_has_one_metastore() -> None:
    with pytest.raises(ValueError, match="more than one Hive metastore"):
        catalog_properties([("a", METASTORE), ("b", METASTORE)])


@pytest.mark.parametrize("name", ["spark_catalog", "system"])
def test_a_catalog_that_spark_has_by_itself_is_not_replaced(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        catalog_properties([(name, METASTORE)])
