"""What a check has found to be right: which stacks, and how many rules they keep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fleet.formats.phrases import listed
from fleet.offline.policy import disabled_rules
from fleet.offline.stack_preview import StackPreview
from policies.catalogue import RULES

NAMED: Final = 3
"""Stacks that are named; more are counted."""


def kept(root: Path, stacks: Sequence[StackPreview], *, together: bool) -> str:
    """`8 stacks keep all 75 rules of the policy pack, and go together.`

    Args:
        root: the project's root.
        stacks: those that break no mandatory rule, one at least.
        together: whether they were compared with each other, and nothing was wrong.

    Raises:
        PolicyConfigError: a stack's policy configuration is wrong.
    """
    names, one = [stack.stack for stack in stacks], len(stacks) == 1
    who = listed(names) if len(names) <= NAMED else f"{len(names)} stacks"
    if any(stack.policy_findings for stack in stacks):
        what = f"{'breaks' if one else 'break'} no mandatory one of the policy pack's {len(RULES)} rules"
    else:
        what = f"{'keeps' if one else 'keep'} all {len(RULES)} rules of the policy pack"
    end = ", and go together" if together and not one else ", and fits the other stacks" if together else ""
    off = [f" {name} has switched off {listed(rules)}." for name in names if (rules := disabled_rules(root, name))]
    return f"{who} {what}{end}.{''.join(off)}"
