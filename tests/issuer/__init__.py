"""An identity provider for tests (OpenID Connect), on a loopback port with TLS. `served` starts one."""

from tests.issuer.provider import Client, Provider
from tests.issuer.server import browse, served, visit

__all__ = ["Client", "Provider", "browse", "served", "visit"]
