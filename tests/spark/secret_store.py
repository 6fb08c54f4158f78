"""moto's Secrets Manager and Systems Manager on a loopback port, which know from whose credentials each request is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.spark.stand_in import ADMIN, StandIn, served


@dataclass
class SecretStore(StandIn):
    """A server of both services.

    Args:
        asked: the access key and region of each request, but the test's own.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)

    def secret(self, name: str, value: str | bytes) -> str:
        """Makes a secret, and gives its ARN."""
        content = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
        arn: str = self.client("secretsmanager").create_secret(Name=name, **content)["ARN"]
        return arn

    def rotate(self, arn: str, value: str) -> None:
        """Puts a new value into a secret."""
        self.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)

    def parameter(self, name: str, value: str) -> str:
        """Makes a parameter that is encrypted, and gives its ARN."""
        client = self.client("ssm")
        client.put_parameter(Name=name, Value=value, Type="SecureString")
        arn: str = client.get_parameter(Name=name)["Parameter"]["ARN"]
        return arn

    def came(self, key: str, region: str) -> None:
        """Keeps who asked."""
        if key != ADMIN:
            self.asked.append((key, region))


@contextmanager
def secret_store() -> Iterator[SecretStore]:
    """An empty store."""
    store = SecretStore()
    with served(store):
        yield store
