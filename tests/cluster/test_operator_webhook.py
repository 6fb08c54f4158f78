"""What our admission makes of applications passes the Spark operator's real webhook, and the table tells what it says.

Tests with the fixture `webhook` skip where no program of the operator's is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests import samples
from tests.cluster.api import Api, Object, RefusedError
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_pods_secrets import REFERENCE, VARIABLE, there
from tests.cluster.attempts import Action, Case, Change, Completion, Create
from tests.cluster.cluster import OPERATOR, Cluster, Who
from tests.cluster.completions import spec_of
from tests.cluster.operator_webhook import DENIED, GROUP, operator_webhook, program_here
from tests.cluster.pod_shapes import ADMINISTRATOR, ENGINEER, driver
from tests.cluster.tables import TENANTS, all_cases
from tests.operator_rows import Row, rows

ROW_BY_NAME = {row.name: row for row in rows()}
CASE_BY_NAME = {name: case for name, case in all_cases().items() if name.startswith("applications")}
COMPLETION_BY_NAME = {name: case for name, case in CASE_BY_NAME.items() if isinstance(case, Completion)}
EXECUTOR_ACCOUNT = "spark.kubernetes.authenticate.executor.serviceAccountName"


@pytest.fixture(scope="module")
def webhook(cluster: Cluster) -> Iterator[None]:
    program = program_here()
    if isinstance(program, str):
        pytest.skip(program)
    with operator_webhook(cluster, program):
        yield


def actions(case: Case) -> list[tuple[Action, Who]]:
    """What of a row must be allowed."""
    twin = (case.twin, case.twin_who or case.who)
    return [(case.does, case.who), twin] if isinstance(case, Completion) else [twin]


def test_an_application_that_the_operator_would_refuse_is_a_refused_one_to_every_test(cluster: Cluster) -> None:
    row = ROW_BY_NAME[f"connect: {EXECUTOR_ACCOUNT}"]
    with pytest.raises(RefusedError, match=f"the Spark operator's webhook would refuse it: .*{EXECUTOR_ACCOUNT}"):
        cluster.admin.create(row.refused)
    assert cluster.admin.items("sparkoperator.k8s.io/v1alpha1", "SparkConnect", "default") == []


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("row", ROW_BY_NAME.values(), ids=ROW_BY_NAME)
def test_the_real_webhook_refuses_and_takes_what_the_table_does(cluster: Cluster, row: Row) -> None:
    assert DENIED in _said(cluster.admin, row.refused)
    assert _said(cluster.admin, row.taken) == ""


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("case", CASE_BY_NAME.values(), ids=CASE_BY_NAME)
def test_the_real_webhook_takes_what_admission_completes(cluster: Cluster, case: Case) -> None:
    for does, who in actions(case):
        does(cluster, who)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("stack", TENANTS)
def test_the_real_webhook_takes_the_job_that_a_stack_exports(cluster: Cluster, stack: str) -> None:
    for queue in samples.sample_registrations(stack).stack.outputs["queues"].values():
        cluster.admin.create(queue["sparkApplication"], dryRun="All")


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("case", COMPLETION_BY_NAME.values(), ids=COMPLETION_BY_NAME)
def test_what_admission_and_the_webhook_made_of_it_they_leave_as_it_is(cluster: Cluster, case: Completion) -> None:
    made = case.does(cluster, case.who)
    again = {**made, "metadata": {"name": "again", "namespace": made["metadata"]["namespace"]}}
    assert cluster.acting(case.who).create(again, dryRun="All")["spec"] == made["spec"]


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("shape", [application, scheduled, connect])
def test_both_may_still_change_it(cluster: Cluster, shape: Callable[[], Object]) -> None:
    change = {"sparkConf": {"spark.sql.shuffle.partitions": "10"}}
    found = Change(shape(), {"spec": {"template": change} if shape is scheduled else change})(cluster, ENGINEER)
    assert spec_of(found)["sparkConf"]["spark.sql.shuffle.partitions"] == "10"


@pytest.mark.usefixtures("webhook")
def test_a_driver_with_variables_of_its_own_keeps_its_queues_secrets(cluster: Cluster) -> None:
    own = {"name": "OWN", "value": "1"}
    wanted = there(application(driver={"cores": 1, "memory": "1g", "env": [own]}))
    with cluster.made(ADMINISTRATOR, wanted) as made:
        labels = {f"{GROUP}/launched-by-spark-operator": "true", f"{GROUP}/app-name": made["metadata"]["name"]}
        pod = cluster.acting(OPERATOR).create(there(driver(labels=labels)), dryRun="All")
    found = [e for e in pod["spec"]["containers"][0]["env"] if e["name"] in (VARIABLE, "OWN")]
    assert found == [{"name": VARIABLE, "valueFrom": {"fileKeyRef": REFERENCE}}, own]


def test_every_kind_of_application_is_in_the_rows() -> None:
    kinds = {row.refused["kind"] for row in ROW_BY_NAME.values()}
    created = [case.does.thing["kind"] for case in CASE_BY_NAME.values() if isinstance(case.does, Create)]
    assert kinds == set(created) == {"SparkApplication", "ScheduledSparkApplication", "SparkConnect"}


def _said(api: Api, thing: Object) -> str:
    """Why the API server refuses something, by itself or by the webhook; empty if it doesn't."""
    try:
        api.create(thing, dryRun="All")
    except RefusedError as error:
        return error.message
    return ""
