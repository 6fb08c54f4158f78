"""The attack tables: what a tenant must not get away with, and what must go on working."""

from __future__ import annotations

import pytest

from tests.cluster.attempts import Case
from tests.cluster.cluster import Cluster
from tests.cluster.tables import all_cases

CASE_BY_NAME = all_cases()


@pytest.mark.parametrize("case", CASE_BY_NAME.values(), ids=CASE_BY_NAME)
def test_an_attempt_comes_to_what_the_table_says(cluster: Cluster, case: Case) -> None:
    assert case.wrong(cluster) == ""


@pytest.mark.parametrize("case", CASE_BY_NAME.values(), ids=CASE_BY_NAME)
def test_its_twin_is_allowed(cluster: Cluster, case: Case) -> None:
    assert case.twin_wrong(cluster) == ""
