"""The offline preview: what each stack would register, with no cloud account, no credentials and no Pulumi CLI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pulumi

from fleet.errors import FleetError
from fleet.offline.judged import Broken, judged_anyway
from fleet.offline.monitor import ProgramError
from fleet.offline.policy import findings_of
from fleet.offline.principals import made_principals
from fleet.offline.programs import NO_EXPORTS, Exports, Program, run_program
from fleet.offline.registration import Registrations
from fleet.offline.sdks import load_sdks
from fleet.offline.stack_preview import Failure, FleetPreview, StackPreview, exports_of
from fleet.offline.workers import Died, in_forks
from infra.settings.findings import Finding, SettingsError
from infra.settings.fleet_rules import fleet_findings
from infra.settings.stack_file import read_config, stack_names
from infra.settings.validation import REGION_KEY, TENANT_KEY, StackSettings, file_of, stack_settings
from policies.config import PolicyConfigError
from policies.evaluation import PolicyFinding

Progress = Callable[[str], None]
Policies = Callable[[str, Registrations, Mapping[str, Exports]], Iterable[PolicyFinding]]
"""What rules say of a stack's registrations, by its name and what the stacks export to which it refers."""


def no_policies(_stack: str, _registrations: Registrations, _exports: Mapping[str, Exports]) -> Iterable[PolicyFinding]:
    """No rule is asked: of an earlier revision, which kept to the rules of its time."""
    return ()


def preview(root: Path, stacks: Sequence[str], jobs: int, progress: Progress = lambda _: None) -> FleetPreview:
    """Preview stacks by this project's program, ask the policy pack, and find what is wrong between stacks.

    Args:
        root: the project's root, which has `stacks/`.
        stacks: names of stacks that have a file.
        jobs: how many at a time.
        progress: told of each stack whose preview is there.
    """
    configs, wrong = _configs(root)
    sound: dict[str, StackSettings] = {}
    broken: dict[str, Broken] = {}
    for stack, config in configs.items():
        try:
            sound[stack] = stack_settings(stack, config)
        except SettingsError as error:
            wrong[stack] = Failure.of(error)
            if error.views:
                broken[stack] = Broken.of(stack, config, error)
        except Exception:
            wrong[stack] = Failure.within(f"{file_of(stack)}: a rule failed")
    found = fleet_findings(sound.values(), [one.fullest for one in broken.values()])
    done = _previews(root, configs, wrong, stacks, jobs, progress, run_program, partial(findings_of, root))
    found += made_principals({stack: one.registrations for stack, one in done.items() if one.registrations})
    done = judged_anyway(root, configs, sound, broken, done, jobs)
    return FleetPreview(
        tuple(done[stack] for stack in stacks),
        tuple(finding for finding in found if done.keys() & {*finding.stacks}),
    )


def registrations_of(root: Path, stack: str) -> Registrations:
    """The registrations of one stack that has a file.

    Raises:
        FleetError: it, or its platform, can't be previewed.
    """
    return registrations_of_all(root, [stack])[stack]


def registrations_of_all(
    root: Path, stacks: Sequence[str], jobs: int | None = None, progress: Progress = lambda _: None
) -> dict[str, Registrations]:
    """The registrations of stacks that have files, by stack; `jobs` are previewed at a time, without it all.

    Raises:
        FleetError: one of them, or its platform, can't be previewed.
    """
    found = previews(root, stacks, jobs or len(stacks), progress) if stacks else {}
    return {stack: _registered(found[stack]) for stack in stacks}


def _registered(found: StackPreview) -> Registrations:
    if found.registrations is None:
        raise FleetError(found.failure.message if found.failure else f"{found.stack} can't be previewed")
    return found.registrations


def previews(
    root: Path,
    stacks: Sequence[str],
    jobs: int,
    progress: Progress = lambda _: None,
    program: Program = run_program,
) -> dict[str, StackPreview]:
    """The previews of stacks and of their platforms, by name, by a program.

    Each runs in a process of its own, at most `jobs` at a time; platforms come before their tenants. The other
    arguments are those of `preview`.
    """
    configs, unreadable = _configs(root)
    return _previews(root, configs, unreadable, stacks, jobs, progress, program)


