"""Queues' cards on a real API server."""

from __future__ import annotations

import copy
import json
import time

from sizing import names
from tests import samples
from tests.cluster.attacks_cards import CARD
from tests.cluster.attacks_deployers import another, things_of
from tests.cluster.cluster import Cluster, User, deployer_of
from tests.cluster.objects import objects_of
from tests.cluster.pod_shapes import ENGINEER, NAMESPACE

GONE_SECONDS = 60


def test_a_submitter_reads_what_the_stack_has_published(cluster: Cluster) -> None:
    read = cluster.acting(ENGINEER).read(CARD)
    (published,) = [
        thing
        for thing in objects_of(samples.doored_registrations("ads-dev"))
        if thing["kind"] == "ConfigMap" and thing["metadata"]["namespace"] == NAMESPACE
    ]
    assert read["data"] == published["data"]
    assert json.loads(read["data"][names.QUEUE_CARD_KEY])["namespace"] == NAMESPACE


def test_a_namespace_goes_with_its_card(cluster: Cluster) -> None:
    """Kubernetes' own controller empties it."""
    namespace = another(things_of("ads")["Namespace"])
    card = copy.deepcopy(CARD)
    card["metadata"]["namespace"] = namespace["metadata"]["name"]
    deployer = cluster.acting(deployer_of("ads"))
    deployer.create(namespace)
    deployer.create(card)
    deployer.delete(namespace)
    name, end = namespace["metadata"]["name"], time.monotonic() + GONE_SECONDS
    while name in {each["metadata"]["name"] for each in cluster.admin.items("v1", "Namespace")}:
        assert time.monotonic() < end, "the namespace is still there"
        time.sleep(0.2)


def test_the_ready_job_of_a_card_is_accepted_with_an_identifier_that_stays(cluster: Cluster) -> None:
    card = json.loads(CARD["data"][names.QUEUE_CARD_KEY])
    job = card["application"]
    job["metadata"]["labels"] = {names.JOB_ID_LABEL: "nightly-2026-11-29"}
    airflow = User("airflow", (names.shared_group("airflow", NAMESPACE, "submitter"),))
    with cluster.made(airflow, job) as made:
        assert made["metadata"]["labels"] == {names.JOB_ID_LABEL: "nightly-2026-11-29"}
