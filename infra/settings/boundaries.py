"""The permissions boundary of each listed tenant, from a platform's settings."""

from __future__ import annotations

from components.access.aws_rights.boundary import TenantBoundaryArgs
from components.access.aws_rights.data import DataLocation
from infra.settings.platform import AwsPlatform
from sizing import names
from sizing.arns import Arns


def boundary_args(settings: AwsPlatform, arns: Arns, tenant: str) -> TenantBoundaryArgs:
    """What the boundary of a listed tenant is made of."""
    return TenantBoundaryArgs(
        platform=settings.name,
        arns=arns,
        tenant=tenant,
        buckets=names.buckets(settings.name, arns.account, arns.region),
        key_alias=names.key_alias(settings.name, "data"),
        data=tuple(
            DataLocation(bucket=location.bucket, prefix=location.prefix, access=location.access)
            for location in settings.tenants[tenant].data
        ),
    )
