from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.spark.catalogs import Catalog, GlueCatalog, HiveMetastore, RestCatalog, catalog_properties, catalogs_of

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


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True).filter(lambda name: name != "system")
WORDS = st.none() | st.from_regex(r"[a-z:/.-]{1,20}", fullmatch=True)
ADDRESSES = st.from_regex(r"https?://[a-z.]{3,9}(:[1-9][0-9]{0,4})?/[a-z/]{0,9}", fullmatch=True)
OTHERS = st.builds(GlueCatalog, region=st.sampled_from(("eu-central-1", "us-gov-west-1")), warehouse=WORDS) | st.builds(
    RestCatalog, uri=ADDRESSES, warehouse=WORDS
)


@given(st.dictionaries(NAMES, OTHERS), st.integers(1, 65535))
def test_catalogs_are_read_as_they_were_told(others: dict[str, Catalog], port: int) -> None:
    named = {**others, "legacy": HiveMetastore(host="10.0.0.1", port=port)}
    assert catalogs_of(catalog_properties(list(named.items()))) == sorted(named.items())


@pytest.mark.parametrize(
    "kind", [{"type": "jdbc"}, {"type": "hive", "uri": "thrift://a:1,thrift://b:1"}, {"type.x": "glue"}, {}]
)
def test_catalogs_of_other_kinds_are_not_made_up(kind: dict[str, str]) -> None:
    assert catalogs_of({"spark.sql.catalog.x": "y", **{f"spark.sql.catalog.x.{k}": v for k, v in kind.items()}}) == []
