"""Rights in AWS by a platform's settings: whose things deployers may touch, and what bounds a tenant's roles."""

from __future__ import annotations

from components.access.aws_rights.data import DataLocation
from components.access.aws_rights.door import DoorScope
from components.access.aws_rights.scope import Scope, StateStore
from components.access.aws_rights.tenant_boundary import TenantBoundaryArgs
from infra.settings.platform import AwsPlatform
from sizing import names
from sizing.arns import Arns


def scope_of(
    settings: AwsPlatform,
    arns: Arns,
    *,
    tenant: str = "",
    stack: str = "",
    reads: tuple[str, ...] = (),
    write: bool = True,
) -> Scope:
    """The scope of a platform's stack, of one tenant's, or of all (`*`).

    Args:
        settings: the platform's.
        arns: the platform's account and region.
        tenant: as in `Scope`.
        stack: the stack whose state is meant; empty where that is not known.
        reads: stacks that it refers to.
        write: whether it is deployed, or only previewed.
    """
    access, existing = settings.access, settings.network.existing
    principals = {who.principal_arn for who in access.deployers.values()}
    principals |= {who.principal_arn for who in access.people.values() if who.principal_arn}
    principals |= {who.principal_arn for who in access.shared.values() if who.principal_arn}
    state = None
    if settings.state and stack:
        state = StateStore(
            bucket=settings.state.bucket, key_alias=settings.state.key_alias, stack=stack, read=reads, write=write
        )
    return Scope(
        platform=settings.name,
        arns=arns,
        principals=(*sorted(principals), arns.role(f"{settings.name}-node")),
        subnets=tuple(zone.private_subnet_id for zone in existing.zones.values()) if existing else (),
        tenant=tenant,
        state=state,
    )


def boundary_args(settings: AwsPlatform, arns: Arns, tenant: str) -> TenantBoundaryArgs:
    """What the boundary of a listed tenant is made of."""
    return TenantBoundaryArgs(
        platform=settings.name,
        arns=arns,
        tenant=tenant,
        buckets=names.buckets(settings.name, arns.account, arns.region),
        key_alias=names.key_alias(settings.name, "data"),
        data=tuple(
            DataLocation(
                bucket=location.bucket, prefix=location.prefix, access=location.access, kms_key=location.kms_key
            )
            for location in settings.tenants[tenant].data
        ),
        databases=dict(sorted(settings.tenants[tenant].databases.items())),
        secrets=settings.tenants[tenant].secrets,
    )


def door_scope(settings: AwsPlatform) -> DoorScope | None:
    """What of a platform's door is in AWS beside its load balancer; None without a door."""
    if settings.door is None:
        return None
    return DoorScope(
        domain=settings.door.domain,
        hosted_zone_id=settings.door.hosted_zone_id,
        certificate=settings.door.certificate_arn is None,
    )
