"""A platform's monitoring, assembled from its settings: on any cluster, and what AWS adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.observability.alerts import alert_groups
from components.observability.constants import PoolConstants, pool_constants
from components.observability.dashboards.config_maps import Dashboards, DashboardsArgs
from components.observability.drivers import DriverMonitor, DriverMonitorArgs
from components.observability.grafana import GrafanaArgs, GrafanaSignIn
from components.observability.groups import DEFAULT_RUNBOOKS
from components.observability.objectives import Objectives
from components.observability.prometheus_rule import PrometheusRules, PrometheusRulesArgs
from components.observability.query_gate.envoy import SignIn
from components.observability.query_gate.query_gate import QueryGate, QueryGateArgs, gate_address
from components.observability.receivers import AlertReceivers, AlertReceiversArgs
from components.observability.recording import recording_groups
from components.observability.stack import Monitoring, MonitoringArgs, RemoteWrite, prometheus_address
from components.software.chart import ChartSource
from infra.platform.kubernetes_part import Definitions
from infra.receivers import receivers_of
from infra.settings import observability, observability_sizes
from infra.settings.platform import AwsPlatform, ExistingPlatform
from sizing import names


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What monitoring finds on a kind of platform.

    Attributes:
        storage_class: of volumes; `None` for the cluster's default.
        remote_write: a second place for samples; `None` for none.
        region: of AWS; `None` where there is none.
        objectives: what is promised.
        autoscaled: whether nodes come and go.
        door: whether the platform has one.
        pools: of the platform itself.
    """

    storage_class: str | None
    remote_write: RemoteWrite | None = None
    region: str | None = None
    objectives: Objectives
    autoscaled: bool
    door: bool
    pools: Sequence[PoolConstants]


def monitoring(
    settings: AwsPlatform | ExistingPlatform,
    defined: Definitions,
    around: Surroundings,
    opts: pulumi.ResourceOptions,
) -> None:
    """Register the software, what it scrapes, computes and tells whom, unless settings say that nothing is measured.

    Args:
        settings: of the platform.
        defined: what the API server knows by then.
        around: see `Surroundings`.
        opts: the providers, and what must be there first.
    """
    wanted = settings.monitoring
    if not wanted.enabled:
        return
    after = pulumi.ResourceOptions(depends_on=[defined.namespace, defined.monitoring])
    opts = pulumi.ResourceOptions.merge(opts, after)
    name = settings.name
    Monitoring(
        f"{name}-monitoring",
        MonitoringArgs(
            platform=name,
            namespace=names.SYSTEM_NAMESPACE,
            source=ChartSource(mirror=settings.charts.mirror),
            prometheus=observability_sizes.prometheus(settings),
            kube_state_metrics=observability_sizes.kube_state_metrics(settings),
            retention_days=wanted.retention_days,
            volume_gib=wanted.volume_gib,
            storage_class=around.storage_class,
            remote_write=around.remote_write,
            grafana=_grafana(wanted.grafana),
        ),
        opts,
    )
    if wanted.grafana.enabled:
        Dashboards(f"{name}-dashboards", DashboardsArgs(namespace=names.SYSTEM_NAMESPACE), opts)
        if wanted.grafana.sign_in:
            QueryGate(
                f"{name}-query-gate",
                QueryGateArgs(
                    namespace=names.SYSTEM_NAMESPACE,
                    sign_in=_identity(wanted.grafana.sign_in),
                    prometheus=prometheus_address(names.SYSTEM_NAMESPACE),
                    replicas=observability_sizes.replicas(settings),
                ),
                opts,
            )
    DriverMonitor(f"{name}-driver-monitor", DriverMonitorArgs(namespace=names.SYSTEM_NAMESPACE), opts)
    PrometheusRules(
        f"{name}-rules",
        PrometheusRulesArgs(
            namespace=names.SYSTEM_NAMESPACE,
            groups=(
                *recording_groups(name, around.objectives),
                *alert_groups(name, around.objectives, autoscaled=around.autoscaled, door=around.door),
                pool_constants(name, around.pools),
            ),
            runbooks=wanted.runbooks or DEFAULT_RUNBOOKS,
        ),
        opts,
    )
    if wanted.receivers:
        AlertReceivers(
            f"{name}-alerts",
            AlertReceiversArgs(
                namespace=names.SYSTEM_NAMESPACE, receivers=receivers_of(wanted.receivers, around.region)
            ),
            opts,
        )


def _grafana(wanted: observability.Grafana) -> GrafanaArgs | None:
    if not wanted.enabled:
        return None
    sign_in = wanted.sign_in
    return GrafanaArgs(
        root_url=wanted.url,
        sign_in=GrafanaSignIn(
            identity=_identity(sign_in),
            authorization_url=sign_in.authorization_url,
            token_url=sign_in.token_url,
            client_secret=(sign_in.client_secret.secret, sign_in.client_secret.key),
            scopes=sign_in.scopes,
            gate=gate_address(names.SYSTEM_NAMESPACE),
        )
        if sign_in
        else None,
    )


def _identity(sign_in: observability.SignIn) -> SignIn:
    return SignIn(
        issuer=sign_in.issuer,
        jwks_uri=sign_in.jwks_url,
        client_id=sign_in.client_id,
        groups_claim=sign_in.groups_claim,
        tenant_prefix=sign_in.tenant_group_prefix,
        platform_groups=sign_in.platform_groups,
    )
