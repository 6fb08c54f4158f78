"""All attack tables: the `CASES` of this folder's modules `attacks_*.py`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from tests import samples
from tests.cluster.attempts import Attempt, Case, Completion
from tests.cluster.objects import objects_of
from tests.cluster.rules import MUTATING, VALIDATING, AppliedRule, rules_of

PLATFORM: Final = "platform-dev"
TENANTS: Final = tuple(stack for stack in samples.TENANTS if samples.tenant(stack)["platform"] == PLATFORM)
PREFIX: Final = "attacks_"


def all_cases() -> dict[str, Case]:
    """Every row by its module's name and its own."""
    found: dict[str, Case] = {}
    for path in sorted(Path(__file__).parent.glob(f"{PREFIX}*.py")):
        for case in importlib.import_module(f"{__package__}.{path.stem}").CASES:
            name = f"{path.stem.removeprefix(PREFIX)}: {case.name}"
            if name in found:
                raise ValueError(f"two rows are named {name}")
            found[name] = case
    return found


def platform_rules() -> list[AppliedRule]:
    """The rules of all policies that the platform registers."""
    things = objects_of(samples.doored_platform())
    return [rule for thing in things if thing["kind"] in (VALIDATING, MUTATING) for rule in rules_of(thing)]


def of_rule(rule: AppliedRule, cases: dict[str, Case]) -> dict[str, Case]:
    """The rows about a rule."""
    kind = Completion if rule.mutates else Attempt
    return {name: case for name, case in cases.items() if isinstance(case, kind) and case.rule == rule.name}


def coverage() -> list[str]:
    """How the tables cover each policy's rules, a line a policy."""
    cases, rules = all_cases(), platform_rules()
    lines = []
    for policy in sorted({rule.policy for rule in rules}):
        rows = [len(of_rule(rule, cases)) for rule in rules if rule.policy == policy]
        lines.append(f"{policy}: {len(rows)} rules, {sum(rows)} rows with a twin each, at least {min(rows)} a rule")
    others = sum(1 for case in cases.values() if not case.rule)
    return [*lines, f"Kubernetes' own refusals: {others} rows with a twin each"]
