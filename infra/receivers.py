"""Who hears of alerts, as settings of platforms and tenants say it alike."""

from __future__ import annotations

from collections.abc import Mapping

from components.observability.receivers import Receiver, SecretKey
from infra.settings import observability


def receivers_of(receivers: Mapping[str, observability.Receiver], region: str | None) -> tuple[Receiver, ...]:
    """Receivers as the component takes them, in the order of their names."""
    return tuple(_receiver(receivers[name], region) for name in sorted(receivers))


def _receiver(receiver: observability.Receiver, region: str | None) -> Receiver:
    return Receiver(
        sns_topic_arn=receiver.sns_topic,
        region=region if receiver.sns_topic else None,
        slack=_secret(receiver.slack.webhook) if receiver.slack else None,
        channel=receiver.slack.channel if receiver.slack else None,
        pager_duty=_secret(receiver.pager_duty) if receiver.pager_duty else None,
        webhook=_secret(receiver.webhook) if receiver.webhook else None,
    )


def _secret(value: observability.SecretValue) -> SecretKey:
    return SecretKey(name=value.secret, key=value.key)
