"""The settings of a queue's catalogs: where its jobs find tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from infra.settings.fields import Model, Pattern
from sizing.reach import CATALOG, Opening, address
from sizing.spark import catalogs as spark

_HOST = (
    r"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
    r"|(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3})"
)
HostName = Annotated[
    str,
    Pattern(
        _HOST, "the full name of a host in small letters, or an IPv4 address, such as metastore.example.internal", 253
    ),
]
CatalogUrl = Annotated[
    str,
    Pattern(
        rf"https?://{_HOST}(:[1-9][0-9]{{0,4}})?(/[\w.~-]+)*/?",
        "an http or https address with the full name of a host, without user, query and password, such as "
        "https://catalog.example.com/iceberg",
        1024,
    ),
]
CatalogName = Annotated[
    str,
    Pattern(r"[a-z][a-z0-9_]*", "1 to 64 lower-case letters, digits and '_', starting with a letter", 64),
]
GlueDatabase = Annotated[
    str,
    Pattern(r"[a-z0-9_]+", "the name of a database of AWS Glue: 1 to 252 lower-case letters, digits and '_'", 252),
]
"""As Iceberg takes them (apache/iceberg, aws, glue/IcebergToGlueConverter); none of these means more to IAM."""
S3Folder = Annotated[
    str,
    Pattern(
        r"(?!.*/\.\.?(/|$))s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=!'()-]+)*",
        "a folder in S3 without a slash at its end and without . and .., such as s3://example-lake/tables",
        600,
    ),
]
WarehouseName = Annotated[
    str,
    Pattern(r"[\w.:/@+=-]+", "the name of a warehouse, of letters, digits and _.:/@+=-", 512),
]

_PORTS: Final = {"http": 80, "https": 443}
Access = Literal["read", "readWrite"]
Databases = dict[GlueDatabase, Access]
"""Databases of AWS Glue in the platform's account and region, and what is done with the tables of each."""


class Glue(Model):
    """Iceberg tables of databases of AWS Glue."""

    databases: Annotated[Databases, Field(min_length=1)]
    """`readWrite` also makes and removes tables, but no database. The platform lists what may stand here."""
    warehouse: S3Folder | None = None
    """Where new tables go of databases that have no place of their own, `s3://BUCKET/PREFIX`; within `data`."""


class Rest(Model):
    """Iceberg tables of a catalog that speaks Iceberg's REST protocol."""

    uri: CatalogUrl
    """Its address, without `/v1`."""
    warehouse: WarehouseName | None = None
    """Which of its warehouses, as the catalog calls it."""


class Hive(Model):
    """Tables of a Hive metastore: Hive's own as `DATABASE.TABLE`, Iceberg's under the catalog's name."""

    host: HostName
    port: Annotated[int, Field(ge=1, le=65535)] = 9083
    """Of its Thrift service."""


class Catalog(Model):
    """Where jobs find tables: exactly one of these."""

    glue: Glue | None = None
    rest: Rest | None = None
    hive: Hive | None = None


def places(catalog: Catalog) -> Iterator[tuple[str, str, str, int]]:
    """The hosts that a catalog's clients speak to: field, its value, host and port; none for Glue, which AWS has."""
    if catalog.rest:
        parts = urlsplit(catalog.rest.uri)
        host, _, port = parts.netloc.partition(":")
        yield "rest.uri", catalog.rest.uri, host, int(port or _PORTS[parts.scheme])
    if catalog.hive:
        yield "hive.host", catalog.hive.host, catalog.hive.host, catalog.hive.port


def catalog_openings(catalogs: Mapping[str, Catalog]) -> tuple[Opening, ...]:
    """What network policies open for a queue's catalogs, sorted; HTTPS is open without, to Glue too."""
    return tuple(
        sorted(
            Opening(address(host), port, name, CATALOG)
            for name, catalog in catalogs.items()
            for _, _, host, port in places(catalog)
            if port != _PORTS["https"]
        )
    )


def databases(catalogs: Mapping[str, Catalog]) -> dict[str, Access]:
    """The databases of AWS Glue that a queue's catalogs name, sorted, each with the widest access."""
    found: dict[str, Access] = {}
    for catalog in catalogs.values():
        for database, access in catalog.glue.databases.items() if catalog.glue else ():
            if found.get(database) != "readWrite":
                found[database] = access
    return dict(sorted(found.items()))


def spark_catalogs(catalogs: Mapping[str, Catalog], region: str) -> list[tuple[str, spark.Catalog]]:
    """A queue's catalogs as Spark takes them, by name, sorted.

    Args:
        catalogs: the queue's.
        region: Glue's.
    """
    found: list[tuple[str, spark.Catalog]] = []
    for name, catalog in sorted(catalogs.items()):
        if catalog.glue:
            found.append((name, spark.GlueCatalog(region=region, warehouse=catalog.glue.warehouse)))
        if catalog.rest:
            found.append((name, spark.RestCatalog(uri=catalog.rest.uri, warehouse=catalog.rest.warehouse)))
        if catalog.hive:
            found.append((name, spark.HiveMetastore(host=catalog.hive.host, port=catalog.hive.port)))
    return found
