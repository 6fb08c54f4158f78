"""Alerts about the door: nobody comes in, much of what they ask for fails, or what was changed takes no effect."""

from __future__ import annotations

from typing import Final

from components.door.proxy import PORT
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import duration
from sizing import names

PROXIES: Final = f'job="{names.SYSTEM_NAMESPACE}/{names.DOOR}-proxies"'
"""As Prometheus' operator calls what a PodMonitor finds; other Envoys of the platform are no door."""
PEOPLES: Final = f'envoy_http_conn_manager_prefix="http-{PORT}"'
"""At the Gateway's port: not to who asks for metrics (envoyproxy/gateway v1.9.1, xds/translator/listener.go)."""
ANSWERS: Final = "envoy_http_downstream_rq_xx"


def door_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts.

    Sources: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats (and of cluster and
    listener manager); envoyproxy/gateway v1.9.1, internal/message/metrics.go
    """
    window = duration(objectives.door_window)
    answers = f"sum(increase({ANSWERS}{{{PROXIES}, {PEOPLES}}}[{window}]))"
    rejected = " or ".join(
        f"sum(increase({metric}{{{PROXIES}}}[{window}])) > 0"
        for metric in ("envoy_cluster_manager_cds_update_rejected", "envoy_listener_manager_lds_update_rejected")
    )
    panics = f"sum(increase(watchable_panics_recovered_total[{window}]))"
    return (
        Alert(
            name="ElasticSparkDoorDown",
            expression=f"absent(up{{{PROXIES}}} == 1)",
            lasting=objectives.down,
            severity="critical",
            audience="platform",
            summary="The door is down, or can't be scraped",
            description="No Envoy of it answers. Nobody sees a page by its link; jobs and the cluster's API go on.",
        ),
        Alert(
            name="ElasticSparkDoorFailing",
            expression=_share("5", answers, objectives.door_failing, objectives),
            lasting=objectives.scrape_failing,
            severity="warning",
            audience="platform",
            summary="Much of what people ask the door for fails",
            description=f"Of its answers in {window}, {{{{ $value | humanizePercentage }}}} say so (5xx).",
        ),
        Alert(
            name="ElasticSparkDoorRefusing",
            expression=_share("4", answers, objectives.door_refusing, objectives),
            lasting=objectives.scrape_failing,
            severity="warning",
            audience="platform",
            summary="The door refuses most of what it is asked for",
            description=(
                f"Of its answers in {window}, {{{{ $value | humanizePercentage }}}} refuse somebody (4xx): a login "
                "that is set up wrongly, or somebody who tries."
            ),
        ),
        Alert(
            name="ElasticSparkDoorStale",
            expression=f"{rejected} or {panics} > 0",
            lasting=0,
            severity="critical",
            audience="platform",
            summary="Changes of the door take no effect",
            description=(
                f"In {window}, {{{{ $value | humanize }}}} configurations were refused by an Envoy, or failed in Envoy "
                "Gateway. Everybody's routes stay as they were."
            ),
        ),
    )


def _share(code_class: str, answers: str, limit: float, objectives: Objectives) -> str:
    window = duration(objectives.door_window)
    these = f'sum(increase({ANSWERS}{{{PROXIES}, {PEOPLES}, envoy_response_code_class="{code_class}"}}[{window}]))'
    return f"{these} / {answers} > {limit} and {answers} > {objectives.door_requests}"
