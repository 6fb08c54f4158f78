"""Grafana in the cluster: dashboards from ConfigMaps, no ingress, no password that anybody wrote down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.nodes.placement import system_placement
from components.observability.query_gate.envoy import SignIn
from components.software.chart_values import SYSTEM_PRIORITY, resources
from sizing import observability

ACCOUNT: Final = "grafana"
DASHBOARD_LABEL: Final = "elastic-spark/dashboard"
"""Of a ConfigMap whose content is dashboards, in the platform's namespace alone."""
FOLDER_ANNOTATION: Final = "elastic-spark/folder"
"""Of such a ConfigMap: the folder in which its dashboards appear."""
DATA_SOURCE_LABEL: Final = "elastic-spark/data-source"
VOLUME_GIB: Final = 10
"""People, teams and their stars: dashboards are code."""


@dataclass(frozen=True, kw_only=True)
class GrafanaSignIn:
    """How people sign in by OpenID Connect, and who they are then.

    Args:
        identity: whose word counts, for Grafana as for the gate.
        authorization_url: where they sign in.
        token_url: where Grafana gets their tokens.
        client_secret: name of a Secret in Grafana's namespace, and a key in it.
        scopes: that are asked for.
        gate: through which Grafana asks Prometheus, so that it needn't be trusted to keep tenants apart.
    """

    identity: SignIn
    authorization_url: str
    token_url: str
    client_secret: tuple[str, str]
    scopes: Sequence[str]
    gate: str


@dataclass(frozen=True, kw_only=True)
class GrafanaArgs:
    """How Grafana is reached.

    Args:
        root_url: under which people see it; `None` where it is reached by port-forwarding alone.
        sign_in: by whose word; `None` for the password of `admin` alone, who sees everything.
    """

    root_url: str | None = None
    sign_in: GrafanaSignIn | None = None


def grafana_values(
    args: GrafanaArgs | None, *, namespace: str, storage_class: str | None, name: str
) -> dict[str, object]:
    """The values of the chart's part `grafana`.

    The password of `admin` is made by the chart, when it is first installed, into a Secret; it asks the cluster for
    it at each upgrade. It is in no settings, state or preview.

    Args:
        args: `None` for no Grafana.
        namespace: in which it looks for dashboards and data sources.
        storage_class: of its volume.
        name: how names begin.
    """
    if args is None:
        return {"enabled": False}
    return {
        "fullnameOverride": f"{name}-grafana",
        "defaultDashboardsEnabled": False,
        "serviceAccount": {"name": ACCOUNT},
        # The chart's role reads secrets, and by its default those of all namespaces: ours reads ConfigMaps.
        "rbac": {"create": False},
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        "resources": resources(observability.GRAFANA),
        # Two pods can't have one volume.
        "deploymentStrategy": {"type": "Recreate"},
        "persistence": {
            "enabled": True,
            "size": f"{VOLUME_GIB}Gi",
            **({"storageClassName": storage_class} if storage_class else {}),
        },
        # It would run as root.
        "initChownData": {"enabled": False},
        "testFramework": {"enabled": False},
        # A thousand series of which none is used.
        "serviceMonitor": {"enabled": False},
        "sidecar": {
            "resources": resources(observability.GRAFANA_SIDECAR),
            "dashboards": {
                "label": DASHBOARD_LABEL,
                "labelValue": "true",
                "resource": "configmap",
                "searchNamespace": namespace,
                "folderAnnotation": FOLDER_ANNOTATION,
                "provider": {"foldersFromFilesStructure": True, "allowUiUpdates": False},
            },
            "datasources": {
                "label": DATA_SOURCE_LABEL,
                "labelValue": "true",
                "resource": "configmap",
                "searchNamespace": namespace,
                **_data_sources(args.sign_in),
            },
        },
        "grafana.ini": _ini(args),
        **_client_secret(args.sign_in),
    }


def _ini(args: GrafanaArgs) -> dict[str, object]:
    return {
        "analytics": {"reporting_enabled": False, "check_for_updates": False, "check_for_plugin_updates": False},
        "auth.anonymous": {"enabled": False},
        "users": {"allow_sign_up": False, "default_theme": "system", "viewers_can_edit": False},
        "security": {"disable_gravatar": True},
        # They come from grafana.com at every start, which closed networks don't reach.
        "plugins": {"preinstall_disabled": True},
        # Alerts are Prometheus' and Alertmanager's.
        "unified_alerting": {"enabled": False},
        **({"server": {"root_url": args.root_url}} if args.root_url else {}),
        **({"auth.generic_oauth": _oauth(args.sign_in)} if args.sign_in else {}),
    }


def _oauth(sign_in: GrafanaSignIn) -> dict[str, object]:
    """Source: https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/generic-oauth"""
    identity = sign_in.identity
    platform = " || ".join(
        f"contains({json.dumps(identity.groups_claim)}[*], {_literal(group)})"
        for group in sorted(identity.platform_groups)
    )
    return {
        "enabled": True,
        "name": "single sign-on",
        "client_id": identity.client_id,
        "scopes": " ".join(sign_in.scopes),
        "auth_url": sign_in.authorization_url,
        "token_url": sign_in.token_url,
        "use_pkce": True,
        # The gate wants an ID token that holds, long after somebody signed in.
        "use_refresh_token": True,
        "allow_sign_up": True,
        "role_attribute_path": f"({platform}) && 'Admin' || 'Viewer'",
        "role_attribute_strict": True,
    }


def _literal(text: str) -> str:
    """A raw string of JMESPath."""
    return "'" + text.replace("'", "\\'") + "'"


def _data_sources(sign_in: GrafanaSignIn | None) -> dict[str, object]:
    """Everybody may ask everything of every data source there is: with sign-in, there is the gate and nothing else."""
    if sign_in is None:
        return {}
    return {
        "url": sign_in.gate,
        "extraJsonData": {"oauthPassThru": True},
        # Its alerts are all tenants'.
        "alertmanager": {"enabled": False},
    }


def _client_secret(sign_in: GrafanaSignIn | None) -> dict[str, object]:
    if sign_in is None:
        return {}
    name, key = sign_in.client_secret
    reference = {"secretKeyRef": {"name": name, "key": key}}
    return {"envValueFrom": {"GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": reference}}


def grafana_rights(name: str, namespace: str, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """What Grafana's pod may read: ConfigMaps of its own namespace."""
    role = k8s.rbac.v1.Role(
        f"{name}-role",
        metadata={"name": ACCOUNT, "namespace": namespace},
        rules=[{"api_groups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}],
        opts=opts,
    )
    binding = k8s.rbac.v1.RoleBinding(
        f"{name}-binding",
        metadata={"name": ACCOUNT, "namespace": namespace},
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": ACCOUNT},
        subjects=[{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}],
        # The API server takes a binding to a role that isn't there, and gives nothing by it.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[role])),
    )
    return [role, binding]