def _previews(
    root: Path,
    configs: Mapping[str, Mapping[str, str]],
    wrong: Mapping[str, Failure],
    stacks: Sequence[str],
    jobs: int,
    progress: Progress,
    program: Program,
    policies: Policies = no_policies,
) -> dict[str, StackPreview]:
    """The previews; no program runs for a stack that is known to be `wrong`, nor are the SDKs loaded for such alone."""
    platforms = {stack: _named_platform(config) for stack, config in configs.items()}
    wanted = {*stacks, *(platforms[stack] for stack in stacks if platforms.get(stack))}
    first = [stack for stack in sorted({*platforms, *wrong}) if stack in wanted and not platforms.get(stack)]
    tenants = [stack for stack in stacks if platforms.get(stack)]
    aws = any(REGION_KEY in configs[stack] for stack in (*first, *tenants) if stack not in wrong)
    done: dict[str, StackPreview] = {}
    for names in (first, tenants):
        runnable = []
        for stack in names:
            if failure := _failure(stack, wrong, platforms, done):
                done[stack] = StackPreview(stack, None, failure, platform=platforms.get(stack) or "")
                progress(stack)
            else:
                runnable.append(stack)
        if runnable:
            load_sdks(aws=aws)
        work = partial(_preview_on_platform, root, done, platforms, program, policies)
        for stack, result in zip(runnable, in_forks(work, runnable, jobs), strict=True):
            if isinstance(result, Died):
                result = StackPreview(stack, None, Failure(f"{stack}: {result}"))
            done[stack] = replace(result, platform=platforms.get(stack) or "")
            progress(stack)
    return done


def _failure(
    stack: str,
    wrong: Mapping[str, Failure],
    platforms: Mapping[str, str | None],
    done: Mapping[str, StackPreview],
) -> Failure | None:
    """Why a stack's program need not run."""
    if stack in wrong:
        return wrong[stack]
    platform = platforms.get(stack)
    if platform and (platform not in done or platforms.get(platform)):
        others = ", ".join(name for name, of in platforms.items() if not of) or "none"
        finding = Finding(f"{TENANT_KEY}.platform", platform, f"the stack of a platform; there are: {others}")
        return Failure.of(SettingsError(file_of(stack), [finding]))
    if platform and done[platform].registrations is None:
        why = done[platform].failure
        said = f": {why.brief or why.message}" if why else ""
        return Failure(f"{stack}: its platform, {platform}, can't be previewed{said}", follows=True)
    return None


def _preview_on_platform(
    root: Path,
    done: Mapping[str, StackPreview],
    platforms: Mapping[str, str | None],
    program: Program,
    policies: Policies,
    stack: str,
) -> StackPreview:
    platform = platforms[stack]
    exports = {platform: exports_of(done[platform])} if platform else NO_EXPORTS
    return preview_stack(root, exports, stack, program, policies)


def preview_stack(
    root: Path,
    exports: Mapping[str, Exports],
    stack: str,
    program: Program = run_program,
    policies: Policies = no_policies,
) -> StackPreview:
    """Preview one stack in this process, which must not have run another Pulumi program."""
    try:
        registrations = program(stack, read_config(root, stack), exports)
        return StackPreview(stack, registrations, policy_findings=tuple(policies(stack, registrations, exports)))
    except SettingsError as error:
        return StackPreview(stack, None, Failure.of(error))
    except PolicyConfigError as error:
        return StackPreview(stack, None, Failure(str(error)))
    except (ProgramError, pulumi.RunError) as error:
        return StackPreview(stack, None, Failure(f"{stack}: {error}"))
    except Exception:
        return StackPreview(stack, None, Failure.within(f"{stack}: the program failed"))


def platform_of(root: Path, stack: str) -> str | None:
    """The platform that a tenant's stack names, if it is a tenant's and names one."""
    try:
        return _named_platform(read_config(root, stack))
    except SettingsError:
        return None


def _configs(root: Path) -> tuple[dict[str, Mapping[str, str]], dict[str, Failure]]:
    """The configuration of every stack that has a file, and what is wrong with the files that can't be read."""
    configs: dict[str, Mapping[str, str]] = {}
    unreadable: dict[str, Failure] = {}
    for stack in stack_names(root):
        try:
            configs[stack] = read_config(root, stack)
        except SettingsError as error:
            unreadable[stack] = Failure.of(error)
    return configs, unreadable


def _named_platform(config: Mapping[str, str]) -> str | None:
    try:
        settings = json.loads(config.get(TENANT_KEY, "null"))
    except ValueError:
        return None
    platform = settings.get("platform") if isinstance(settings, dict) else None
    return platform if isinstance(platform, str) else None
