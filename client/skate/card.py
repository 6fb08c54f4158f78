"""The queue card: what a tenant's stack publishes of a queue for its people, in the queue's own namespace."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from skate.errors import SkateError

CARD: Final = "elastic-spark-queue-card"
"""The ConfigMap's name."""
CARD_KEY: Final = "card.json"
VERSION: Final = 1


class _Part(BaseModel):
    """A part of a card. What a newer platform says beside it is left alone."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class Amount(_Part):
    """CPU and memory as Kubernetes writes them."""

    cpu: str
    memory: str


class EksCluster(_Part):
    """The cluster in AWS, for those who have no kubeconfig yet."""

    name: str
    region: str
    account_id: str


class DriverSize(_Part):
    """The largest driver; memory as Spark takes it."""

    cores: int
    core_request: str
    memory: str
    memory_overhead: str
    architecture: str | None = None
    hourly_usd: Decimal | None = None
    """Its share of a driver node, by list price."""


class Shape(_Part):
    """An executor that fills a node with others of its kind."""

    per_node: int
    cores: int
    core_request: str
    memory: str
    memory_overhead: str
    usual: bool
    """Whether executors have it that say no other; one of a pool's."""
    maximum_executors: int
    """Of one job."""


class Pool(_Part):
    """Nodes of one kind."""

    name: str
    identity: str
    default: bool
    architecture: str | None = None
    capacity: Literal["on-demand", "spot"] | None = None
    instance_types: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    minimum_nodes: int
    maximum_nodes: int
    hourly_usd: Decimal | None = None
    """One node, by list price."""
    shapes: tuple[Shape, ...]


class SparkImage(_Part):
    """The Spark that jobs run who name none."""

    version: str
    image: str
    python: str
    """Of the image, such as `3.10`."""
    packages: tuple[str, ...] = ()


class Artifacts(_Part):
    """Where a job's files are put, and by which role."""

    bucket: str
    uploads: str
    """The prefix of files."""
    records: str
    """The prefix of what is noted of jobs."""
    region: str
    upload_role_arn: str | None = None


class Logs(_Part):
    """Where logs are after their pods are gone."""

    bucket: str
    prefix: str
    log_group: str
    readers_role_arn: str | None = None
    cloud_watch_days: int
    log_days: int
    page: str | None = None
    """Where people of the issuer's groups read them in a browser, by the platform's door."""


class History(_Part):
    """The queue's history server."""

    service: str
    pod: str
    port: int
    event_log_days: int | None = None


class DataLocation(_Part):
    """Objects that jobs may use."""

    bucket: str
    prefix: str = ""
    access: str


class Place(_Part):
    """A place outside that is open."""

    name: str
    host: str | None = None
    cidr: str | None = None
    ports: tuple[int, ...] = ()
    purpose: str = ""


class SecretFile(_Part):
    """A secret that pods have; never its value."""

    name: str
    path: str | None = None


class QueueCard(_Part):
    """A queue, as its people may know it."""

    version: int
    platform: str
    tenant: str
    queue: str
    namespace: str
    queues: tuple[str, ...]
    cluster: EksCluster | None = None
    guaranteed: Amount
    maximum: Amount
    applications_at_once: int
    order: str
    backfill: bool
    maximum_executors: int
    driver: DriverSize
    pools: tuple[Pool, ...]
    spark: SparkImage
    application: dict[str, Any]
    conf: dict[str, str] = Field(default_factory=dict)
    artifacts: Artifacts | None = None
    logs: Logs | None = None
    data: tuple[DataLocation, ...] = ()
    catalogs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    reach: tuple[Place, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    history: History | None = None
    pages: str | None = None
    """Where people of the issuer's groups open the history server in a browser, by the platform's door."""
    applications_kept_hours: int = 24

    def history_page(self, application_id: str) -> str | None:
        """Where a browser shows an application that has ended, by Spark's identifier; None where no door does."""
        return f"{self.pages.rstrip('/')}/history/{application_id}/" if self.pages and application_id else None

    def logs_page(self, application_id: str) -> str | None:
        """Where a browser shows what an application wrote, by Spark's identifier; None where no door does."""
        page = self.logs.page if self.logs else None
        return f"{page.rstrip('/')}/{application_id}/" if page and application_id else None

    @property
    def default_pool(self) -> Pool:
        """Where executors run that name no pool."""
        return next(pool for pool in self.pools if pool.default)


def read_card(namespace: str, text: str) -> QueueCard:
    """The card in a ConfigMap's text.

    Raises:
        SkateError: it is of another version, or none.
    """
    try:
        card = QueueCard.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its text"
        raise SkateError(
            f"The card of the queue {namespace} is none that this skate reads: {where}: {first['msg']}.",
            "Update skate, or have the tenant's stack deployed again.",
        ) from error
    if card.version > VERSION:
        raise SkateError(
            f"The card of the queue {namespace} is of version {card.version}; this skate reads up to {VERSION}.",
            "Update skate.",
        )
    return card
