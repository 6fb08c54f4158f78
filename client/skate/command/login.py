"""`skate login`: from whatever a person has to a login that works."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from skate.command.session import connected, ends_in_words, run
from skate.command.shown.terminal import put, say
from skate.errors import InputError, LoginError, UnknownQueueError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.config import Config

EPILOG: Final = """
\b
Examples:
  skate login                                  check what you have
  skate login --queue ads-batch                remember a queue
  skate login --cluster spark-dev --region eu-central-1 --queue ads-batch
  skate login --cluster spark-dev --region eu-central-1 --dry-run

The kubeconfig is the one that KUBECONFIG names, or ~/.kube/config. A context
more is added to it; all others, and which one is current, stay as they are.
"""


@ends_in_words
def login(
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster in EKS, for which to make a kubeconfig.")
    ] = None,
    region: Annotated[str | None, typer.Option(envvar="AWS_REGION", help="Its region; else your profile's.")] = None,
    profile: Annotated[
        str | None, typer.Option(envvar="AWS_PROFILE", help="The profile of your AWS configuration.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(metavar="ARN", help="The role to take, if it isn't the profile's.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="The cluster's address, if you may not ask EKS.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", help="Its certificate authority, with --endpoint.")] = None,
    context: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The context to use; with --cluster what the new one is called."),
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option("--queue", "-q", metavar="TENANT-QUEUE", help="A queue to remember; repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
) -> None:
    """Make or check your login, and remember your queues.

    Uses the kubeconfig and AWS identity that you have. With --cluster it adds a context to your kubeconfig whose token
    comes from `aws eks get-token`. Says what is missing and who can give it.
    """
    from skate.config import load_config, save_config

    name = context
    if cluster:
        name = _new_context(context or cluster, cluster, region, profile, role, endpoint, ca, dry_run=dry_run)
    elif role or endpoint or ca:
        raise InputError("--role, --endpoint and --ca are about a new context.", "Say which cluster: --cluster NAME")
    config = load_config()
    remembered = config.model_copy(
        update={"context": name or config.context, "queues": sorted({*config.queues, *(queue or ())})}
    )
    if dry_run:
        _show_config(remembered)
        return
    run(_checked(remembered, queue or []))
    if remembered != config:
        save_config(remembered)


def _new_context(
    name: str,
    cluster: str,
    region: str | None,
    profile: str | None,
    role: str | None,
    endpoint: str | None,
    ca: Path | None,
    *,
    dry_run: bool,
) -> str:
    import yaml

    from skate import eks, kubeconfig

    if (endpoint is None) != (ca is None):
        raise InputError("--endpoint and --ca go together.", "Give both, or neither to ask EKS.")
    where = eks.from_file(endpoint, ca) if endpoint and ca else eks.described(cluster, region, profile)
    new = eks.entries(name, where, cluster=cluster, region=region, profile=profile, role=role)
    path = kubeconfig.kubeconfig_files()[0]
    whole = eks.added(path, new)
    if dry_run:
        say(f"{path} would have, beside what it has:")
        put(yaml.safe_dump(new, sort_keys=False).rstrip())
        return name
    if shutil.which("aws") is None:
        raise LoginError(
            "The aws command isn't here, which makes the tokens for the cluster.",
            "Install the AWS CLI, version 2, and log in again.",
        )
    eks.write(path, whole)
    say(f"{path} has the context {name}.")
    return name


def _show_config(config: Config) -> None:
    from skate.config import config_file

    say(f"{config_file()} would have:")
    for key, value in sorted(config.model_dump(by_alias=True, exclude_defaults=True).items()):
        put(f"{key}: {', '.join(value) if isinstance(value, list) else value}")


async def _checked(config: Config, wanted: list[str]) -> None:
    async with connected(config.context) as client:
        who, _ = await client.cluster.who_am_i()
        say(
            f"You are {who or 'somebody without a name'} at {client.cluster.server} (context {client.cluster.context})."
        )
        for name in wanted:
            await client.card(name)
        await _tell_queues(client, wanted)


async def _tell_queues(client: AsyncClient, wanted: list[str]) -> None:
    mine: list[Any] = sorted({*wanted, *await client.my_queues()})
    if not mine:
        raise UnknownQueueError(
            "You are logged in, and no queue is known that you may use.",
            "An owner of a tenant lists you, or a group of yours, under `people` of its stack file, and tells you the "
            "queue's name; then: `skate login --queue TENANT-QUEUE`.",
        )
    say(f"You may use: {', '.join(mine)}.", style="green")
