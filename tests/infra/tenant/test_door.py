"""Tenants at a platform's door: each queue with a history server has its host, for its people who are groups."""

from __future__ import annotations

import json
from typing import Any

from fleet.offline.registration import Registration, Registrations
from sizing import names
from tests.samples import (
    DOOR,
    changed,
    doored_platform,
    doored_registrations,
    platform_registrations,
    sample_registrations,
    tenant,
    tenant_registrations,
)

GATEWAY = "kubernetes:gateway.networking.k8s.io/v1"
ENVOY = "kubernetes:gateway.envoyproxy.io/v1alpha1"
ROUTE, POLICY = f"{GATEWAY}:HTTPRoute", f"{ENVOY}:SecurityPolicy"
ADMISSION = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"


def specs(registrations: Registrations, kind: str, of: str = names.HISTORY_SERVER) -> dict[str, Any]:
    """Of each queue that has one."""
    return {
        one.inputs["metadata"]["namespace"]: one.inputs["spec"]
        for one in registrations.of_type(kind)
        if one.inputs["metadata"]["name"] == of
    }


def groups(registrations: Registrations, of: str = names.HISTORY_SERVER) -> dict[str, set[str]]:
    """Who passes, by queue."""
    return {
        queue: {
            value
            for rule in spec["authorization"]["rules"]
            for claim in rule["principal"]["jwt"]["claims"]
            for value in claim["values"]
        }
        for queue, spec in specs(registrations, POLICY, of).items()
    }


def cards(registrations: Registrations) -> dict[str, dict[str, Any]]:
    found = registrations.of_type("kubernetes:core/v1:ConfigMap")
    return {one.inputs["metadata"]["namespace"]: json.loads(one.inputs["data"][names.QUEUE_CARD_KEY]) for one in found}


def with_search(path: str, value: Any) -> Registrations:  # noqa: ANN401
    return tenant_registrations(changed(tenant("search-dev"), path, value), registered=doored_platform())


def test_each_queue_has_its_own_host_and_lets_in_the_groups_that_may_see_it() -> None:
    found = doored_registrations("search-dev")
    hosts = {queue: spec["hostnames"] for queue, spec in specs(found, ROUTE).items()}
    assert hosts == {queue: [f"{queue}.{DOOR['domain']}"] for queue in ("search-adhoc", "search-scheduled")}
    assert groups(found) == {"search-adhoc": {"search-analysts"}, "search-scheduled": set()}


def test_a_group_with_a_purpose_in_all_queues_passes_to_all_whatever_the_purpose() -> None:
    found = with_search("people.analysts", {"group": "search-analysts", "purpose": "viewer"})
    assert groups(found) == {"search-adhoc": {"search-analysts"}, "search-scheduled": {"search-analysts"}}


def test_principals_of_aws_are_nobody_at_the_door() -> None:
    assert groups(doored_registrations("ads-dev")) == {"ads-batch": set()}


def test_a_shared_group_passes_where_it_is_accepted() -> None:
    airflow = {"group": "airflow-people", "queues": {"search-adhoc": "viewer"}}
    settings = tenant("search-dev")
    on = doored_platform(shared=json.dumps(airflow))
    settings["accepts"] = {"airflow": {"adhoc": "viewer"}}
    found = groups(tenant_registrations(settings, registered=on))
    assert found == {"search-adhoc": {"airflow-people", "search-analysts"}, "search-scheduled": set()}


