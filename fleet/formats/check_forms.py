"""What `fleet check --format json` prints."""

from __future__ import annotations

from typing import Literal

from fleet.formats.report import errors_form, policy_form
from fleet.formats.report_forms import BetweenForm, ErrorForm, Form, PolicyFindingForm
from fleet.offline.stack_preview import FleetPreview


class CheckedStackForm(Form):
    """One stack: what the policy pack says of it, or why it has no preview."""

    stack: str
    ok: bool
    """Whether it has a preview that breaks no mandatory rule."""
    errors: tuple[ErrorForm, ...]
    policies_asked: bool
    """Whether the policy pack was asked: not where a wrong value leaves open what the stack would register."""
    policy_findings: tuple[PolicyFindingForm, ...]
    """Mandatory ones first."""


class CheckForm(Form):
    """What is wrong in a fleet. `version` grows when a reader of the previous one would have to change."""

    version: Literal[1] = 1
    stacks: tuple[CheckedStackForm, ...]
    errors: tuple[BetweenForm, ...]
    """What is wrong between stacks."""


def check_form(found: FleetPreview) -> CheckForm:
    """The documented form of a check."""
    return CheckForm(
        stacks=tuple(
            CheckedStackForm(
                stack=stack.stack,
                ok=stack.ok,
                errors=errors_form(stack.failure),
                policies_asked=not stack.unasked,
                policy_findings=tuple(map(policy_form, stack.policy_findings)),
            )
            for stack in found.stacks
        ),
        errors=tuple(BetweenForm.model_validate(vars(finding)) for finding in found.findings),
    )
