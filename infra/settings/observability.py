"""The settings of monitoring: what is kept and how long, who is told, and what AWS runs instead of the cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.fields import (
    Days,
    Label,
    Model,
    QueueName,
    SecretKey,
    SecretName,
    SlackChannel,
    StorageClassName,
    TopicArn,
    Url,
)


class SecretValue(Model):
    """A value in a Secret of Kubernetes; it is never in settings, previews or state."""

    secret: SecretName
    """The Secret's name, in the namespace `spark-system` for the platform's receivers, in a queue's for a tenant's."""
    key: SecretKey
    """The key in it."""


class Slack(Model):
    """A channel of Slack."""

    channel: SlackChannel
    webhook: SecretValue
    """Where the webhook's address is."""


class Receiver(Model):
    """Somebody who is told of alerts: exactly one of these."""

    sns_topic: TopicArn | None = None
    """A topic of Amazon SNS in the platform's account and region, called `<platform>-alerts-...`, a tenant's
    `<platform>-alerts-<tenant>`, or that with a dash and more behind it."""
    slack: Slack | None = None
    pager_duty: SecretValue | None = None
    """Where an integration key (Events API v2) is."""
    webhook: SecretValue | None = None
    """Where an address is to which Alertmanager sends JSON."""


Receivers = dict[Label, Receiver]
"""By names of your choice; all of them are told."""


class SignIn(Model):
    """Signing in to Grafana by OpenID Connect. It says which tenants somebody belongs to, and so what they see."""

    issuer: Url
    """The issuer, as its ID tokens name it."""
    authorization_url: Url
    token_url: Url
    jwks_url: Url
    """These three are in the issuer's `/.well-known/openid-configuration`."""
    client_id: Annotated[str, Field(min_length=1)]
    """Of a confidential client, whose redirect is `<url>/login/generic_oauth`."""
    client_secret: SecretValue
    scopes: Annotated[tuple[str, ...], Field(min_length=1)] = ("openid", "profile", "email", "groups", "offline_access")
    """What is asked for: the groups, and refreshing, as ID tokens last an hour or less."""
    groups_claim: Annotated[str, Field(min_length=1)] = "groups"
    """In ID tokens: somebody's groups."""
    tenant_group_prefix: str = "spark-"
    """A member of the group with this prefix and a tenant's name sees that tenant."""
    platform_groups: Annotated[tuple[str, ...], Field(min_length=1)]
    """Whose members see everything, and may change Grafana."""


class Grafana(Model):
    """Grafana in the cluster; it has no ingress: people reach it by port-forwarding, or by an ingress of your own."""

    enabled: bool = True
    url: Url | None = None
    """Where people see it, if there is an ingress of yours."""
    sign_in: SignIn | None = None
    """For tenants' people, who see their tenants' queues. Without it only the platform's people can look: the password
    is in the cluster, and whoever has it sees everything."""


class ManagedPrometheus(Model):
    """Amazon Managed Service for Prometheus: samples are written there too, and kept for long."""

    enabled: bool = False
    retention_days: Annotated[int, Field(ge=1, le=1095)] = 150


class ManagedGrafana(Model):
    """Amazon Managed Grafana; it shows what Amazon Managed Prometheus has."""

    enabled: bool = False
    authentication: Literal["AWS_SSO", "SAML"] = "AWS_SSO"


class Monitoring(Model):
    """Prometheus, Alertmanager, Grafana and kube-state-metrics in the cluster."""

    enabled: bool = True
    """Off: nothing is measured. Cost reports, alerts and dashboards are off with it."""
    retention_days: Days = 31
    """How long samples are kept in the cluster, as far as `volumeGib` reaches. A tenant's budget needs 31."""
    volume_gib: Annotated[int, Field(ge=10, le=16384)] = 100
    """The volume of each Prometheus. To grow it later takes a hand, see docs/monitoring.md."""
    receivers: Receivers = Field(default_factory=dict)
    """Who is told of the platform's alerts. Production needs somebody."""
    runbooks: Url | None = None
    """Where people read docs/runbooks, for the links in alerts: what comes before `/<alert>.md`."""
    grafana: Grafana = Grafana()


class AwsMonitoring(Monitoring):
    """Monitoring of a platform on EKS."""

    node_age_days: Annotated[int, Field(ge=1, le=365)] = 30
    """From which age of a node, or of the AMI that it runs, somebody is told; `fleet pools patch` replaces those."""
    managed_prometheus: ManagedPrometheus = ManagedPrometheus()
    managed_grafana: ManagedGrafana = ManagedGrafana()


class ExistingMonitoring(Monitoring):
    """Monitoring of an existing cluster."""

    volume_gib: Annotated[int, Field(ge=10, le=16384)] = 10
    """The volume of each Prometheus. To grow it later takes a hand, see docs/monitoring.md."""
    storage_class: StorageClassName | None = None
    """Of all volumes; absent: the cluster's default."""


class TenantAlerts(Model):
    """Who is told of the tenant's alerts, which otherwise are seen in Grafana alone."""

    receivers: Annotated[Receivers, Field(min_length=1)]
    queue: QueueName | None = None
    """The queue in whose namespace the receivers' Secrets are; absent: the queue whose name comes first."""
