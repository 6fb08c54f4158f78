"""What Envoy does beside the page: sign requests for the queue's own logs, and refuse all others."""

from __future__ import annotations

from typing import Final

from components.software.envoy import API, CERTIFICATES, HTTP_FILTERS, socket, tls_cluster
from sizing import names

PORT: Final = 18082
"""On the loopback of the history server's pod."""
TIMEOUT: Final = "300s"
"""Of an answer: the door gives up then, too."""
_NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]*"
_TOKEN: Final = "[A-Za-z0-9._~%-]+"  # noqa: S105 - where a list goes on
_LIST: Final = "?list-type=2&delimiter=/&prefix="
"""Parameters have one order and occur once: which of two prefixes S3 would take is no question then."""
LIST_SHAPE: Final = rf"/[^?]*\{_LIST}({_NAME}/)*({_NAME})?(&continuation-token={_TOKEN})?"
OBJECT_SHAPE: Final = rf"(/{_NAME}){{6}}\.gz"
"""Bucket, tenant, queue, application, pod, file. Both have no names in them: Envoy refuses expressions whose program is
larger than 100 (`re2.max_program_size.error_level`), which a bucket's name would make it."""


def bootstrap(
    *,
    region: str,
    bucket: str,
    tenant: str,
    queue: str,
    endpoint: str | None = None,
    certificates: str = CERTIFICATES,
    port: int = PORT,
) -> dict[str, object]:
    """Envoy's configuration, whole. Credentials are those of the pod, by EKS Pod Identity.

    Args:
        region: of the bucket.
        bucket: the platform's bucket of logs.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        endpoint: host and port of S3; without it, the region's.
        certificates: of the authorities that the endpoint's is checked by.
        port: on which the page asks, on the loopback.

    Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/aws_request_signing_filter
    """
    address = endpoint or f"s3.{region}.amazonaws.com:443"
    host = address.removesuffix(":443")
    return {
        "static_resources": {
            "listeners": [_listener(region, host, _routes(bucket, names.queue_prefix(tenant, queue)), port)],
            "clusters": [tls_cluster("s3", address, certificates)],
        }
    }


def _listener(region: str, host: str, routes: list[dict[str, object]], port: int) -> dict[str, object]:
    signing = {
        "@type": f"{HTTP_FILTERS}.aws_request_signing.v3.AwsRequestSigning",
        "service_name": "s3",
        "region": region,
        "use_unsigned_payload": True,
        "host_rewrite": host,
        "credential_provider": {"custom_credential_provider_chain": True, "container_credential_provider": {}},
    }
    manager = {
        "@type": f"{API}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "signer",
        "normalize_path": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "http_filters": [
            {"name": "envoy.filters.http.aws_request_signing", "typed_config": signing},
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{HTTP_FILTERS}.router.v3.Router"}},
        ],
        "route_config": {"virtual_hosts": [{"name": "s3", "domains": ["*"], "routes": routes}]},
    }
    return {
        "name": "signer",
        "address": socket("127.0.0.1", port),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _routes(bucket: str, folder: str) -> list[dict[str, object]]:
    return [_route(f"/{bucket}{_LIST}{folder}/", LIST_SHAPE), _route(f"/{bucket}/{folder}/", OBJECT_SHAPE)]


def _route(start: str, shape: str) -> dict[str, object]:
    required = [
        {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}},
        {"name": ":path", "string_match": {"prefix": start}},
        {"name": ":path", "string_match": {"safe_regex": {"regex": shape}}},
    ]
    return {"match": {"prefix": "/", "headers": required}, "route": {"cluster": "s3", "timeout": TIMEOUT}}
