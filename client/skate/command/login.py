"""`skate login`: from whatever a person has to a login that works."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from skate.command.provider import (
    CLIENT_VARIABLE,
    ISSUER_VARIABLE,
    AudienceOption,
    SecretFileOption,
    SecretVariableOption,
    program,
)
from skate.command.session import connected, ends_in_words, run
from skate.command.shown.terminal import put, say
from skate.errors import InputError, LoginError, UnknownQueueError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.config import Config
    from skate.contexts import Endpoint

EPILOG: Final = """
\b
Examples:
  skate login                            check what you have, or renew it
  skate login --queue ads-batch          remember a queue
By AWS:
  skate login --cluster spark-dev --region eu-central-1 --queue ads-batch
  skate login --cluster spark-dev --region eu-central-1 --dry-run
By an identity provider:
  skate login --issuer https://login.example.com --client-id spark
  skate login --device                   by a code, without a browser here
  skate login --issuer https://login.example.com --client-id spark \\
      --cluster spark-dev --endpoint https://spark.example.com --ca ca.pem
As a program that has a client of its own there, with a secret:
  skate login --issuer https://login.example.com --client-id airflow \\
      --client-secret-file /etc/airflow/client-secret --audience spark-dev \\
      --cluster spark-dev --endpoint https://spark.example.com --ca ca.pem

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
    issuer: Annotated[
        str | None,
        typer.Option(envvar=ISSUER_VARIABLE, metavar="URL", help="The identity provider to log in at, not AWS."),
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option("--client-id", envvar=CLIENT_VARIABLE, metavar="ID", help="What skate is registered as there."),
    ] = None,
    client_secret_file: SecretFileOption = None,
    client_secret_env: SecretVariableOption = None,
    audience: AudienceOption = None,
    browser: Annotated[bool, typer.Option("--browser", help="Log in there anew, in a browser here.")] = False,
    device: Annotated[
        bool, typer.Option("--device", help="Log in there anew, by a code that you enter in any browser.")
    ] = False,
    scope: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A scope to ask for beside the usual ones; repeatable.")
    ] = None,
    groups_claim: Annotated[
        str | None, typer.Option("--groups-claim", metavar="NAME", help="What tokens call your groups, if not groups.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The port that the browser comes back to; else a free one."),
    ] = None,
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

    Uses the kubeconfig and the AWS identity that you have, or with --issuer your login at an identity provider, or
    a program's client there. With --cluster it adds a context to your kubeconfig whose token comes from `aws eks
    get-token`, or from `skate token`. Says what is missing and who can give it.
    """
    from skate.command import signing_in
    from skate.config import load_config, save_config

    if (endpoint is None) != (ca is None):
        raise InputError("--endpoint and --ca go together.", "Give both, or neither to ask EKS.")
    if not cluster and (role or endpoint or ca):
        raise InputError("--role, --endpoint and --ca are about a new context.", "Say which cluster: --cluster NAME")
    if browser and device:
        raise InputError("--browser and --device are two ways to log in.", "Choose one, or leave both out.")
    config = load_config()
    asked = signing_in.Asked(
        issuer=issuer,
        client_id=client_id,
        way="browser" if browser else "device" if device else None,
        scopes=tuple(scope or ()),
        groups_claim=groups_claim,
        port=port,
    )
    own = program(issuer, client_id, client_secret_file, client_secret_env, audience, scope)
    if own and (browser or device or port or groups_claim):
        raise InputError(
            "--browser, --device, --port and --groups-claim are about people's logins.",
            "Leave them out for a program, which has a secret.",
        )
    provider = None if own else signing_in.provider(asked, config, context, cluster)
    name = context
    if role and (own or provider):
        raise InputError("--role is about a login to AWS.", "Leave it out, or --issuer.")
    where = _endpoint(cluster, region, profile, endpoint, ca) if cluster else None
    if own:
        name = signing_in.sign_in_program(own, config, context, cluster, where, dry_run=dry_run)
    elif provider:
        name = signing_in.sign_in(provider, asked, config, context, cluster, where, dry_run=dry_run)
    elif cluster and where:
        name = _new_context(context or cluster, cluster, region, profile, role, where, dry_run=dry_run)
    remembered = config.model_copy(
        update={
            "context": name or config.context,
            "queues": sorted({*config.queues, *(queue or ())}),
            "login": provider or config.login,
        }
    )
    if dry_run:
        _show_config(remembered)
        return
    if (own or provider) and remembered != config:
        # Before the cluster is asked: the login is there, whatever the cluster says.
        config = config.model_copy(update={"login": remembered.login, "context": remembered.context})
        save_config(config)
    if (own or provider) and name is None:
        say(
            "No kubeconfig is here, so that no cluster is asked. To add one: `skate login --cluster NAME --region "
            "REGION`, or with --endpoint URL --ca FILE; whoever runs the platform knows them."
        )
    else:
        run(_checked(remembered, queue or []))
    if remembered != config:
        save_config(remembered)


def _endpoint(cluster: str, region: str | None, profile: str | None, endpoint: str | None, ca: Path | None) -> Endpoint:
    from skate import contexts, eks

    return contexts.from_file(endpoint, ca) if endpoint and ca else eks.described(cluster, region, profile)


def _new_context(
    name: str,
    cluster: str,
    region: str | None,
    profile: str | None,
    role: str | None,
    where: Endpoint,
    *,
    dry_run: bool,
) -> str:
    from skate import contexts, eks
    from skate.command import signing_in

    plugin = eks.token_plugin(cluster=cluster, region=region, profile=profile, role=role)
    new = contexts.entries(name, where, plugin)
    if not dry_run and shutil.which("aws") is None:
        raise LoginError(
            "The aws command isn't here, which makes the tokens for the cluster.",
            "Install the AWS CLI, version 2, and log in again.",
        )
    signing_in.add_context(new, dry_run=dry_run)
    return name


def _show_config(config: Config) -> None:
    import yaml

    from skate.config import config_file

    say(f"{config_file()} would have:")
    put(yaml.safe_dump(config.model_dump(by_alias=True, exclude_defaults=True)).rstrip())


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
