"""Who is told of alerts: AlertmanagerConfigs, the platform's, and one of each tenant that has receivers.

A tenant's receiver gets the alerts that are for tenants and carry the tenant's name; everything else goes to the
platform's. Secrets stay where somebody has put them: only their names are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.observability.crds import MONITOR_LABELS
from sizing.values import Json

API_VERSION: Final = "monitoring.coreos.com/v1alpha1"
KIND: Final = "AlertmanagerConfig"
NAME: Final = "alerts"
GROUP_BY: Final = ("alertname", "tenant", "queue", "pool")
"""Of what is alike, one message."""
GROUP_WAIT: Final = "30s"
GROUP_INTERVAL: Final = "5m"
REPEAT_INTERVAL: Final = "4h"
AUDIENCE: Final = "audience"
TENANT_AUDIENCE: Final = "tenant"
"""The value of the label `audience` of alerts that are for tenants (`components.observability.groups`)."""


SLACK_TEXT: Final = {
    "title": "[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.queue }}",
    "text": "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n"
    "{{ .Annotations.runbook_url }}\n{{ end }}",
}
"""Alertmanager's own text shows labels only."""
PAGER_DUTY_TEXT: Final = {
    "severity": "{{ .CommonLabels.severity }}",
    "description": "{{ .CommonLabels.alertname }} {{ .CommonLabels.queue }}: {{ .CommonAnnotations.summary }}",
}


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """A value that somebody has put into a Secret of the receiver's namespace.

    Args:
        name: of the Secret.
        key: in it.
    """

    name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Somebody who is told of alerts, in exactly one way.

    Args:
        sns_topic_arn: a topic of Amazon SNS.
        region: of the topic.
        slack: a Slack webhook's address.
        channel: of Slack.
        pager_duty: an integration key of PagerDuty, Events API v2.
        webhook: an address to which Alertmanager's JSON is sent.
    """

    sns_topic_arn: str | None = None
    region: str | None = None
    slack: SecretKey | None = None
    channel: str | None = None
    pager_duty: SecretKey | None = None
    webhook: SecretKey | None = None


@dataclass(frozen=True, kw_only=True)
class AlertReceiversArgs:
    """Whose alerts go to whom.

    Args:
        namespace: of the platform's software, or of a queue; secrets are there.
        receivers: all of them are told.
        tenant: the tenant's name; `None` for the platform.
    """

    namespace: str
    receivers: Sequence[Receiver]
    tenant: str | None = None


class AlertReceivers(Component):
    """An AlertmanagerConfig, which the operator merges with all others into Alertmanager's configuration."""

    module = "alert_receivers"

    def __init__(self, name: str, args: AlertReceiversArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.apiextensions.CustomResource(
            f"{name}-config",
            api_version=API_VERSION,
            kind=KIND,
            metadata={"name": NAME, "namespace": args.namespace, "labels": dict(MONITOR_LABELS)},
            spec=spec(args),
            opts=self.child(),
        )
        self.register_outputs({})


def spec(args: AlertReceiversArgs) -> dict[str, Json]:
    """The spec of the AlertmanagerConfig."""
    receiver: dict[str, Json] = {"name": NAME}
    for one in args.receivers:
        kind, config = _config(one)
        receiver.setdefault(kind, []).append({"sendResolved": True, **config})
    return {
        "route": {
            "receiver": NAME,
            "groupBy": list(GROUP_BY),
            "groupWait": GROUP_WAIT,
            "groupInterval": GROUP_INTERVAL,
            "repeatInterval": REPEAT_INTERVAL,
            "matchers": matchers(args.tenant),
        },
        "receivers": [receiver],
    }


def matchers(tenant: str | None) -> list[dict[str, str]]:
    """Which alerts a configuration is about."""
    if tenant is None:
        # Without the label, or with another value: nobody else's.
        return [_matcher(AUDIENCE, "!=", TENANT_AUDIENCE)]
    return [_matcher(AUDIENCE, "=", TENANT_AUDIENCE), _matcher("tenant", "=", tenant)]


def _matcher(name: str, match_type: str, value: str) -> dict[str, str]:
    return {"name": name, "matchType": match_type, "value": value}


def _config(receiver: Receiver) -> tuple[str, dict[str, Json]]:
    if receiver.sns_topic_arn:
        return "snsConfigs", {"topicARN": receiver.sns_topic_arn, "sigv4": {"region": receiver.region}}
    if receiver.slack:
        return "slackConfigs", {"apiURL": _secret(receiver.slack), "channel": receiver.channel, **SLACK_TEXT}
    if receiver.pager_duty:
        return "pagerdutyConfigs", {"routingKey": _secret(receiver.pager_duty), **PAGER_DUTY_TEXT}
    if receiver.webhook:
        return "webhookConfigs", {"urlSecret": _secret(receiver.webhook)}
    raise ValueError("a receiver needs an SNS topic, Slack, PagerDuty or a webhook")


def _secret(secret: SecretKey) -> dict[str, str]:
    return {"name": secret.name, "key": secret.key}
