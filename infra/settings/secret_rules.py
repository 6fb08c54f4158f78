"""Rules about secrets: each is in the platform's region and account, of its tenant, and one queue's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.contract import AwsPart
from infra.settings.findings import Finding
from infra.settings.platform import AwsPlatform
from infra.settings.secrets import arns_of
from infra.settings.stack_file import STACKS
from infra.settings.tenant import AwsTenant
from sizing.arns import partition
from sizing.secrets import READ_BY_OTHERS, READ_BY_OTHERS_PREFIXES, VARIABLE, Secret, read_by_others, secret_of

SERVICES = {"secretsmanager": "Secrets Manager", "ssm": "Systems Manager"}


def secrets_are_a_queues_own(settings: AwsTenant) -> Iterator[Finding]:
    """What one queue's jobs know, another's don't."""
    seen: dict[str, str] = {}
    for path, secret in _secrets(settings):
        queue = path.split(".")[1]
        # A secret that was made anew has other characters behind its name.
        if (first := seen.setdefault(f"{secret.service} {secret.name}", queue)) != queue:
            yield Finding(path, secret.arn, f"a secret of this queue's own: queue {first} has this one")


def variables_are_jobs_own(settings: AwsTenant) -> Iterator[Finding]:
    """A secret that comes as an environment variable changes nothing but what the job does with it."""
    for queue in sorted(settings.queues):
        for name in sorted(arns_of(settings.queues[queue].secrets, "environment")):
            path = f"queues.{queue}.secrets.{name}"
            if not re.fullmatch(VARIABLE, name, re.ASCII):
                yield Finding(
                    path,
                    name,
                    "the name of an environment variable: 1 to 63 letters, digits and '_', starting with a letter; or "
                    "leave `as` out, a file may be called so",
                )
            elif read_by_others(name):
                some = ", ".join(f"{prefix}..." for prefix in READ_BY_OTHERS_PREFIXES)
                yield Finding(
                    path,
                    name,
                    "a variable that neither Spark nor Kubernetes, AWS, the shell or a language reads for itself, as "
                    f"they do {', '.join(READ_BY_OTHERS)} and {some}",
                )


def secrets_of_region(settings: AwsTenant, region: str | None) -> Iterator[Finding]:
    """A platform's endpoints and rights are of one region."""
    for path, secret in _secrets(settings):
        if region and (secret.region, secret.partition) != (region, partition(region)):
            yield Finding(path, secret.arn, f"a secret in {region}, arn:{partition(region)}:...:{region}:...")


def secrets_on_platform(settings: AwsTenant, aws: AwsPart) -> Iterator[Finding]:
    """The platform says whose names are whose: its boundary allows no other."""
    listed = aws.tenants[settings.name].secrets
    file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
    for path, secret in _secrets(settings):
        if secret.account != aws.account_id:
            yield Finding(path, secret.arn, f"a secret of the platform's account, {aws.account_id}")
        elif not any(secret.below(prefix) for prefix in listed):
            offered = ", ".join(f"{prefix}/..." for prefix in sorted(listed)) or "nothing yet"
            yield Finding(
                path,
                secret.arn,
                f"a secret whose name begins as {settings.platform} lists for {settings.name} ({offered}); or add it "
                f"under tenants.{settings.name}.secrets in {file} and deploy the platform first",
            )
        # Without any, AWS is reached through NAT.
        if aws.endpoints and secret.service not in aws.endpoints:
            yield Finding(
                path,
                secret.arn,
                f"a secret of a service that {settings.platform} has an endpoint of; add {secret.service} under "
                f"network.vpc.endpoints in {file} for {SERVICES[secret.service]}, and deploy the platform first",
            )


def secrets_are_below_no_other_queue(settings: AwsTenant, aws: AwsPart) -> Iterator[Finding]:
    """Below a listed beginning, a folder that is called like a queue is that queue's, named by it or not."""
    listed = aws.tenants[settings.name].secrets
    for path, secret in _secrets(settings):
        own = path.split(".")[1]
        for prefix in sorted(listed):
            folder = secret.name.removeprefix(f"{prefix}/").partition("/") if secret.below(prefix) else ("", "", "")
            if folder[1] and folder[0] != own and folder[0] in settings.queues:
                allowed = f"a secret of this queue's own: {prefix}/{folder[0]}/... is for queue {folder[0]}"
                yield Finding(path, secret.arn, allowed)


def listed_secrets_are_one_tenants(settings: AwsPlatform) -> Iterator[Finding]:
    """No two tenants' secrets have names that begin alike."""
    listed = sorted((prefix, name) for name, tenant in settings.tenants.items() for prefix in tenant.secrets)
    for prefix, name in listed:
        for other, others in listed:
            if others != name and f"{prefix}/".startswith(f"{other}/"):
                yield Finding(
                    f"tenants.{name}.secrets",
                    prefix,
                    f"names of its own: those that begin with {other}/ are {others}'s",
                )


def _secrets(settings: AwsTenant) -> Iterator[tuple[str, Secret]]:
    for name in sorted(settings.queues):
        for file, secret in sorted(settings.queues[name].secrets.items()):
            yield f"queues.{name}.secrets.{file}", secret_of(secret.arn)
