"""The tenants that a platform lets in, and which data outside its own buckets each may name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from infra.settings.catalogs import Databases
from infra.settings.fields import AccountId, BucketName, KeyAlias, KeyArn, Model, ObjectPrefix, StackName, Unique
from infra.settings.secrets import SecretPrefix
from sizing import names

RESERVED_TENANTS = dict.fromkeys(
    (names.SYSTEM_POOL, names.DRIVER_POOL), "groups of the platform's own pools are called so"
) | {names.SHARED_TENANT: "groups of principals that serve several queues are called so"}
"""Names that no listed tenant has, and why: groups and templates of the platform's own pools are called like those of
such a tenant, and what a deployer may do in AWS is told by the beginning of a name."""


class ListedLocation(Model):
    """Objects that the platform lets a tenant's jobs use."""

    bucket: BucketName
    """Neither one of a platform's own nor Pulumi's."""
    prefix: ObjectPrefix = ""
    """The tenant may name it and what is below it. Without slashes at start and end; empty for the whole bucket."""
    access: Literal["read", "readWrite"]
    """`readWrite` lets the tenant choose `read` too."""
    kms_key: KeyArn | None = None
    """The key that encrypts the objects, or its alias, by ARN; of any account, in the platform's region. The tenant
    names it too. Without one, roles may use any key that itself lets them."""
    account_id: AccountId | None = None
    """The account that has the bucket, where that is another: the VPC's way to S3 then lets requests to it pass."""

    def __str__(self) -> str:
        return f"{self.access} of {self.bucket}/{self.prefix}{f' by {self.kms_key}' if self.kms_key else ''}"

    def covers(self, bucket: str, prefix: str, access: str, kms_key: str | None = None) -> bool:
        """Whether a tenant's data location is this one or a part of it. `sales` is no part of `sale`."""
        return (
            bucket == self.bucket
            and (not self.prefix or f"{prefix}/".startswith(f"{self.prefix}/"))
            and access in ("read", self.access)
            and kms_key in (None, self.kms_key)
        )


class ListedTenant(Model):
    """A tenant that the platform lets in. Its permissions boundary follows from this, and holds all of its roles."""

    data: Annotated[tuple[ListedLocation, ...], Unique] = ()
    """What its queues may name in their `data`."""
    databases: Databases = Field(default_factory=dict)
    """Databases of AWS Glue that its queues may name in their `catalogs`; `readWrite` lets them choose `read` too."""
    secrets: Annotated[tuple[SecretPrefix, ...], Unique] = ()
    """How the names of secrets and parameters begin that its queues may name in their `secrets`, up to a slash: `ads`
    for all below `ads/`."""
    deployer_policies: StackName | None = None
    """The tenant's stack, for which to make managed policies of what deploying it takes in AWS; the account's owner
    attaches them. Without it, `fleet access` prints the same."""


class State(Model):
    """Where Pulumi keeps the state of the platform and its tenants, if that is in a bucket of this account."""

    bucket: BucketName
    key_alias: KeyAlias | None = None
    """The alias of the key by which stacks encrypt their secrets, such as `alias/pulumi`."""


def covered(
    listed: Iterable[ListedLocation], bucket: str, prefix: str, access: str, kms_key: str | None = None
) -> bool:
    """Whether one of the listed locations covers a tenant's."""
    return any(location.covers(bucket, prefix, access, kms_key) for location in listed)
