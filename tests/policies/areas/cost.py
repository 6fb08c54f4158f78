"""Rows on the rules about budgets and tags."""

from __future__ import annotations

from typing import Final

from policies.rules.cost import PROVIDER
from policies.rules.pools import GROUP, TEMPLATE
from tests.policies.drafts import UNKNOWN, put, put_output, put_tag, rewrite
from tests.policies.rows import Kept, Mutation, Way

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="tenant-stays-within-its-budget",
        stack="ads-dev",
        breaks=put_output("pulumi:pulumi:Stack", "budget/monthlyUsd", 9000),
    ),
    Mutation(
        rule="default-tags-allocate-cost",
        stack="ads-dev",
        breaks=rewrite(PROVIDER, "defaultTags", lambda tags: tags["tags"].pop("elastic-spark:platform")),
    ),
    Mutation(
        rule="tenant-is-named-on-what-it-pays-for",
        stack="ads-dev",
        breaks=put(TEMPLATE, "tagSpecifications/0/tags/elastic-spark:tenant", ...),
        unknown=put(TEMPLATE, "tagSpecifications", UNKNOWN),
    ),
    Mutation(
        rule="nodes-and-volumes-allocate-cost",
        stack="ads-dev",
        breaks=put_tag(GROUP, "elastic-spark:tenant", ...),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    ("tenant-stays-within-its-budget", "ads-dev", put(PROVIDER, "region", "eu-nowhere-1"), "the sum is too low"),
    (
        "tenant-is-named-on-what-it-pays-for",
        "ads-dev",
        rewrite(PROVIDER, "defaultTags", lambda tags: tags["tags"].pop("elastic-spark:tenant")),
        "no tag elastic-spark:tenant",
    ),
    (
        "nodes-and-volumes-allocate-cost",
        "ads-dev",
        put(TEMPLATE, "tagSpecifications/0/tags/elastic-spark:platform", ...),
        "of instances",
    ),
)

KEPT: Final[tuple[Kept, ...]] = ()
