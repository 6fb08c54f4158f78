"""An identity provider for tests (OpenID Connect), on a loopback port with TLS. `served` starts one."""

from tests.issuer.provider import Client, Key, Provider, elliptic
from tests.issuer.server import browse, served, visit

__all__ = ["Client", "Key", "Provider", "browse", "elliptic", "served", "visit"]
