"""Whose things deployers may touch, from a platform's settings."""

from __future__ import annotations

from components.access.aws_rights.scope import Scope, StateStore
from infra.settings.platform import AwsPlatform
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
    principals |= {who.principal_arn for who in access.people.values()}
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
