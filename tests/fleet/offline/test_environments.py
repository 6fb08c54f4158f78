"""What an environment's stacks sum up to: never development and production together."""

from __future__ import annotations

import json

from fleet.formats.markdown import markdown
from fleet.formats.phrases import sums
from fleet.formats.report import preview_form, to_json
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.environments import NOT_KNOWN, environment_sums
from tests.fleet.formats.comparisons import BASE, fleet_of, stack_of
from tests.fleet.offline.recorded import sample, tenant_with

MORE = tenant_with(("queues.batch.pools.main.maxNodes", 24))


def both(before: bool = True) -> list[StackComparison]:
    names = ("platform-dev", "ads-dev", "platform-prod", "ads-prod")
    return [stack_of(name, sample(name) if before else None, sample(name), compare=before) for name in names]


def test_environments_are_summed_apart() -> None:
    fleet = fleet_of(*both(before=False), base=None)
    development, production = environment_sums(fleet.stacks, compared=False)
    assert (development.name, production.name) == ("development", "production")
    assert development.stacks == ("platform-dev", "ads-dev")
    costs = {stack.stack: stack.cost_after for stack in fleet.stacks}
    for found in (development, production):
        known = [cost for name in found.stacks if (cost := costs[name])]
        assert found.after.minimum == sum(cost.per_month.minimum for cost in known)
        assert found.after.maximum == sum(cost.per_month.maximum for cost in known)
        assert found.before is None


def test_a_change_is_told_beside_what_was() -> None:
    fleet = fleet_of(stack_of("platform-dev", sample("platform-dev"), sample("platform-dev")),
                     stack_of("ads-dev", tenant_with(), MORE), base=BASE)  # fmt: skip
    (said,) = sums(fleet)
    assert said == "All of development: 1,444 to 14,803 USD a month, was 1,444 to 12,901."
    assert said in markdown(fleet)
    (form,) = json.loads(to_json(preview_form(fleet)))["environments"]
    assert (round(form["maxUsdPerMonth"]), round(form["maxUsdPerMonthBefore"])) == (14803, 12901)


def test_stacks_without_a_preview_are_left_out_and_named() -> None:
    fleet = fleet_of(*both(before=False), stack_of("search-dev", None, "wrong"), base=None)
    left = [one for one in environment_sums(fleet.stacks, compared=False) if one.left_out]
    assert [(one.left_out, one.complete) for one in left] == [(("search-dev",), False)]
    assert any(said.endswith("without search-dev.") for said in sums(fleet))


def test_a_tenant_without_its_platform_is_in_no_environment_that_anybody_knows() -> None:
    (one,) = environment_sums([stack_of("ads-dev", None, sample("ads-dev"), compare=False)], compared=False)
    assert one.name == NOT_KNOWN
