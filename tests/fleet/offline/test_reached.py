"""What previews read of a queue's reach."""

from __future__ import annotations

from dataclasses import fields, replace

from fleet.offline.pools import QUEUE_TYPE, queue_rows
from fleet.offline.reached import (
    IDENTITY_TYPE,
    Reached,
    ReachedCatalog,
    ReachedData,
    ReachedDatabase,
    ReachedPlace,
    ReachedSecret,
)
from fleet.offline.registration import Registrations
from tests.fleet.offline.recorded import sample, tenant_with

KEY = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWN = "arn:aws:{}:eu-central-1:111122223333:{}/explore/{}"


def reached(registrations: Registrations, queue: str) -> Reached:
    (found,) = [row.reached for row in queue_rows(registrations) if row.queue == queue]
    return found


def test_a_sample_uses_all_that_jobs_can_reach_and_all_of_it_is_read() -> None:
    found = reached(sample("research-dev"), "research-explore")
    assert all(getattr(found, one.name) for one in fields(Reached))
    assert found == Reached(
        data=(
            ReachedData("example-partner-clicks", "daily", "read", KEY),
            ReachedData("example-research", "", "readWrite", None),
        ),
        catalogs=(
            ReachedCatalog("lake", "glue", "eu-central-1", "s3://example-research/tables"),
            ReachedCatalog("legacy", "hive", "metastore.example.internal:9083", None),
            ReachedCatalog("partners", "rest", "https://iceberg.example.com/catalog", "clicks"),
        ),
        databases=(ReachedDatabase("reference", "read"), ReachedDatabase("research", "readWrite")),
        places=(
            ReachedPlace("brokers", "10.70.4.0/24", (9094,), "kafka"),
            ReachedPlace("warehouse", "warehouse.research.example.com", (5432,), "jdbc"),
        ),
        secrets=(
            ReachedSecret("KAFKA_LOGIN", OWN.format("ssm", "parameter/research", "kafka-login")),
            ReachedSecret("WAREHOUSE_PASSWORD", OWN.format("secretsmanager", "secret:research", "warehouse-x7Y8z9")),
        ),
    )


def test_each_queue_reaches_its_own() -> None:
    scheduled = reached(sample("search-dev"), "search-scheduled")
    assert scheduled == Reached(data=(ReachedData("example-search-index", "crawl", "readWrite", None),))
    assert reached(sample("search-dev"), "search-adhoc").secrets


def test_all_ports_of_a_place_are_one_place_and_two_names_are_two() -> None:
    place = {"host": "db.example.com", "ports": [5433, 5432], "purpose": "jdbc"}
    found = reached(tenant_with(("queues.batch.reach", {"a": place, "b": {**place, "ports": [5432]}})), "ads-batch")
    assert found.places == (
        ReachedPlace("a", "db.example.com", (5432, 5433), "jdbc"),
        ReachedPlace("b", "db.example.com", (5432,), "jdbc"),
    )


def test_a_queue_on_an_existing_cluster_reaches_places_alone() -> None:
    place = {"cidr": "192.168.4.0/24", "ports": [5432], "purpose": "jdbc"}
    found = reached(tenant_with(("queues.try.reach", {"db": place}), stack="demo-kind"), "demo-try")
    assert found == Reached(places=(ReachedPlace("db", "192.168.4.0/24", (5432,), "jdbc"),))


def test_what_earlier_revisions_did_not_register_their_queues_did_not_reach() -> None:
    earlier = Registrations(
        replace(one, inputs={key: value for key, value in one.inputs.items() if key not in without})
        if (without := {QUEUE_TYPE: {"openings", "secrets", "sparkConf"}, IDENTITY_TYPE: {"databases"}}.get(one.type))
        else one
        for one in sample("research-dev").values()
    )
    found = reached(earlier, "research-explore")
    assert len(found.data) == 2
    assert found == Reached(data=found.data)
