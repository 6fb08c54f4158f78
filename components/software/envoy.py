"""Pieces of Envoy's configuration that several of our Envoys have."""

from __future__ import annotations

from typing import Final

API: Final = "type.googleapis.com/envoy.extensions"
HTTP_FILTERS: Final = f"{API}.filters.http"
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
"""In Envoy's image."""


def cluster(name: str, address: str) -> dict[str, object]:
    """Where requests can be sent.

    Args:
        name: by which routes know it.
        address: host and port.

    Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
    """
    host, _, port = address.rpartition(":")
    return {
        "name": name,
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket(host, int(port))}}]}],
        },
    }


def tls_cluster(name: str, address: str, certificates: str = CERTIFICATES) -> dict[str, object]:
    """Where requests can be sent by TLS, to a host whose certificate has its name.

    Args:
        name: by which routes know it.
        address: host and port.
        certificates: of the authorities that the host's is checked by.
    """
    host = address.rpartition(":")[0]
    return cluster(name, address) | {
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": f"{API}.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": host,
                "common_tls_context": {
                    "validation_context": {
                        "trusted_ca": {"filename": certificates},
                        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host}}],
                    }
                },
            },
        }
    }


def socket(host: str, port: int) -> dict[str, object]:
    """An address, to listen on or to connect to."""
    return {"socket_address": {"address": host, "port_value": port}}
