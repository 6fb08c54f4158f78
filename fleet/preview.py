"""The offline preview: what each stack would register, with no cloud account, no credentials and no Pulumi CLI."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pulumi

from fleet.monitor import ProgramError
from fleet.policy import findings_of
from fleet.programs import Exports, Program, run_program
from fleet.references import named
from fleet.registration import Plan
from fleet.workers import in_forks, load_sdks
from infra.findings import Finding, SettingsError
from infra.fleet_rules import FleetFinding, fleet_findings
from infra.stack_file import read_config, stack_names
from infra.validation import REGION_KEY, TENANT_KEY, StackSettings, file_of, stack_settings
from policies.config import PolicyConfigError
from policies.evaluation import PolicyFinding

NO_EXPORTS: Mapping[str, Exports] = {}
Progress = Callable[[str], None]
Policies = Callable[[str, Plan, Mapping[str, Exports]], Iterable[PolicyFinding]]
"""What rules say of a stack's plan, by its name and what the stacks export to which it refers."""


def no_policies(_stack: str, _plan: Plan, _exports: Mapping[str, Exports]) -> Iterable[PolicyFinding]:
    """No rule is asked: of an earlier revision, which kept to the rules of its time."""
    return ()


@dataclass(frozen=True)
class Failure:
    """Why a stack can't be previewed.

    `findings` say what is wrong with its settings; without any, `message` says what went wrong in the program.
    """

    message: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class StackPreview:
    """A stack's plan and what the policy pack says of it, or why there is none."""

    stack: str
    plan: Plan | None
    failure: Failure | None = None
    policy_findings: tuple[PolicyFinding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it has a plan that breaks no mandatory rule."""
        return self.plan is not None and not any(finding.stops for finding in self.policy_findings)


@dataclass(frozen=True)
class FleetPreview:
    """The previews of stacks, in the order asked for, and what is wrong between stacks."""

    stacks: tuple[StackPreview, ...]
    findings: tuple[FleetFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether every stack has a plan that breaks no mandatory rule, and nothing is wrong between them."""
        return not self.findings and all(stack.ok for stack in self.stacks)


def preview(root: Path, stacks: Sequence[str], jobs: int, progress: Progress = lambda _: None) -> FleetPreview:
    """Preview stacks by this project's program, ask the policy pack, and find what is wrong between stacks.

    Args:
        root: the project's root, which has `stacks/`.
        stacks: names of stacks that have a file.
        jobs: how many at a time.
        progress: told of each stack whose preview is there.
    """
    configs = _configs(root)
    found = fleet_findings(_sound_stacks(configs))
    done = _previews(root, configs, stacks, jobs, progress, run_program, partial(findings_of, root))
    return FleetPreview(
        tuple(done[stack] for stack in stacks),
        tuple(finding for finding in found if done.keys() & {*finding.stacks}),
    )


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
    return _previews(root, _configs(root), stacks, jobs, progress, program)


def _previews(
    root: Path,
    configs: Mapping[str, Mapping[str, str]],
    stacks: Sequence[str],
    jobs: int,
    progress: Progress,
    program: Program,
    policies: Policies = no_policies,
) -> dict[str, StackPreview]:
    platforms = {stack: _named_platform(config) for stack, config in configs.items()}
    tenants = [stack for stack in stacks if platforms[stack]]
    wanted = {*stacks, *(platforms[tenant] for tenant in tenants)}
    first = [stack for stack in platforms if stack in wanted and not platforms[stack]]
    load_sdks(aws=any(REGION_KEY in configs[stack] for stack in (*first, *tenants)))
    done: dict[str, StackPreview] = {}
    for work, names in (
        (partial(preview_stack, root, NO_EXPORTS, program=program, policies=policies), first),
        (partial(_preview_tenant, root, done, platforms, program, policies), tenants),
    ):
        for result in in_forks(work, names, jobs):
            done[result.stack] = result
            progress(result.stack)
    return done


def preview_stack(
    root: Path,
    exports: Mapping[str, Exports],
    stack: str,
    program: Program = run_program,
    policies: Policies = no_policies,
) -> StackPreview:
    """Preview one stack in this process, which must not have run another Pulumi program."""
    try:
        plan = program(stack, read_config(root, stack), exports)
        return StackPreview(stack, plan, policy_findings=tuple(policies(stack, plan, exports)))
    except SettingsError as error:
        return StackPreview(stack, None, Failure(str(error), error.findings))
    except PolicyConfigError as error:
        return StackPreview(stack, None, Failure(str(error)))
    except (ProgramError, pulumi.RunError) as error:
        return StackPreview(stack, None, Failure(f"{stack}: {error}"))
    except Exception:
        return StackPreview(stack, None, Failure(f"{stack}: the program failed\n{traceback.format_exc()}"))


def exports_of(preview: StackPreview) -> Exports:
    """What a previewed stack exports, as a stack that refers to it sees it."""
    return named(preview.plan.stack.outputs, preview.stack) if preview.plan else {}


def _preview_tenant(
    root: Path,
    done: Mapping[str, StackPreview],
    platforms: Mapping[str, str | None],
    program: Program,
    policies: Policies,
    stack: str,
) -> StackPreview:
    platform = platforms[stack] or ""
    if platform not in done:
        others = ", ".join(name for name, of in platforms.items() if not of) or "none"
        finding = Finding(f"{TENANT_KEY}.platform", platform, f"the stack of a platform; there are: {others}")
        error = SettingsError(file_of(stack), [finding])
        return StackPreview(stack, None, Failure(str(error), error.findings))
    if done[platform].plan is None:
        return StackPreview(stack, None, Failure(f"{stack}: its platform, {platform}, can't be previewed"))
    return preview_stack(root, {platform: exports_of(done[platform])}, stack, program, policies)


def platform_of(root: Path, stack: str) -> str | None:
    """The platform that a tenant's stack names, if it is a tenant's and names one."""
    return _named_platform(_config(root, stack))


def _configs(root: Path) -> dict[str, Mapping[str, str]]:
    """The configuration of every stack that has a file."""
    return {stack: _config(root, stack) for stack in stack_names(root)}


def _config(root: Path, stack: str) -> Mapping[str, str]:
    """A stack's configuration; empty where its file can't be read, which its own preview tells."""
    try:
        return read_config(root, stack)
    except SettingsError:
        return {}


def _named_platform(config: Mapping[str, str]) -> str | None:
    try:
        settings = json.loads(config.get(TENANT_KEY, "null"))
    except ValueError:
        return None
    platform = settings.get("platform") if isinstance(settings, dict) else None
    return platform if isinstance(platform, str) else None


def _sound_stacks(configs: Mapping[str, Mapping[str, str]]) -> list[StackSettings]:
    """The settings of the stacks that are right by themselves."""
    found = []
    for stack, config in configs.items():
        try:
            found.append(stack_settings(stack, config))
        except SettingsError:
            continue
    return found
