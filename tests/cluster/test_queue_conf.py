"""A setting of a queue reaches what runs there whole, also where a shell stands between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sizing.spark.catalogs import REDACTED
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.cluster import Cluster
from tests.cluster.completions import MIXED

NAME = "spark.redaction.regex"


@pytest.mark.parametrize(
    ("thing", "value"),
    [(application(), REDACTED), (scheduled(), REDACTED), (connect(), f"'{REDACTED}'")],
    ids=["application", "schedule", "server"],
)
def test_a_pattern_of_a_queue_passes_admission_and_shells(cluster: Cluster, thing: Object, value: str) -> None:
    thing["metadata"]["namespace"] = MIXED
    spec = cluster.admin.create(thing, dryRun="All")["spec"]
    assert spec.get("template", spec)["sparkConf"][NAME] == value


@pytest.mark.parametrize("thing", [application, connect])
def test_a_jobs_own_pattern_stays(cluster: Cluster, thing: Callable[..., Object]) -> None:
    own = thing(sparkConf={NAME: "secret"})
    own["metadata"]["namespace"] = MIXED
    assert cluster.admin.create(own, dryRun="All")["spec"]["sparkConf"][NAME] == "secret"
