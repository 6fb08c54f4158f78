"""Rows on the rules about which resources there may be."""

from __future__ import annotations

from typing import Final

from tests.policies.drafts import add
from tests.policies.rows import Kept, Mutation, Way

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="resources-are-of-known-packages",
        stack="platform-dev",
        breaks=add("command:local:Command", create="aws s3 mb s3://x"),
        unknown=None,
    ),
    Mutation(
        rule="objects-in-kubernetes-are-not-patched",
        stack="platform-dev",
        breaks=add("kubernetes:core/v1:NamespacePatch", metadata={"name": "ads-batch"}),
        unknown=None,
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("resources-are-of-known-packages", "platform-dev", add(token), token)
        for token in ("pulumi:providers:command", "aws-native:s3:Bucket", "aws:cloudformation/stack:Stack")
    ),
)

KEPT: Final[tuple[Kept, ...]] = ()
