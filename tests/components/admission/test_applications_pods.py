"""Whatever the rules for pods refuse is refused on applications, or no application can bring it about."""

from __future__ import annotations

from components.admission.application_variables import CONNECT
from components.admission.applications_pods import COUNTERPARTS, WITHOUT_COUNTERPART
from components.admission.policy import ValidatingPolicy
from tests.components.admission.test_admission import POLICIES


def policy(name: str) -> ValidatingPolicy:
    (found,) = (one for one in POLICIES.validating if one.name == name)
    return found


POD_RULES = {rule.name for rule in policy("elastic-spark-pods-guard").rules}
APPLICATION_RULES = {
    rule.name
    for name in ("elastic-spark-applications", "elastic-spark-applications-submitter")
    for rule in policy(name).rules
}


def test_each_rule_for_pods_has_a_counterpart_for_applications_or_a_reason_why_not() -> None:
    assert COUNTERPARTS.keys() | WITHOUT_COUNTERPART.keys() == POD_RULES
    assert not COUNTERPARTS.keys() & WITHOUT_COUNTERPART.keys()


def test_the_counterparts_are_there() -> None:
    assert {name for names in COUNTERPARTS.values() for name in names} <= APPLICATION_RULES


def test_all_faults_of_an_application_are_told_at_once() -> None:
    assert policy("elastic-spark-applications").all_at_once


def test_each_rule_looks_at_a_spark_connect_server_by_its_template() -> None:
    (driver,) = (v for v in policy("elastic-spark-applications").variables if v.name == "driver")
    (connect,) = (v for v in policy("elastic-spark-applications").variables if v.name == "connect")
    assert CONNECT in connect.expression
    assert "variables.spec.?server" in driver.expression
