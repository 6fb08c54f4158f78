"""A call to AWS, and what IAM asks when it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fleet.offline.registration import Registration, Unknown
from sizing.arns import Arns

When = Literal["create", "read", "update", "delete"]
Context = dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to IAM: may the caller do this, to that, with these values of condition keys?"""

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that the provider makes for a resource.

    Attributes:
        when: what Pulumi does to the resource.
        api: `service.Operation`, as botocore names them.
        params: of the request, with values of the right shape.
        asks: all of them must be allowed.
    """

    when: When
    api: str
    params: Mapping[str, Any]
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Thing:
    """A registered resource, as AWS will know it.

    Attributes:
        registration: as the program registers it.
        arns: of the stack's account and region.
        platform: the platform's name.
        default_tags: of the stack's provider.
    """

    registration: Registration
    arns: Arns
    platform: str
    default_tags: Mapping[str, str]

    def text(self, name: str, otherwise: str = "") -> str:
        """An input that is text; `otherwise` where only AWS knows it."""
        value = self.registration.inputs.get(name, otherwise)
        return otherwise if isinstance(value, Unknown) else str(value)

    @property
    def tags(self) -> dict[str, str]:
        """All tags that it gets."""
        own = self.registration.inputs.get("tags")
        return {**self.default_tags, **(own if isinstance(own, Mapping) else {})}

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """The tags as most services take them."""
        return [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())]

    @property
    def asked(self) -> Context:
        """The condition keys of a request that brings the tags."""
        return {**{f"aws:RequestTag/{k}": v for k, v in self.tags.items()}, "aws:TagKeys": tuple(sorted(self.tags))}

    @property
    def has(self) -> Context:
        """The condition keys of a request on it when it is there."""
        return {f"aws:ResourceTag/{k}": v for k, v in self.tags.items()}

    @property
    def platforms(self) -> Context:
        """The condition keys of a request on something of its platform's own."""
        return {f"aws:ResourceTag/{k}": v for k, v in self.default_tags.items() if k != "elastic-spark:tenant"}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of the account and region."""
        return f"arn:{self.arns.partition}:{service}:{self.arns.region}:{self.arns.account}:{resource}"


def simple(
    when: When,
    api: str,
    params: Mapping[str, Any],
    resource: str,
    context: Mapping[str, str | tuple[str, ...]] | None = None,
    action: str = "",
) -> Call:
    """A call whose one action is called like its operation, unless `action` says otherwise."""
    return Call(
        when=when,
        api=api,
        params=params,
        asks=(Ask(action=action or api.replace(".", ":"), resource=resource, context=context or {}),),
    )


Rows = Iterator[Call]
