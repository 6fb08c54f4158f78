"""What is known of a stack without a cloud: what it would register, or why nobody can tell."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass

from fleet.offline.programs import Exports
from fleet.offline.references import named
from fleet.offline.registration import Registrations
from infra.settings.findings import Finding, SettingsError
from infra.settings.fleet_rules import FleetFinding
from policies.evaluation import PolicyFinding


@dataclass(frozen=True)
class Failure:
    """Why a stack can't be previewed.

    `findings` say what is wrong with its settings; without any, `message` says what went wrong in the program, and
    `brief` says it in a line, for those who wait for this stack and have no use of where. `follows` says that nothing
    is known to be wrong with this stack: its platform can't be previewed.
    """

    message: str
    findings: tuple[Finding, ...] = ()
    brief: str = ""
    follows: bool = False

    @classmethod
    def of(cls, error: SettingsError) -> Failure:
        """What is wrong with a stack's settings."""
        return cls(str(error), error.findings)

    @classmethod
    def within(cls, what: str) -> Failure:
        """What no stack is to blame for: the exception that is handled now, with where it came from.

        Args:
            what: failed, and of which stack.
        """
        *_, last = traceback.format_exception_only(sys.exception()) or [""]
        return cls(f"{what}\n{traceback.format_exc()}", brief=f"{what}: {' '.join(last.split())}")


@dataclass(frozen=True)
class StackPreview:
    """A stack's registrations and what the policy pack says of it, or why there is none.

    `platform` is the stack of the platform that a tenant's names; empty for a platform's own. `unasked` says that the
    policy pack hasn't been asked, as nobody knows what the stack would register.
    """

    stack: str
    registrations: Registrations | None
    failure: Failure | None = None
    policy_findings: tuple[PolicyFinding, ...] = ()
    platform: str = ""
    unasked: bool = False

    @property
    def ok(self) -> bool:
        """Whether it has a preview that breaks no mandatory rule."""
        return self.registrations is not None and not any(finding.stops for finding in self.policy_findings)


@dataclass(frozen=True)
class FleetPreview:
    """The previews of stacks, in the order asked for, and what is wrong between stacks."""

    stacks: tuple[StackPreview, ...]
    findings: tuple[FleetFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether every stack has a preview that breaks no mandatory rule, and nothing is wrong between them."""
        return not self.findings and all(stack.ok for stack in self.stacks)


def exports_of(preview: StackPreview) -> Exports:
    """What a previewed stack exports, as a stack that refers to it sees it."""
    return named(preview.registrations.stack.outputs, preview.stack) if preview.registrations else {}
