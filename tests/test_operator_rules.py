"""The table of what the Spark operator refuses is of the pinned version, and refuses what it should."""

from __future__ import annotations

import pytest

from components.software.versions import SPARK_OPERATOR
from tests import samples
from tests.operator_rows import Row, rows
from tests.operator_rules import VERSION, operator_refusals

ROW_BY_NAME = {row.name: row for row in rows()}


def test_it_is_of_the_version_that_is_deployed() -> None:
    assert {SPARK_OPERATOR.version, SPARK_OPERATOR.app_version} == {VERSION}


def test_each_row_has_a_name_of_its_own() -> None:
    assert len(ROW_BY_NAME) == len(rows())


@pytest.mark.parametrize("row", ROW_BY_NAME.values(), ids=ROW_BY_NAME)
def test_it_refuses_a_row_and_takes_its_twin(row: Row) -> None:
    assert operator_refusals(row.refused) != []
    assert operator_refusals(row.taken) == []


def test_it_says_what_it_refuses() -> None:
    row = ROW_BY_NAME["connect: spark.kubernetes.authenticate.executor.serviceAccountName"]
    assert operator_refusals(row.refused) == [
        "sparkConf has spark.kubernetes.authenticate.executor.serviceAccountName",
    ]


def test_it_says_nothing_of_other_kinds() -> None:
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "1"}}
    assert operator_refusals(thing) == []
    assert operator_refusals({**thing, "kind": "SparkConnect"}) == []


@pytest.mark.parametrize("stack", samples.TENANTS)
def test_it_takes_the_job_that_a_stack_exports(stack: str) -> None:
    jobs = [queue["sparkApplication"] for queue in samples.sample_registrations(stack).stack.outputs["queues"].values()]
    assert jobs
    assert [refusal for job in jobs for refusal in operator_refusals(job)] == []
