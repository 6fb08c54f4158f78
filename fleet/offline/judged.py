"""What can be said of stacks that have no preview because settings are wrong.

Rules of a tenant on its platform are asked of what isn't wrong. Where no value is wrong and only rules are broken, the
program runs nevertheless, and the policy pack is asked about what it would register: who mends a file learns at once of
all that is wrong with it. Where a value is wrong nobody knows what the stack would register, and the pack isn't asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fleet.offline.policy import findings_of
from fleet.offline.programs import NO_EXPORTS, Exports, run_settings
from fleet.offline.registration import Registrations
from fleet.offline.sdks import load_sdks
from fleet.offline.stack_preview import Failure, StackPreview, exports_of
from fleet.offline.workers import Died, in_forks
from infra.contract import CONTRACT_OUTPUT
from infra.settings.contract_rules import broken_on_platform
from infra.settings.findings import Finding, SettingsError
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import REGION_KEY, TENANT_KEY, Settings, StackSettings, file_of
from policies.evaluation import PolicyFinding


@dataclass(frozen=True)
class Broken:
    """A stack with wrong settings.

    Attributes:
        stack: its name.
        region: the AWS region; None where the stack has nothing in AWS, or the region is wrong.
        views: as `SettingsError` has them.
        region_is_wrong: whether it is, or may be.
    """

    stack: str
    region: str | None
    views: tuple[Settings, ...]
    region_is_wrong: bool

    @classmethod
    def of(cls, stack: str, config: Mapping[str, str], error: SettingsError) -> Broken:
        """The stack of an error.

        Args:
            stack: its name.
            config: its configuration.
            error: that this configuration raises, which has views.
        """
        wrong = any(finding.path == REGION_KEY for finding in error.findings)
        views = tuple(view for view in error.views if isinstance(view, Settings))
        return cls(stack, None if wrong else config.get(REGION_KEY), views, wrong)

    @property
    def fullest(self) -> StackSettings:
        """All that is not wrong."""
        return StackSettings(self.stack, self.region, self.views[0])

    @property
    def whole(self) -> StackSettings | None:
        """The settings, where no value is wrong and only rules are broken."""
        return self.fullest if len(self.views) == 1 and not self.region_is_wrong else None


@dataclass(frozen=True)
class _Judged:
    """What was found out about a stack: what it would register and what the pack says of that, if anybody knows."""

    registrations: Registrations | None = None
    policy_findings: tuple[PolicyFinding, ...] = ()
    findings: tuple[Finding, ...] = ()


def judged_anyway(
    root: Path,
    configs: Mapping[str, Mapping[str, str]],
    sound: Mapping[str, StackSettings],
    broken: Mapping[str, Broken],
    done: Mapping[str, StackPreview],
    jobs: int,
) -> dict[str, StackPreview]:
    """The previews, those without registrations with what can be said of them nevertheless.

    Args:
        root: the project's root.
        configs: of all stacks.
        sound: settings of those that keep their rules.
        broken: those with wrong settings.
        done: the previews.
        jobs: how many at a time.
    """
    known = [name for name, stack in done.items() if (failure := stack.failure) and (name in broken or failure.follows)]
    judged: dict[str, _Judged] = {}
    for names in (
        [name for name in known if not done[name].platform],
        [name for name in known if done[name].platform],
    ):
        work = partial(_judged, root, configs, sound, broken, done, judged)
        if names:
            load_sdks(aws=any(REGION_KEY in configs[name] for name in names))
        for name, result in zip(names, in_forks(work, names, jobs), strict=True):
            judged = {**judged, name: _Judged() if isinstance(result, Died) else result}
    return {name: _with(stack, judged.get(name, _Judged())) if stack.failure else stack for name, stack in done.items()}


def _with(stack: StackPreview, judged: _Judged) -> StackPreview:
    assert stack.failure is not None  # noqa: S101 - of those alone
    unasked = replace(stack, policy_findings=judged.policy_findings, unasked=judged.registrations is None)
    told = {finding.path for finding in stack.failure.findings}
    more = [finding for finding in judged.findings if finding.path not in told]
    if not more:
        return unasked
    return replace(unasked, failure=Failure.of(SettingsError(file_of(stack.stack), [*stack.failure.findings, *more])))


def _judged(
    root: Path,
    configs: Mapping[str, Mapping[str, str]],
    sound: Mapping[str, StackSettings],
    broken: Mapping[str, Broken],
    done: Mapping[str, StackPreview],
    judged: Mapping[str, _Judged],
    stack: str,
) -> _Judged:
    """For a process of its own: what can be said of one stack."""
    platform = done[stack].platform
    findings: list[Finding] = []
    exports = NO_EXPORTS
    if platform:
        there = done.get(platform)
        known = there is not None and there.registrations is not None
        registrations = there.registrations if there and known else judged.get(platform, _Judged()).registrations
        if registrations is None:
            return _Judged()
        exports = {platform: exports_of(StackPreview(platform, registrations))}
        if known and stack in broken:
            # Of a platform that is wrong itself nobody can say what a tenant on it has to do.
            findings += _on_platform(broken[stack], exports[platform])
    settings = broken[stack].whole if stack in broken else sound.get(stack)
    if settings is None:
        return _Judged(findings=tuple(findings))
    try:
        registered = run_settings(settings, configs[stack], exports)
        said = tuple(findings_of(root, stack, registered, exports))
    except Exception:
        # A broken rule may be the very one by which the program can run.
        return _Judged(findings=tuple(findings))
    return _Judged(registered, said, tuple(findings))


def _on_platform(broken: Broken, exports: Exports) -> list[Finding]:
    """What is wrong with a tenant on its platform, beside what is wrong with it anyway."""
    from infra.tenant.contract_reader import parse_contract  # of the program, which the process that runs it imports

    views = [view for view in broken.views if isinstance(view, AwsTenant | ExistingTenant)]
    if broken.region_is_wrong or not views:
        return []
    with suppress(Exception):
        contract = parse_contract(broken.stack, exports[CONTRACT_OUTPUT])
        found = broken_on_platform(views, broken.region, contract)
        return [Finding(f"{TENANT_KEY}.{each.path}", each.found, each.allowed) for each in found]
    return []
