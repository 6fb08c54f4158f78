"""Signing in to Grafana: what settings make of it."""

from __future__ import annotations

import functools
from typing import Any

import jmespath  # type: ignore[import-untyped]
import pytest

from components.observability.dashboards.panels import DATASOURCE_UID
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.settings.findings import SettingsError
from infra.settings.observability_sizes import workloads
from infra.settings.platform import AwsPlatform
from infra.settings.validation import stack_settings
from tests import samples

SIGN_IN = {
    "issuer": "https://login.example.com/realms/data",
    "authorizationUrl": "https://login.example.com/realms/data/authorize",
    "tokenUrl": "https://login.example.com/realms/data/token",
    "jwksUrl": "https://login.example.com/realms/data/keys",
    "clientId": "grafana",
    "clientSecret": {"secret": "grafana-sign-in", "key": "client-secret"},
    "platformGroups": ["data-platform", "the platform's people"],
}
GRAFANA = {"url": "https://grafana.example.com", "signIn": SIGN_IN}
RELEASE = "kubernetes:helm.sh/v3:Release"
GATE = "elastic-spark:query_gate:QueryGate"
DASHBOARDS = "elastic-spark:dashboards:Dashboards"


def config(grafana: dict[str, Any]) -> dict[str, str]:
    # The sample's one node a zone has no room for the gate.
    settings = samples.changed(samples.platform(), "pools.system.nodesPerZone", 2)
    return samples.config_of(settings | {"monitoring": {"grafana": grafana}})


def registrations(grafana: dict[str, Any]) -> Registrations:
    return run_program("test", config(grafana), {})


@functools.cache
def signed_in() -> Registrations:
    return registrations(GRAFANA)


def values(of: Registrations) -> dict[str, Any]:
    (found,) = [r for r in of.of_type(RELEASE) if r.inputs["chart"] == "kube-prometheus-stack"]
    return dict(found.inputs["values"]["grafana"])


def test_who_signs_in_asks_through_the_gate_and_by_no_other_data_source() -> None:
    sources = values(signed_in())["sidecar"]["datasources"]
    assert sources["url"] == "http://query-gate.spark-system.svc.cluster.local:8080"
    assert sources["extraJsonData"] == {"oauthPassThru": True}
    assert sources["alertmanager"] == {"enabled": False}
    assert signed_in().one(GATE).inputs["prometheus"] == "monitoring-prometheus.spark-system.svc.cluster.local:9090"


def test_dashboards_ask_the_chart_s_own_data_source() -> None:
    # The chart's default; nothing of ours changes it.
    assert DATASOURCE_UID == "prometheus"
    assert "uid" not in values(signed_in())["sidecar"]["datasources"]


def test_the_secret_is_read_in_the_cluster() -> None:
    found = values(signed_in())
    assert found["envValueFrom"] == {
        "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": {"secretKeyRef": {"name": "grafana-sign-in", "key": "client-secret"}}
    }
    assert "client_secret" not in found["grafana.ini"]["auth.generic_oauth"]


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["spark-ads"], "Viewer"),
        (["spark-ads", "data-platform"], "Admin"),
        (["the platform's people"], "Admin"),
        (["data-platform-fans"], "Viewer"),
        ([], "Viewer"),
    ],
)
def test_the_platform_s_people_change_grafana_and_others_look(groups: list[str], role: str) -> None:
    path = values(signed_in())["grafana.ini"]["auth.generic_oauth"]["role_attribute_path"]
    assert jmespath.search(path, {"groups": groups}) == role


def test_without_sign_in_there_is_no_gate() -> None:
    of = registrations({})
    assert not of.of_type(GATE)
    assert "url" not in values(of)["sidecar"]["datasources"]
    assert "auth.generic_oauth" not in values(of)["grafana.ini"]
    assert of.one(DASHBOARDS)


def test_without_grafana_there_are_no_dashboards() -> None:
    of = registrations({"enabled": False})
    assert not of.of_type(DASHBOARDS)
    assert not of.of_type(GATE)


def test_people_must_have_an_address_to_come_back_to() -> None:
    with pytest.raises(SettingsError, match=r"monitoring\.grafana\.url"):
        stack_settings("test", config({"signIn": SIGN_IN}))


def test_the_gate_takes_room_on_the_system_pool() -> None:
    def names(grafana: dict[str, Any]) -> set[str]:
        settings = stack_settings("test", config(grafana)).settings
        assert isinstance(settings, AwsPlatform)
        return {workload.name for workload in workloads(settings)}

    assert names(GRAFANA) - names({}) == {"query-gate-envoy", "query-gate-label-proxy"}
