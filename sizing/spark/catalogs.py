"""What Spark is told of a queue's catalogs: tables are then `<catalog>.<database>.<table>`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

RUNTIME: Final = "org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.1"
"""Iceberg for the official image's Spark, which lacks it: for a job's `deps.packages`, or the jar of an image."""
CATALOG: Final = "org.apache.iceberg.spark.SparkCatalog"
EXTENSIONS: Final = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
"""Without its class on the path Spark warns and goes on: jobs that use no Iceberg need none of its jars.

Source: apache/spark 4.0, sql/core, SparkSession.applyExtensions
"""
FILE_IO: Final = "org.apache.iceberg.hadoop.HadoopFileIO"
"""Tables' files by S3A, which has the queue's credentials, keys and region already; Iceberg's own client of S3 would
need a second copy of AWS's SDK beside S3A's."""
S3A: Final = "org.apache.hadoop.fs.s3a.S3AFileSystem"
"""Reads `s3:` too, by which other engines write the places of tables."""
SESSION_CATALOG: Final = "spark_catalog"
RESERVED: Final = frozenset({SESSION_CATALOG, "default", "global_temp", "system"})
"""What every session of Spark has by itself: catalogs, and databases of its own one that a catalog would hide, or that
would hide the catalog.

Source: apache/spark 4.0, sql/catalyst, connector/catalog/CatalogManager and LookupCatalog (CatalogAndIdentifier)
"""
REDACTED: Final = "(?i)secret|password|token|access[.]?key|credential$|authorization$"
"""Names of settings whose values Spark keeps to itself: its own pattern, and what a program gives Iceberg's client of a
REST catalog beside a token, `credential` and `header.Authorization`. A real Spark is searched for them in
`tests/spark/test_redaction.py`.

Sources: apache/spark 4.0, core, internal/config/package.scala (`spark.redaction.regex`); apache/iceberg 1.10,
core, rest/auth/OAuth2Properties.java
"""
_TYPE: Final = re.compile(r"spark\.sql\.catalog\.([^.]+)\.type")
_METASTORE: Final = re.compile(r"thrift://([^:/]+):([0-9]+)")


@dataclass(frozen=True, kw_only=True)
class GlueCatalog:
    """Iceberg tables of databases of AWS Glue.

    Args:
        region: Glue's.
        warehouse: `s3://...`, under which tables lie of databases that have no place of their own; None for none.
    """

    region: str
    warehouse: str | None


@dataclass(frozen=True, kw_only=True)
class RestCatalog:
    """Iceberg tables of a catalog that speaks Iceberg's REST protocol.

    Args:
        uri: its address, to which Iceberg adds `/v1/...`.
        warehouse: which of its warehouses, as the catalog calls it; None for its only one.
    """

    uri: str
    warehouse: str | None


@dataclass(frozen=True, kw_only=True)
class HiveMetastore:
    """The tables of a Hive metastore: those of Hive without a catalog's name, Iceberg's by it.

    Args:
        host: a name or an IPv4 address.
        port: its Thrift port.
    """

    host: str
    port: int


Catalog = GlueCatalog | RestCatalog | HiveMetastore


def catalog_properties(catalogs: Sequence[tuple[str, Catalog]]) -> dict[str, str]:
    """The settings of a queue's catalogs, of which a job may replace each.

    Args:
        catalogs: with their names in Spark.

    Raises:
        ValueError: there are several Hive metastores, of which a session takes one, or a name is reserved.

    Sources: https://iceberg.apache.org/docs/1.10.0/spark-configuration/ and aws/;
    https://spark.apache.org/docs/4.0.1/sql-data-sources-hive-tables.html; a real Spark takes them in
    `tests/spark/test_catalogs.py`.
    """
    if sum(isinstance(catalog, HiveMetastore) for _, catalog in catalogs) > 1:
        raise ValueError("more than one Hive metastore")
    if taken := sorted(RESERVED & {name for name, _ in catalogs}):
        raise ValueError(f"catalogs that Spark has by itself: {', '.join(taken)}")
    found = {"spark.sql.extensions": EXTENSIONS, "spark.hadoop.fs.s3.impl": S3A} if catalogs else {}
    for name, catalog in catalogs:
        at = f"spark.sql.catalog.{name}"
        found |= {at: CATALOG, f"{at}.io-impl": FILE_IO}
        match catalog:
            case GlueCatalog(region=region, warehouse=warehouse):
                found |= {f"{at}.type": "glue", f"{at}.client.region": region}
                found |= {f"{at}.warehouse": warehouse} if warehouse else {}
            case RestCatalog(uri=uri, warehouse=warehouse):
                found |= {f"{at}.type": "rest", f"{at}.uri": uri, "spark.redaction.regex": REDACTED}
                found |= {f"{at}.warehouse": warehouse} if warehouse else {}
            case HiveMetastore(host=host, port=port):
                uri = f"thrift://{host}:{port}"
                found |= {f"{at}.type": "hive", f"{at}.uri": uri}
                found |= {"spark.sql.catalogImplementation": "hive", "spark.hadoop.hive.metastore.uris": uri}
    return dict(sorted(found.items()))


def catalogs_of(properties: Mapping[str, str]) -> list[tuple[str, Catalog]]:
    """The catalogs that `catalog_properties` told Spark of, by name, sorted; none of another kind."""
    found: list[tuple[str, Catalog]] = []
    for key, kind in sorted(properties.items()):
        if not (named := _TYPE.fullmatch(key)):
            continue
        of = key.removesuffix("type")
        uri, warehouse = properties.get(f"{of}uri", ""), properties.get(f"{of}warehouse")
        match kind:
            case "glue":
                region = properties.get(f"{of}client.region", "")
                found.append((named[1], GlueCatalog(region=region, warehouse=warehouse)))
            case "rest":
                found.append((named[1], RestCatalog(uri=uri, warehouse=warehouse)))
            case "hive" if place := _METASTORE.fullmatch(uri):
                found.append((named[1], HiveMetastore(host=place[1], port=int(place[2]))))
    return found
