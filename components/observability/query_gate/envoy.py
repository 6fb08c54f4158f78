"""What Envoy does in the gate: check who asks, and send the question where it is answered for them alone."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from components.software.envoy import API, CERTIFICATES, HTTP_FILTERS, cluster, socket, tls_cluster

PORT: Final = 8080
LABEL_PROXY_PORT: Final = 8081
"""Of prom-label-proxy, in the same pod and for it alone."""
TENANTS_HEADER: Final = "x-elastic-spark-tenants"
"""What prom-label-proxy reads: tenants with commas between them."""
ALL_HEADER: Final = "x-elastic-spark-all"
"""Says that somebody sees everything. Both headers are the gate's own: what a request brings of them is thrown away."""
ID_TOKEN_HEADER: Final = "x-id-token"  # noqa: S105 - the name of a header
"""In which Grafana hands on who asks, with `oauthPassThru` (grafana/grafana, oauthtoken_middleware.go)."""
TIMEOUT: Final = "120s"
"""Of a question; Prometheus gives up by itself after two minutes."""
_PROVIDER: Final = "sign-in"


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Who vouches for people, and what it tells about them.

    Args:
        issuer: the issuer of ID tokens, as they name it.
        jwks_uri: where its keys are.
        client_id: of Grafana, for which the tokens must be meant.
        groups_claim: of an ID token: the groups, or the one group, of a person.
        tenant_prefix: before a tenant's name in the name of its group.
        platform_groups: who sees everything.
    """

    issuer: str
    jwks_uri: str
    client_id: str
    groups_claim: str
    tenant_prefix: str
    platform_groups: Sequence[str]


def bootstrap(
    sign_in: SignIn,
    *,
    prometheus: str,
    label_proxy: str = f"127.0.0.1:{LABEL_PROXY_PORT}",
    certificates: str = CERTIFICATES,
    port: int = PORT,
) -> dict[str, object]:
    """Envoy's configuration, whole.

    Args:
        sign_in: whose word counts.
        prometheus: host and port.
        label_proxy: host and port of prom-label-proxy.
        certificates: of the authorities that the issuer's is checked by.
        port: on which Grafana asks.

    Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
    """
    return {
        "static_resources": {
            "listeners": [_listener(sign_in, port)],
            "clusters": [
                cluster("prometheus", prometheus),
                cluster("label-proxy", label_proxy),
                _keys(sign_in.jwks_uri, certificates),
            ],
        }
    }


def script(sign_in: SignIn) -> str:
    """What runs for each question whose token holds: from groups to headers, or to an end.

    Tenants' names are checked, so that a group can't bring a comma, or a second header, with it.
    """
    platform = ", ".join(f"[{_lua(group)}] = true" for group in sorted(sign_in.platform_groups))
    return f"""
local platform = {{ {platform} }}
local prefix = {_lua(sign_in.tenant_prefix)}

function envoy_on_request(request)
  local headers = request:headers()
  headers:remove("{TENANTS_HEADER}")
  headers:remove("{ALL_HEADER}")
  local known = request:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn")
  local groups = known and known["{_PROVIDER}"] and known["{_PROVIDER}"][{_lua(sign_in.groups_claim)}]
  if type(groups) == "string" then groups = {{ groups }} end
  local tenants = {{}}
  for _, group in ipairs(type(groups) == "table" and groups or {{}}) do
    if platform[group] then
      headers:add("{ALL_HEADER}", "true")
      request:clearRouteCache()
      return
    end
    if type(group) == "string" and group:sub(1, #prefix) == prefix then
      local tenant = group:sub(#prefix + 1)
      if tenant:match("^[a-z][a-z0-9]*$") then tenants[#tenants + 1] = tenant end
    end
  end
  if #tenants == 0 then
    request:respond({{ [":status"] = "403" }}, "none of your groups is a tenant's or the platform's\\n")
    return
  end
  headers:add("{TENANTS_HEADER}", table.concat(tenants, ","))
end
"""


def _listener(sign_in: SignIn, port: int) -> dict[str, object]:
    manager = {
        "@type": f"{API}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gate",
        # `/api/v1/../../-/reload` is one path to us and another to Prometheus.
        "normalize_path": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "http_filters": [
            {"name": "envoy.filters.http.jwt_authn", "typed_config": _token_check(sign_in)},
            {
                "name": "envoy.filters.http.lua",
                "typed_config": {
                    "@type": f"{HTTP_FILTERS}.lua.v3.Lua",
                    "default_source_code": {"inline_string": script(sign_in)},
                },
            },
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{HTTP_FILTERS}.router.v3.Router"}},
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "gate",
                    "domains": ["*"],
                    "routes": _routes(),
                    "request_headers_to_remove": ["authorization", "cookie", ID_TOKEN_HEADER],
                }
            ]
        },
    }
    return {
        "name": "gate",
        "address": socket("0.0.0.0", port),  # noqa: S104 - in a pod of its own
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _token_check(sign_in: SignIn) -> dict[str, object]:
    return {
        "@type": f"{HTTP_FILTERS}.jwt_authn.v3.JwtAuthentication",
        "providers": {
            _PROVIDER: {
                "issuer": sign_in.issuer,
                "audiences": [sign_in.client_id],
                "from_headers": [{"name": ID_TOKEN_HEADER}],
                "require_expiration": True,
                "payload_in_metadata": _PROVIDER,
                "remote_jwks": {
                    "http_uri": {"uri": sign_in.jwks_uri, "cluster": "keys", "timeout": "5s"},
                    "cache_duration": "600s",
                    "async_fetch": {},
                },
            }
        },
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": _PROVIDER}}],
    }


def _routes() -> list[dict[str, object]]:
    """Questions only: not what manages Prometheus."""
    api = {"prefix": "/api/v1/"}
    everything = {"name": ALL_HEADER, "string_match": {"exact": "true"}}
    return [
        {"match": {**api, "headers": [everything]}, "route": {"cluster": "prometheus", "timeout": TIMEOUT}},
        {"match": api, "route": {"cluster": "label-proxy", "timeout": TIMEOUT}},
    ]


def _keys(uri: str, certificates: str) -> dict[str, object]:
    host, port = urlsplit(uri).hostname or "", urlsplit(uri).port or 443
    return tls_cluster("keys", f"{host}:{port}", certificates)


def _lua(text: str) -> str:
    """A string of Lua that is this text, whatever is in it."""
    plain = string.ascii_letters + string.digits
    return '"' + "".join(chr(byte) if chr(byte) in plain else f"\\{byte:03d}" for byte in text.encode()) + '"'
