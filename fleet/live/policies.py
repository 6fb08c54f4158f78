"""Policies of IAM that an account has already under the names that a platform is to give its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fleet.live.nodes import aws_errors
from infra.settings.platform import AwsPlatform
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import PLATFORM_TAG


def foreign_policies(settings: AwsPlatform, arns: Arns) -> list[str]:
    """What the account has under the names of the platform's boundaries and is not the platform's, and what is missing.

    A policy is the platform's by its tag. `up` would end with EntityAlreadyExists at one of another's.

    Needs boto3 (the extra "aws") and credentials that allow iam:GetPolicy.

    Raises:
        LiveError: boto3 or credentials are missing, or IAM could not be asked.
    """
    wanted = [names.boundary(settings.name, tenant) for tenant in sorted(settings.tenants)]
    found = dict(_tags(arns.policy(name) for name in (*wanted, names.platform_boundary(settings.name))))
    said = [
        f"{arns.policy(name)} is there already and has no tag {PLATFORM_TAG}: {settings.name}: if it is another's, "
        "give the platform another name; if it was left behind, delete it, or take it over (docs/guides/access.md)"
        for name in wanted
        if arns.policy(name) in found and found[arns.policy(name)].get(PLATFORM_TAG) != settings.name
    ]
    owners = arns.policy(names.platform_boundary(settings.name))
    if settings.owner_boundary and owners not in found:
        said.append(
            f"{owners} is not there: the account's owner makes it, of what fleet access platform-deployer prints"
        )
    return said


def _tags(wanted: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The tags of those of the policies that are there."""
    with aws_errors():
        import boto3  # type: ignore[import-untyped]

        iam = boto3.client("iam")
        for arn in wanted:
            try:
                policy = iam.get_policy(PolicyArn=arn)["Policy"]
            except iam.exceptions.NoSuchEntityException:
                continue
            yield arn, {tag["Key"]: tag["Value"] for tag in policy.get("Tags", ())}
