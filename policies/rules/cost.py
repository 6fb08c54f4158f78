"""Rules for cost: budgets, and the tags by which a bill is divided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from policies.model import Enforcement, Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.pools import GROUP, POOL, TEMPLATE, node_label, tags_of
from policies.values import plain
from sizing import names
from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import cost_of
from sizing.pricing.pool_costs import nodes_of_pools, pool_lines
from sizing.pricing.prices import plain as shown

PROVIDER: Final = "pulumi:providers:aws"
REQUIRED_TAGS: Final = {
    "tags": {
        "type": "array",
        "items": {"type": "string"},
        "default": ["elastic-spark:platform"],
        "description": "Keys of tags that everything must carry, beside `elastic-spark:tenant` of what is a tenant's.",
    }
}
TENANT_TAG: Final = "elastic-spark:tenant"
LAUNCHED: Final = frozenset({"instance", "volume"})
"""What a launch template makes and AWS charges for."""


@stack_rule(
    enforcement=Enforcement.ADVISORY,
    severity=Severity.MEDIUM,
    remedy="Lower maxNodes of a pool, raise `budget.monthlyUsd` with whoever pays, or add the price (docs/sizing.md).",
    options={
        "sharePercent": {
            "type": "number",
            "minimum": 1,
            "default": 100,
            "description": "Percent of its budget that a tenant may cost at its maximum, all month long.",
        }
    },
)
def tenant_stays_within_its_budget(stack: Stack, share_percent: float) -> Iterator[Violation]:
    """A tenant's nodes at their maximum, all month long, cost no more than its budget.

    By list prices, as a preview shows them; what is charged by use is not among them.
    """
    budget = stack.exports.get("budget")
    if budget is None:
        return
    region = str(next((provider.props["region"] for provider in stack.of_type(PROVIDER)), ""))
    pools = nodes_of_pools((plain(pool.props) for pool in stack.of_type(POOL)), region)
    cost = cost_of(line for pool in pools for line in pool_lines(pool))
    allowed = Decimal(budget["monthlyUsd"]) * Decimal(str(share_percent)) / 100
    tenant = next((pool.owner for pool in pools), "")
    compared = BudgetComparison.of(tenant, allowed, cost)
    if compared.over_at_maximum:
        maximum = shown(compared.maximum.quantize(Decimal(1)))
        yield Violation(f"{maximum} USD a month at its maximum, {shown(allowed)} allowed")
    if cost.unknown:
        yield Violation(f"no price of {'; '.join(line.what for line in cost.unknown)}: the sum is too low")


@resource_rule(
    PROVIDER,
    severity=Severity.MEDIUM,
    remedy="Give the provider the cost tags as default tags (infra/platform/context.py).",
    options=REQUIRED_TAGS,
)
def default_tags_allocate_cost(provider: Resource, tags: list[str]) -> Iterator[str]:
    """The AWS provider tags everything with its platform.

    A bill can be divided by tags alone; what lacks them is everybody's.
    """
    yield from _missing(tags, _default_tags(provider), "")


@resource_rule(
    GROUP,
    TEMPLATE,
    severity=Severity.MEDIUM,
    remedy="Pass the pool its tags: default tags reach neither a group nor what it launches.",
    options=REQUIRED_TAGS,
)
def nodes_and_volumes_allocate_cost(resource: Resource, tags: list[str]) -> Iterator[str]:
    """Groups, and the instances and volumes that they launch, carry the cost tags.

    They are nearly all of the bill, and the provider's default tags don't reach them.
    """
    if resource.type == GROUP:
        tenants = [TENANT_TAG] if node_label(resource, names.TENANT_LABEL) else []
        yield from _missing([*tags, *tenants], tags_of(resource), "")
    else:
        yield from _missing_on_launched(resource, tags)


@stack_rule(
    severity=Severity.MEDIUM,
    remedy="Give the provider and the launch templates the tenant's tags (infra/platform/context.py).",
)
def tenant_is_named_on_what_it_pays_for(stack: Stack) -> Iterator[Violation]:
    """What a tenant's stack makes in AWS is tagged with the tenant, nodes and their volumes included.

    What isn't, the platform pays.
    """
    if not stack.is_tenants:
        return
    for provider in stack.of_type(PROVIDER):
        yield from (Violation(message, provider.urn) for message in _missing([TENANT_TAG], _default_tags(provider), ""))
    for template in stack.of_type(TEMPLATE):
        yield from (Violation(message, template.urn) for message in _missing_on_launched(template, [TENANT_TAG]))


def _default_tags(provider: Resource) -> Mapping[str, str]:
    given = provider.props.get("defaultTags") or {}
    found: Mapping[str, str] = (json.loads(given) if isinstance(given, str) else given).get("tags") or {}
    return found


def _missing_on_launched(template: Resource, tags: list[str]) -> Iterator[str]:
    specifications = {spec["resourceType"]: spec for spec in template.props.get("tagSpecifications") or ()}
    for kind in sorted(LAUNCHED):
        yield from _missing(
            tags, specifications[kind].get("tags") or {} if kind in specifications else {}, f" of {kind}s"
        )


def _missing(wanted: Iterable[str], found: Iterable[str], where: str) -> Iterator[str]:
    missing = sorted(set(wanted) - set(found))
    if missing:
        yield f"no tag {', '.join(missing)}{where}"
