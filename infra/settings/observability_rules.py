"""Rules about monitoring: of a platform's settings, and of a tenant's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.contract import AwsContract, PlatformContract
from infra.settings import observability_sizes
from infra.settings.findings import Finding, shown
from infra.settings.observability import Receiver
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.tenant import AwsTenant, ExistingTenant
from sizing import names
from sizing.arns import Arns

KINDS = {"sns_topic": "snsTopic", "slack": "slack", "pager_duty": "pagerDuty", "webhook": "webhook"}


def receivers_are_of_one_kind(settings: AwsPlatform | ExistingPlatform) -> Iterator[Finding]:
    """A receiver is told in one way."""
    yield from _one_kind("monitoring.receivers", settings.monitoring.receivers)


def measurements_fit(settings: AwsPlatform | ExistingPlatform) -> Iterator[Finding]:
    """What is kept fits on the volume, and Grafana has an address where people sign in to it."""
    monitoring = settings.monitoring
    if not monitoring.enabled:
        return
    if monitoring.grafana.sign_in and not monitoring.grafana.url:
        yield Finding("monitoring.grafana.url", "nothing", "the address that people come back to when they signed in")
    minimum = observability_sizes.minimum_volume_gib(settings)
    if monitoring.volume_gib < minimum:
        yield Finding(
            "monitoring.volumeGib",
            str(monitoring.volume_gib),
            f"at least {minimum}, for {monitoring.retention_days} days of the platform at its maximum; or fewer "
            "retentionDays",
        )


def somebody_is_told(settings: AwsPlatform | ExistingPlatform, topic: str = "") -> Iterator[Finding]:
    """In production somebody is told of alerts.

    Args:
        settings: of the platform.
        topic: the ARN of a topic that it might publish to; empty where none is possible, or known.
    """
    monitoring = settings.monitoring
    if not monitoring.enabled:
        return
    if settings.environment == "production" and not monitoring.receivers:
        written = f'{{team: {{snsTopic: "{topic}"}}}}' if topic else "{team: {slack: ...}}"
        others = "slack, pagerDuty or webhook, see docs/monitoring.md" if topic else "pagerDuty or webhook"
        yield Finding(
            "monitoring.receivers",
            "nobody",
            f"in production somebody who is told of the platform's alerts: receivers: {written}; or {others}",
        )


def aws_monitoring(settings: AwsPlatform) -> Iterator[Finding]:
    """What AWS runs has what it needs."""
    monitoring = settings.monitoring
    for section in ("prometheus", "grafana"):
        if getattr(monitoring, f"managed_{section}").enabled and not monitoring.enabled:
            yield Finding(
                f"monitoring.managed{section.title()}.enabled", "true", "false: without monitoring there is nothing"
            )
    if monitoring.managed_grafana.enabled and not monitoring.managed_prometheus.enabled:
        yield Finding(
            "monitoring.managedGrafana.enabled", "true", "false, or managedPrometheus.enabled: true, which it shows"
        )


def topics_of(receivers: Mapping[str, Receiver], path: str, arns: Arns, prefix: str) -> Iterator[Finding]:
    """Topics are those that Alertmanager may publish to.

    Args:
        receivers: by name.
        path: of the receivers in the settings.
        arns: the platform's account and region.
        prefix: how a topic's name starts; with a dash at its end, or it is the whole name or followed by a dash.
    """
    allowed = arns.topics(prefix)[:-1]
    for name, receiver in sorted(receivers.items()):
        topic = receiver.sns_topic
        if topic is None or (topic.startswith(allowed) and prefix.endswith("-")):
            continue
        if topic != allowed and not topic.startswith(f"{allowed}-"):
            yield Finding(f"{path}.{name}.snsTopic", topic, f"a topic whose ARN starts with {allowed}")


def no_topics(receivers: Mapping[str, Receiver], path: str) -> Iterator[Finding]:
    """On an existing cluster nothing has rights in AWS."""
    for name, receiver in sorted(receivers.items()):
        if receiver.sns_topic:
            yield Finding(
                f"{path}.{name}.snsTopic", receiver.sns_topic, "slack, pagerDuty or webhook: the platform is not in AWS"
            )


def existing_monitoring(settings: ExistingPlatform) -> Iterator[Finding]:
    """See `no_topics`."""
    yield from no_topics(settings.monitoring.receivers, "monitoring.receivers")


def alerts_reach_somebody(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """A tenant's receivers are of one kind each."""
    if settings.alerts:
        yield from _one_kind("alerts.receivers", settings.alerts.receivers)
        if isinstance(settings, ExistingTenant):
            yield from no_topics(settings.alerts.receivers, "alerts.receivers")


def alerts_name_a_queue(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """The queue of a tenant's alerts is one of its own."""
    queue = settings.alerts.queue if settings.alerts else None
    if queue and queue not in settings.queues:
        yield Finding("alerts.queue", shown(queue), f"a queue of the tenant: {', '.join(sorted(settings.queues))}")


def tenant_on_platform(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Iterator[Finding]:
    """A tenant's alerts need a platform that measures, and topics that are its own."""
    if settings.alerts is None:
        return
    if not contract.monitoring:
        yield Finding("alerts", "receivers", "nothing: the platform's monitoring is off")
    if isinstance(contract, AwsContract):
        yield from topics_of(
            settings.alerts.receivers,
            "alerts.receivers",
            Arns(contract.aws.account_id, contract.aws.region),
            names.alert_topics(contract.platform, settings.name),
        )


def _one_kind(path: str, receivers: Mapping[str, Receiver]) -> Iterator[Finding]:
    for name, receiver in sorted(receivers.items()):
        given = [alias for field, alias in KINDS.items() if getattr(receiver, field)]
        if len(given) != 1:
            yield Finding(
                f"{path}.{name}", " and ".join(given) or "nothing", f"exactly one of {', '.join(KINDS.values())}"
            )
