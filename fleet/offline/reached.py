"""What the jobs of a queue reach beside their own folders and HTTPS, read off what its stack registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from fleet.offline.registration import Registrations
from sizing.reach import CATALOG
from sizing.spark.catalogs import Catalog, GlueCatalog, HiveMetastore, RestCatalog, catalogs_of
from sizing.values import Json

IDENTITY_TYPE: Final = "elastic-spark:queue_identity:QueueIdentity"
Access = Literal["read", "readWrite"]


@dataclass(frozen=True)
class ReachedData:
    """Objects in S3.

    Args:
        bucket: in which they are.
        prefix: under which, without slashes at its ends; empty for the whole bucket.
        access: what is done with them.
        kms_key: ARN of the key that encrypts them; None for that of their bucket's owner.
    """

    bucket: str
    prefix: str
    access: Access
    kms_key: str | None


@dataclass(frozen=True)
class ReachedCatalog:
    """A catalog of tables.

    Args:
        name: what jobs call it.
        kind: what it is.
        address: of Glue its region, else where it answers.
        warehouse: where new tables go, or which of its warehouses; None where nobody says.
    """

    name: str
    kind: Literal["glue", "rest", "hive"]
    address: str
    warehouse: str | None


@dataclass(frozen=True)
class ReachedDatabase:
    """A database of AWS Glue, and what is done with its tables."""

    name: str
    access: Access


@dataclass(frozen=True)
class ReachedPlace:
    """A place outside the cluster.

    Args:
        name: what the queue's settings call it.
        address: a host's name, or a range of addresses.
        ports: TCP ports, sorted.
        purpose: what is there, in a word; empty where nobody says.
    """

    name: str
    address: str
    ports: tuple[int, ...]
    purpose: str


@dataclass(frozen=True)
class ReachedSecret:
    """A secret or a parameter by its ARN, and the name of the file in which jobs find its value."""

    name: str
    arn: str


@dataclass(frozen=True)
class Reached:
    """What a queue's jobs reach; each sorted by name."""

    data: tuple[ReachedData, ...] = ()
    catalogs: tuple[ReachedCatalog, ...] = ()
    databases: tuple[ReachedDatabase, ...] = ()
    places: tuple[ReachedPlace, ...] = ()
    secrets: tuple[ReachedSecret, ...] = ()


def reached(registrations: Registrations, queue: Mapping[str, Json]) -> Reached:
    """What the jobs of a queue reach.

    Args:
        registrations: of its stack.
        queue: the inputs of its component. What earlier revisions lack, their queues did not reach.
    """
    roles = [one.inputs for one in registrations.of_type(IDENTITY_TYPE)]
    own = [one for one in roles if (one["tenant"], one["queue"]) == (queue["tenant"], queue["queue"])]
    return Reached(
        data=tuple(sorted((_data(location) for role in own for location in role["data"]), key=_by_place)),
        catalogs=tuple(_catalog(name, one) for name, one in catalogs_of(queue.get("sparkConf", {}))),
        databases=tuple(
            ReachedDatabase(name, access) for role in own for name, access in sorted(role.get("databases", {}).items())
        ),
        places=tuple(_places(queue.get("openings", ()))),
        secrets=tuple(ReachedSecret(name, arn) for name, arn in sorted(queue.get("secrets", {}).items())),
    )


def _data(location: Mapping[str, Json]) -> ReachedData:
    return ReachedData(location["bucket"], location["prefix"], location["access"], location.get("kmsKey"))


def _by_place(data: ReachedData) -> tuple[str, ...]:
    return data.bucket, data.prefix, data.access, data.kms_key or ""


def _catalog(name: str, catalog: Catalog) -> ReachedCatalog:
    match catalog:
        case GlueCatalog(region=region, warehouse=warehouse):
            return ReachedCatalog(name, "glue", region, warehouse)
        case RestCatalog(uri=uri, warehouse=warehouse):
            return ReachedCatalog(name, "rest", uri, warehouse)
        case HiveMetastore(host=host, port=port):
            return ReachedCatalog(name, "hive", f"{host}:{port}", None)


def _places(openings: Json) -> Iterator[ReachedPlace]:
    """Openings of one place are one; catalogs say by themselves where they are."""
    ports: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for one in (one for one in openings if one.get("purpose") != CATALOG):
        ports[one.get("place", ""), one["address"], one.get("purpose", "")].add(one["port"])
    for (name, address, purpose), found in sorted(ports.items()):
        yield ReachedPlace(name, address, tuple(sorted(found)), purpose)
