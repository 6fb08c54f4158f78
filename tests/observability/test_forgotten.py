"""Pods that wait and for which YuniKorn isn't asked are told of, and those that wait as they should are not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.observability.firing import assert_fires
from tests.observability.programs import Programs

ALERT = "ElasticSparkPodForgotten"
QUEUE = 'tenant="ads", queue="ads-batch", job="kube-state-metrics"'
RUNNING = {
    'yunikorn_scheduler_node{state="active"}': "3x60",
    f"elastic_spark_queue_max_apps{{{QUEUE}}}": "20x60",
}
"""YuniKorn, and a queue, whatever waits there."""


def pod(name: str, cores: int = 4, values: str = "1x60", on: str = "", ended: bool = False) -> dict[str, str]:
    """A pod of two containers that waits, or has a node."""
    which = f'namespace="ads-batch", pod="{name}", uid="{name}"'
    request = f'kube_pod_container_resource_requests{{{which}, node="{on}", resource="cpu", container="%s"}}'
    each = values.replace("1x", f"{cores / 2}x")
    return {
        f'kube_pod_nodeselectors{{{which}, pool="ads-batch-main"}}': values,
        request % "spark": each,
        request % "sidecar": each,
        **({f"kube_pod_status_scheduled_time{{{which}}}": values} if on else {}),
        **({f'kube_pod_status_phase{{{which}, phase="Failed"}}': values} if ended else {}),
    }


def pending(cores: str) -> dict[str, str]:
    """What YuniKorn is asked for in the queue, in thousandths of cores."""
    return {'yunikorn_queue_resource{queue="root.tenants.ads.ads-batch", resource="vcore", state="pending"}': cores}


CASES: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "one that nobody asks for, in an idle queue that YuniKorn has forgotten": (pod("etl-exec-1"), True),
    "one that nobody asks for, while others wait as they should": (
        pod("etl-exec-1") | pod("etl-exec-2") | pending("4000x60"),
        True,
    ),
    "one that waits for the queue or for a node": (pod("etl-exec-1") | pending("4000x60"), False),
    "one that requests more by an init container": (pod("etl-exec-1") | pending("5000x60"), False),
    "one that was just made": (pod("etl-exec-1", values="_x52 1x8"), False),
    "one that has a node": (pod("etl-exec-1", on="a"), False),
    "one that has ended without ever having a node": (pod("etl-exec-1", ended=True), False),
    "one that was deleted": (pod("etl-exec-1", values="1x50 stale"), False),
    "a driver whose gang waits for its places": (
        pod("etl-driver") | pod("tg-ads-batch-etl-spark-executor-abc") | pending("4000x60"),
        False,
    ),
    "many that are placed as fast as others come": (
        {
            key: value
            for at in range(0, 60, 4)
            for key, value in pod(f"etl-exec-{at}", values=f"_x{at} 1x3 stale").items()
        },
        False,
    ),
}


@pytest.mark.parametrize(("given", "told"), CASES.values(), ids=CASES)
def test_pods_that_yunikorn_has_given_up(
    programs: Programs, tmp_path: Path, given: Mapping[str, str], told: bool
) -> None:
    assert_fires(programs, tmp_path, {**RUNNING, **given}, [ALERT], [ALERT] * told, 30)


def test_without_yunikorn_nothing_is_forgotten_and_another_alert_says_so(programs: Programs, tmp_path: Path) -> None:
    down = "ElasticSparkYuniKornDown"
    assert_fires(programs, tmp_path, pod("etl-exec-1"), [ALERT, down], [down], 30)
