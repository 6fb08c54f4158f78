"""`fleet access`: what a role needs in AWS, as policies of IAM."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from components.access.aws_rights.documents import TooLarge, documents
from components.access.aws_rights.owner_boundary import owner_boundary
from components.access.aws_rights.platform import platform_deployer, platform_reader
from components.access.aws_rights.tenant import tenant_deployer, tenant_reader
from components.access.iam import Statement
from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.errors import FleetError
from fleet.files import prepare, write_files
from fleet.live.policies import foreign_policies
from fleet.offline.stacks import chosen_stacks
from infra.settings.platform import AwsPlatform
from infra.settings.platform_rules import account_id
from infra.settings.rights import door_scope, scope_of
from infra.settings.stack_file import read_config, stack_names
from infra.settings.tenant import AwsTenant
from infra.settings.validation import StackSettings, file_of, stack_settings
from sizing import names
from sizing.arns import Arns

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet access platform-deployer platform-dev --out rights` # and its boundary\n\n"
    "`fleet access tenant-deployer ads-dev | jq 'keys'` # the policies' names\n\n"
    "`fleet access tenant-deployer platform-dev --all-tenants --out rights`\n\n"
    "`fleet access platform-deployer platform-dev --check` # before the first up\n\n"
    "`fleet access preview ads-dev --out rights` # reads only, for pull requests\n\n"
    "What to do with the files, and what `--check` asks AWS: docs/guides/access.md."
)


class Role(StrEnum):
    """Who needs rights in AWS."""

    PLATFORM_DEPLOYER = "platform-deployer"
    TENANT_DEPLOYER = "tenant-deployer"
    PREVIEW = "preview"


class AccessError(FleetError):
    """The policies can't be made; the message says why, and what to do."""


def policies(root: Path, role: Role, stack: str, *, all_tenants: bool) -> dict[str, str]:
    """The documents of a role by the names that their policies are to have.

    Raises:
        AccessError: the stack is of another kind, or its settings don't allow it.
        SettingsError: the stack's settings, or its platform's, are wrong.
    """
    found = _settings(root, stack)
    match found.settings:
        case AwsPlatform() as settings:
            if role is Role.TENANT_DEPLOYER and not all_tenants:
                raise AccessError(
                    f"{stack} is a platform's stack, and tenant-deployer takes a tenant's; or all of this platform's "
                    "at once, with --all-tenants"
                )
            return _of_platform(found, settings, role)
        case AwsTenant() as tenant:
            if role is Role.PLATFORM_DEPLOYER:
                raise AccessError(
                    f"{stack} is a tenant's stack, and {role} takes a platform's, such as {tenant.platform}"
                )
            if all_tenants:
                raise AccessError(
                    f"{stack} is a tenant's stack, and --all-tenants takes a platform's: {tenant.platform}"
                )
            return _of_tenant(root, found, tenant, role)
    raise AccessError(f"{stack} has nothing in AWS: its platform is on an existing cluster")


def _settings(root: Path, stack: str) -> StackSettings:
    return stack_settings(stack, read_config(root, stack))


def _of_platform(found: StackSettings, settings: AwsPlatform, role: Role) -> dict[str, str]:
    arns = Arns(account_id(settings), found.region or "")
    if role is Role.TENANT_DEPLOYER:
        scope = scope_of(settings, arns, tenant="*", stack="*", reads=(found.stack,))
        return _named(f"{settings.name}-deploy-all", tenant_deployer(scope))
    scope = scope_of(settings, arns, stack=found.stack, write=role is Role.PLATFORM_DEPLOYER)
    if role is Role.PREVIEW:
        return _named(f"{settings.name}-preview", platform_reader(scope, door=door_scope(settings)))
    if not settings.owner_boundary:
        raise AccessError(
            f"{file_of(found.stack)}: ownerBoundary is not set. Who deploys the platform writes policies of its roles, "
            "and without a boundary could write itself any right: set ownerBoundary: true"
        )
    boundary = owner_boundary(scope, session_manager=settings.cluster.session_manager)
    policies = any(tenant.deployer_policies for tenant in settings.tenants.values())
    (text,) = documents(boundary)
    return {
        names.platform_boundary(settings.name): text,
        **_named(
            f"{settings.name}-deployer",
            platform_deployer(scope, deployer_policies=policies, door=door_scope(settings)),
        ),
    }


def _of_tenant(root: Path, found: StackSettings, tenant: AwsTenant, role: Role) -> dict[str, str]:
    if tenant.platform not in stack_names(root):
        raise AccessError(f"{found.stack} is on {tenant.platform}, which has no file in stacks/")
    platform = _settings(root, tenant.platform)
    if not isinstance(platform.settings, AwsPlatform):
        raise AccessError(f"{found.stack} is on {tenant.platform}, which has nothing in AWS")
    if tenant.name not in platform.settings.tenants:
        raise AccessError(
            f"{found.stack} is the tenant {tenant.name}, which {tenant.platform} doesn't list: add it under tenants in "
            f"{file_of(tenant.platform)}"
        )
    scope = scope_of(
        platform.settings,
        Arns(account_id(platform.settings), platform.region or ""),
        tenant=tenant.name,
        stack=found.stack,
        reads=(tenant.platform,),
        write=role is Role.TENANT_DEPLOYER,
    )
    if role is Role.PREVIEW:
        return _named(f"{platform.settings.name}-preview-{tenant.name}", tenant_reader(scope))
    return _named(f"{platform.settings.name}-deploy-{tenant.name}", tenant_deployer(scope))


def _named(name: str, statements: Sequence[Statement]) -> dict[str, str]:
    try:
        texts = documents(statements)
    except TooLarge as error:
        raise AccessError(f"{name}: {error}") from None
    return {f"{name}-{number}": text for number, text in enumerate(texts, start=1)}


def _check(root: Path, role: Role, stack: str) -> None:
    found = _settings(root, stack)
    if role is not Role.PLATFORM_DEPLOYER or not isinstance(found.settings, AwsPlatform):
        raise AccessError("--check takes platform-deployer and a platform's stack in AWS")
    if wrong := foreign_policies(found.settings, Arns(account_id(found.settings), found.region or "")):
        raise AccessError("\n".join(wrong))
    typer.echo("No policy of another's is in the way.")


def _pretty(documents: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}.json": json.dumps(json.loads(text), indent=2) + "\n" for name, text in documents.items()}


@ends_in_words
def access(
    role: Annotated[Role, typer.Argument(metavar="ROLE", help=f"One of {', '.join(Role)}.")],
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack that it deploys, or previews.")],
    all_tenants: Annotated[
        bool, typer.Option("--all-tenants", help="For tenant-deployer of a platform: all of its tenants.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Ask AWS instead whether a platform's boundaries can be made: no policy of another's is there.",
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="A folder to write into, a file a policy.")] = None,
    root: Root = Path(),
) -> None:
    """Print what a role needs in AWS, as policies of IAM by their names: JSON, each short enough for IAM."""
    root = root.resolve()
    (stack,) = chosen_stacks(root, [stack])
    if check:
        _check(root, role, stack)
        return
    if out:
        prepare(out)
    found = policies(root, role, stack, all_tenants=all_tenants)
    if out:
        write_files(out, _pretty(found))
        typer.echo("\n".join(str(out / name) for name in _pretty(found)))
    else:
        typer.echo(json.dumps({name: json.loads(text) for name, text in found.items()}, indent=2))
