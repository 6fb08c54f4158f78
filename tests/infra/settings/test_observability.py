"""What settings of monitoring may say."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.validation import stack_settings
from tests import samples
from tests.infra.settings.on_platforms import wrong
from tests.samples import changed, config_of, tenant_config

TOPIC = "arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-platform"
SECRET = {"secret": "alert-receivers", "key": "address"}


def findings(config: dict[str, str]) -> dict[str, tuple[str, str]]:
    try:
        stack_settings("test", config)
    except SettingsError as error:
        return {f.path.partition(".")[2]: (f.found, f.allowed) for f in error.findings}
    return {}


def platform(monitoring: dict[str, Any], stack: str = "platform-dev", **others: object) -> dict[str, tuple[str, str]]:
    settings = samples.platform(stack) | {"monitoring": monitoring} | others
    return findings(config_of(settings, region=None if stack == "platform-kind" else "eu-central-1"))


@pytest.mark.parametrize(
    "receiver",
    [
        {"snsTopic": TOPIC},
        {"slack": {"channel": "#alerts", "webhook": SECRET}},
        {"pagerDuty": SECRET},
        {"webhook": SECRET},
    ],
)
def test_a_receiver_is_one_of_four_kinds(receiver: dict[str, Any]) -> None:
    assert platform({"receivers": {"us": receiver}}) == {}


@pytest.mark.parametrize("receiver", [{}, {"webhook": SECRET, "pagerDuty": SECRET}])
def test_a_receiver_of_no_kind_or_of_two_is_refused(receiver: dict[str, Any]) -> None:
    assert platform({"receivers": {"us": receiver}})["monitoring.receivers.us"][1].startswith("exactly one of")


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("volumeGib", 10, "at least "),
        ("retentionDays", 0, ""),
        ("managedGrafana", {"enabled": True}, "managedPrometheus.enabled: true"),
        ("runbooks", "docs/runbooks", "an https address"),
        ("grafana", {"url": "http://grafana"}, "an https address"),
    ],
)
def test_what_does_not_work_is_told(path: str, value: object, allowed: str) -> None:
    result = platform({"retentionDays": 90, path: value})
    where = next(key for key in result if key.startswith(f"monitoring.{path}"))
    assert allowed in result[where][1]


@pytest.mark.parametrize(
    "topic",
    [
        "arn:aws:sns:eu-west-1:111122223333:spark-dev-alerts-platform",
        "arn:aws:sns:eu-central-1:444455556666:spark-dev-alerts-platform",
        "arn:aws:sns:eu-central-1:111122223333:on-call",
        "arn:aws:sns:eu-central-1:111122223333:spark-dev-alertsplatform",
    ],
)
def test_a_topic_is_one_that_alertmanager_may_publish_to(topic: str) -> None:
    assert "monitoring.receivers.us.snsTopic" in platform({"receivers": {"us": {"snsTopic": topic}}})


def test_a_topic_that_is_none_is_one_error() -> None:
    assert list(platform({"receivers": {"us": {"snsTopic": "alerts"}}})) == ["monitoring.receivers.us.snsTopic"]


def test_in_production_somebody_is_told() -> None:
    result = platform({}, "platform-prod")
    assert result["monitoring.receivers"][0] == "nobody"
    assert platform({"enabled": False}, "platform-prod") == {}


def test_with_monitoring_off_amazon_has_nothing_to_show() -> None:
    assert "monitoring.managedPrometheus.enabled" in platform(
        {"enabled": False, "managedPrometheus": {"enabled": True}}
    )


def test_an_existing_cluster_has_no_topics_and_no_services_of_amazon() -> None:
    assert "monitoring.receivers.us.snsTopic" in platform({"receivers": {"us": {"snsTopic": TOPIC}}}, "platform-kind")
    assert "monitoring.managedPrometheus" in platform({"managedPrometheus": {"enabled": True}}, "platform-kind")
    assert platform({"storageClass": "standard"}, "platform-kind") == {}
    assert "monitoring.storageClass" in platform({"storageClass": "standard"})


def test_the_system_pool_must_hold_monitoring_too() -> None:
    pools = samples.platform("platform-kind")["pools"]
    small = {**pools, "system": {**pools["system"], "memory": "6656Mi"}}
    assert "pools.system.nodes" in platform({}, "platform-kind", pools=small)
    assert platform({"enabled": False}, "platform-kind", pools=small) == {}


def tenant(alerts: dict[str, Any], stack: str = "ads-dev") -> dict[str, tuple[str, str]]:
    return findings(tenant_config(samples.tenant(stack) | {"alerts": alerts}))


def test_a_tenants_receivers_are_of_its_queues() -> None:
    assert tenant({"receivers": {"us": {"webhook": SECRET}}}) == {}
    assert "alerts.queue" in tenant({"receivers": {"us": {"webhook": SECRET}}, "queue": "nowhere"})
    assert "alerts.receivers" in tenant({"receivers": {}})
    assert "alerts.receivers.us.snsTopic" in tenant({"receivers": {"us": {"snsTopic": TOPIC}}}, "demo-kind")


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("spark-dev-alerts-ads", True),
        ("spark-dev-alerts-ads-nightly", True),
        ("spark-dev-alerts-adsense", False),
        ("spark-dev-alerts-search", False),
        ("spark-dev-alerts-", False),
    ],
)
def test_a_tenants_topic_is_its_own(name: str, fits: bool) -> None:
    topic = f"arn:aws:sns:eu-central-1:111122223333:{name}"
    settings = samples.tenant() | {"alerts": {"receivers": {"us": {"snsTopic": topic}}}}
    parsed = stack_settings("test", tenant_config(settings)).settings
    paths = [f.path for f in wrong(parsed, "eu-central-1", samples.contract())]
    assert paths == ([] if fits else ["alerts.receivers.us.snsTopic"])


def test_a_platform_without_monitoring_has_no_alerts_for_tenants() -> None:
    settings = samples.tenant() | {"alerts": {"receivers": {"us": {"webhook": SECRET}}}}
    parsed = stack_settings("test", tenant_config(settings)).settings
    off = samples.contract().model_copy(update={"monitoring": False})
    assert [f.path for f in wrong(parsed, "eu-central-1", off)] == ["alerts"]


def test_settings_of_monitoring_have_defaults() -> None:
    assert findings(config_of(changed(samples.platform(), "monitoring", ...))) == {}