def test_logs_are_for_owners_and_submitters_alone() -> None:
    settings = tenant("search-dev")
    settings["people"] = {
        "owners": {"group": "g-owners", "purpose": "owner"},
        "submitters": {"group": "g-submitters", "purpose": "submitter"},
        "viewers": {"group": "g-viewers", "purpose": "viewer"},
        "mixed": {"group": "g-mixed", "queues": {"adhoc": "submitter", "scheduled": "viewer"}},
    }
    shared = {"group": "g-shared", "queues": {"search-adhoc": "submitter", "search-scheduled": "viewer"}}
    settings["accepts"] = {"airflow": {"adhoc": "submitter", "scheduled": "viewer"}}
    found = tenant_registrations(settings, registered=doored_platform(shared=json.dumps(shared)))
    everybody = {"g-owners", "g-submitters", "g-viewers", "g-mixed", "g-shared"}
    assert groups(found) == {"search-adhoc": everybody, "search-scheduled": everybody}
    assert groups(found, names.PAST_LOGS) == {
        "search-adhoc": everybody - {"g-viewers"},
        "search-scheduled": {"g-owners", "g-submitters"},
    }


def test_logs_are_shown_only_where_they_are_kept_and_behind_a_door() -> None:
    behind = {one.inputs["metadata"]["namespace"] for one in logs_services(doored_registrations("search-dev"))}
    assert behind == {"search-adhoc", "search-scheduled"}
    assert not logs_services(sample_registrations("search-dev"))


def logs_services(registrations: Registrations) -> list[Registration]:
    found = registrations.of_type("kubernetes:core/v1:Service")
    return [one for one in found if one.inputs["metadata"]["name"] == names.PAST_LOGS]


def test_a_queue_without_a_history_server_has_nothing_to_show() -> None:
    found = with_search("queues.adhoc.history", {"enabled": False})
    assert list(specs(found, ROUTE)) == ["search-scheduled"]
    assert list(specs(found, ROUTE, names.PAST_LOGS)) == ["search-scheduled"]
    assert "pages" not in cards(found)["search-adhoc"]


def test_without_a_door_there_is_no_route_no_policy_and_no_link() -> None:
    found = sample_registrations("search-dev")
    assert not [one.urn for one in found.values() if one.type.startswith((GATEWAY, ENVOY, "elastic-spark:queue_door"))]
    assert not [card for card in cards(found).values() if "pages" in card]


def test_the_card_and_the_outputs_say_the_link_to_those_who_pass() -> None:
    found = doored_registrations("search-dev")
    outputs = found.stack.outputs["queues"]
    assert (
        cards(found)["search-adhoc"]["pages"] == outputs["adhoc"]["pages"] == "https://search-adhoc.spark.example.com/"
    )
    assert "pages" not in cards(found)["search-scheduled"]
    assert "pages" not in outputs["scheduled"]


def test_the_card_says_the_page_of_logs_to_those_who_read_them() -> None:
    found = cards(doored_registrations("search-dev"))
    assert found["search-adhoc"]["logs"]["page"] == "https://search-adhoc.spark.example.com/logs/"
    assert "page" not in found["search-scheduled"]["logs"]
    watched = cards(with_search("people.analysts.queues", {"adhoc": "viewer"}))
    assert "pages" in watched["search-adhoc"]
    assert "page" not in watched["search-adhoc"]["logs"]
    assert "page" not in cards(with_search("queues.adhoc.history", {"enabled": False}))["search-adhoc"]["logs"]
    assert "page" not in cards(sample_registrations("search-dev"))["search-adhoc"]["logs"]


def test_admission_compares_tokens_with_what_tenants_write() -> None:
    jwt = specs(doored_registrations("search-dev"), POLICY)["search-adhoc"]["jwt"]
    (rule,) = [
        validation["expression"]
        for policy in doored_platform().of_type(ADMISSION)
        for validation in policy.inputs["spec"]["validations"]
        if validation["message"].endswith("[door-tokens]")
    ]
    assert json.dumps(jwt["providers"][0]["remoteJWKS"]["uri"]) in rule


def test_on_a_platform_without_a_door_admission_lets_nothing_of_one_in() -> None:
    (policy,) = [
        one.inputs["spec"]
        for one in platform_registrations("platform-dev").of_type(ADMISSION)
        if one.inputs["metadata"]["name"].startswith("elastic-spark-door")
    ]
    assert [validation["expression"] for validation in policy["validations"]] == ["false"]
