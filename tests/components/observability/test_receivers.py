"""Who is told of which alerts."""

from __future__ import annotations

from typing import Any

import pytest

from components.observability.crds import MONITOR_LABELS
from components.observability.receivers import AlertReceivers, AlertReceiversArgs, Receiver, SecretKey, spec
from tests.recording import registrations_of

SECRET = SecretKey(name="alert-receivers", key="here")
TOPIC = "arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-ads"
SNS = Receiver(sns_topic_arn=TOPIC, region="eu-central-1")


def of(*receivers: Receiver, tenant: str | None = "ads") -> dict[str, Any]:
    return spec(AlertReceiversArgs(namespace="ads-batch", receivers=receivers, tenant=tenant))


def taken(matchers: list[dict[str, str]], **labels: str) -> bool:
    """Whether all matchers hold, as Alertmanager takes them: a label that is not there is empty."""
    return all((labels.get(m["name"], "") == m["value"]) == (m["matchType"] == "=") for m in matchers)


@pytest.mark.parametrize(
    ("labels", "tenants", "platforms"),
    [
        ({"audience": "tenant", "tenant": "ads"}, True, False),
        ({"audience": "tenant", "tenant": "ads", "queue": "ads-batch"}, True, False),
        ({"audience": "tenant", "tenant": "search"}, False, False),
        ({"audience": "platform", "tenant": "ads"}, False, True),
        ({"audience": "platform"}, False, True),
        ({}, False, True),
    ],
)
def test_tenants_hear_of_their_own_alerts_and_the_platform_of_its_own(
    labels: dict[str, str], tenants: bool, platforms: bool
) -> None:
    assert taken(of(SNS)["route"]["matchers"], **labels) == tenants
    assert taken(of(SNS, tenant=None)["route"]["matchers"], **labels) == platforms


def test_a_topic_is_published_to_with_signed_requests() -> None:
    (receiver,) = of(SNS)["receivers"]
    assert receiver["snsConfigs"] == [
        {"sendResolved": True, "topicARN": TOPIC, "sigv4": {"region": "eu-central-1"}},
    ]


@pytest.mark.parametrize(
    ("receiver", "kind", "field"),
    [
        (Receiver(slack=SECRET, channel="#alerts"), "slackConfigs", "apiURL"),
        (Receiver(pager_duty=SECRET), "pagerdutyConfigs", "routingKey"),
        (Receiver(webhook=SECRET), "webhookConfigs", "urlSecret"),
    ],
)
def test_secrets_are_named_and_not_held(receiver: Receiver, kind: str, field: str) -> None:
    (found,) = of(receiver)["receivers"]
    assert found[kind][0][field] == {"name": "alert-receivers", "key": "here"}


def test_all_receivers_are_told() -> None:
    (receiver,) = of(SNS, SNS, Receiver(webhook=SECRET))["receivers"]
    assert (len(receiver["snsConfigs"]), len(receiver["webhookConfigs"])) == (2, 1)


def test_a_receiver_without_a_way_is_refused() -> None:
    with pytest.raises(ValueError, match="SNS topic"):
        of(Receiver())


def test_nothing_of_others_is_silenced() -> None:
    assert set(of(SNS)) == {"route", "receivers"}


def test_it_is_registered_where_alertmanager_looks() -> None:
    args = AlertReceiversArgs(namespace="ads-batch", receivers=(SNS,), tenant="ads")
    registrations = registrations_of(lambda: AlertReceivers("a", args))
    registered = registrations.one("kubernetes:monitoring.coreos.com/v1alpha1:AlertmanagerConfig")
    assert registered.inputs["metadata"] == {"name": "alerts", "namespace": "ads-batch", "labels": MONITOR_LABELS}
