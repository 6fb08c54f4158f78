"""The application of a request or of a job file: what the person said, completed by the queue's card."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from skate.applications import Request, completed, hourly_usd, requested
from skate.errors import InputError

from tests.client.cards import SHAPES, card, pool

MAIN = "s3a://example/jobs/etl.py"


def spec_of(**given: Any) -> dict[str, Any]:  # noqa: ANN401
    """The spec of a request's application."""
    spec: dict[str, Any] = requested(card(), Request(**{"main": MAIN, **given}))["spec"]
    return spec


def test_a_request_that_says_little_gets_the_rest_from_the_queue() -> None:
    application = requested(card(), Request(main=MAIN))
    spec = application["spec"]
    assert application["metadata"]["namespace"] == "ads-batch"
    assert (spec["type"], spec["mainApplicationFile"]) == ("Python", MAIN)
    assert (spec["image"], spec["sparkVersion"], spec["mode"]) == ("docker.io/apache/spark:4.0.4", "4.0.4", "cluster")
    assert spec["driver"]["memory"] == "3712m"
    assert spec["executor"]["cores"] == 3
    assert spec["dynamicAllocation"]["maxExecutors"] == 20
    assert "mainClass" not in spec
    assert "arguments" not in spec


def test_what_it_says_is_there() -> None:
    spec = spec_of(
        arguments=["2026-11-29"],
        executors=8,
        py_files=["s3a://example/lib.zip"],
        packages=["org.example:thing:1"],
        conf={"spark.sql.shuffle.partitions": "64"},
        env={"STAGE": "dev"},
        retries=2,
        image="docker.io/apache/spark:4.0.9",
        spark_version="4.0.9",
    )
    assert spec["arguments"] == ["2026-11-29"]
    assert spec["dynamicAllocation"]["maxExecutors"] == 8
    assert spec["deps"] == {"pyFiles": ["s3a://example/lib.zip"], "packages": ["org.example:thing:1"]}
    assert spec["sparkConf"] == {"spark.sql.shuffle.partitions": "64"}
    assert spec["driver"]["env"] == spec["executor"]["env"] == [{"name": "STAGE", "value": "dev"}]
    assert spec["restartPolicy"] == {"type": "OnFailure", "onFailureRetries": 2, "onFailureRetryInterval": 10}
    assert (spec["image"], spec["sparkVersion"]) == ("docker.io/apache/spark:4.0.9", "4.0.9")


def test_cores_pick_an_executor_that_fills_a_node() -> None:
    assert spec_of(executor_cores=7)["executor"]["memory"] == "55258m"
    assert spec_of(executor_cores=7, executor_memory="40g")["executor"]["memory"] == "40g"


def test_another_pool_is_named_by_its_label_alone() -> None:
    executor = spec_of(pool="spot")["executor"]
    assert executor["labels"] == {"elastic-spark/pool": "ads-batch-spot"}
    assert executor["nodeSelector"] == {}


def test_a_driver_of_a_size_of_its_own_keeps_nothing_of_the_usual_one() -> None:
    driver = spec_of(driver_memory="1g")["driver"]
    assert driver["memory"] == "1g"
    assert "memoryOverhead" not in driver


@pytest.mark.parametrize(
    ("given", "found", "remedy"),
    [
        ({"main": "notes.txt"}, "notes.txt", ".py, .jar or .R"),
        ({"main": "local:///a.jar"}, "main class", "--class"),
        ({"executors": 0}, "not 0", "--executors 1"),
        ({"executors": 21}, "21 executors", "--executors 20"),
        ({"executors": 9, "pool": "spot"}, "9 executors", "--executors 8"),
        ({"pool": "gpu"}, "no pool gpu", "main, spot"),
        ({"executor_cores": 5}, "5 cores", "7 cores with 55258m (1 a node), 3 cores"),
        ({"executor_cores": 3, "executor_memory": "64g"}, "64g", "at most 27629m"),
    ],
)
def test_what_the_queue_does_not_have_is_said_with_what_it_has(given: dict[str, Any], found: str, remedy: str) -> None:
    with pytest.raises(InputError) as error:
        spec_of(**given)
    assert found in error.value.what
    assert remedy in error.value.remedy


def test_the_queue_s_maximum_per_job_counts() -> None:
    few = pool("main", shapes=[{**shape, "maximumExecutors": 5} for shape in SHAPES])
    with pytest.raises(InputError, match="--executors 5 or fewer"):
        requested(card(pools=[few]), Request(main=MAIN, executors=6))


def test_a_job_file_s_own_size_and_number_stay() -> None:
    given = {"spec": {"type": "Python", "mainApplicationFile": MAIN, "executor": {"instances": 4, "cores": 2}}}
    spec = completed(card(), given)["spec"]
    assert "dynamicAllocation" not in spec
    assert (spec["executor"]["instances"], spec["executor"]["cores"]) == (4, 2)
    assert "coreRequest" not in spec["executor"]
    assert "mode" not in given["spec"]


def test_a_job_file_of_another_queue_is_refused() -> None:
    with pytest.raises(InputError, match="--queue search-adhoc"):
        completed(card(), {"metadata": {"name": "x", "namespace": "search-adhoc"}, "spec": {}})


def test_an_hour_costs_the_driver_and_as_many_shares_of_nodes_as_there_may_be_executors() -> None:
    application = requested(card(), Request(main=MAIN, executors=10))
    assert hourly_usd(card(), application) == (Decimal("0.05"), Decimal("0.05") + 10 * Decimal("0.2"))


@pytest.mark.parametrize(("cores", "most"), [(7, 10), (3, 20), (1, 20)])
def test_a_job_file_with_larger_executors_has_only_as_many_as_there_are_nodes_for(cores: int, most: int) -> None:
    given = {"metadata": {"name": "report"}, "spec": {"mainApplicationFile": MAIN, "executor": {"cores": cores}}}
    assert completed(card(), given)["spec"]["dynamicAllocation"]["maxExecutors"] == most


def test_a_request_is_named_by_its_identifier_as_a_job_file_is() -> None:
    application = requested(card(), Request(main=MAIN), "nightly-2026-11-29")
    assert application["metadata"]["name"] == "nightly-2026-11-29"
    with pytest.raises(InputError, match="63 letters"):
        requested(card(), Request(main=MAIN), "a b")
