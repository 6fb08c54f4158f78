"""The offline preview: what each stack would register, with no cloud account, no credentials and no Pulumi CLI."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pulumi

from fleet.monitor import ProgramError, record
from fleet.references import named
from fleet.registration import Json, Plan
from fleet.workers import in_forks, load_sdks
from infra.findings import Finding, SettingsError
from infra.fleet_rules import FleetFinding, fleet_findings
from infra.stack_file import PROJECT, read_config, stack_names
from infra.validation import TENANT_KEY, StackSettings, file_of, stack_settings

ORGANIZATION = "organization"
"""What `pulumi.get_organization()` answers in a preview: the organization of the file and bucket backends."""

Exports = Mapping[str, Json]
NO_EXPORTS: Mapping[str, Exports] = {}


@dataclass(frozen=True)
class Failure:
    """Why a stack can't be previewed.

    `findings` say what is wrong with its settings; without any, `message` says what went wrong in the program.
    """

    message: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class StackPreview:
    """A stack's plan, or why there is none."""

    stack: str
    plan: Plan | None
    failure: Failure | None = None


@dataclass(frozen=True)
class FleetPreview:
    """The previews of stacks, in the order asked for, and what is wrong between stacks."""

    stacks: tuple[StackPreview, ...]
    findings: tuple[FleetFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether every stack has a plan, and nothing is wrong between them."""
        return not self.findings and all(stack.plan is not None for stack in self.stacks)


def preview(
    root: Path, stacks: Sequence[str], jobs: int, progress: Callable[[str], None] = lambda _: None
) -> FleetPreview:
    """Preview stacks, each in a process of its own, at most `jobs` at a time; platforms before their tenants.

    Args:
        root: the project's root, which has `stacks/`.
        stacks: names of stacks that have a file.
        progress: told of each stack whose preview is there.
    """
    load_sdks()
    configs = {stack: _config(root, stack) for stack in stack_names(root)}
    platforms = {stack: _named_platform(config) for stack, config in configs.items()}
    tenants = [stack for stack in stacks if platforms[stack]]
    wanted = {*stacks, *(platforms[tenant] for tenant in tenants)}
    first = [stack for stack in platforms if stack in wanted and not platforms[stack]]
    done: dict[str, StackPreview] = {}
    for result in in_forks(partial(preview_stack, root, NO_EXPORTS), first, jobs):
        done[result.stack] = result
        progress(result.stack)
    work = partial(_preview_tenant, root, done, platforms)
    for result in in_forks(work, tenants, jobs):
        done[result.stack] = result
        progress(result.stack)
    found = fleet_findings(_sound_stacks(configs))
    concerned = {*stacks, *first}
    return FleetPreview(
        tuple(done[stack] for stack in stacks),
        tuple(finding for finding in found if concerned.intersection(finding.stacks)),
    )


def preview_stack(root: Path, exports: Mapping[str, Exports], stack: str) -> StackPreview:
    """Preview one stack in this process, which must not have run another Pulumi program."""
    try:
        config = read_config(root, stack)
        return StackPreview(stack, run_program(stack, config, exports))
    except SettingsError as error:
        return StackPreview(stack, None, Failure(str(error), error.findings))
    except (ProgramError, pulumi.RunError) as error:
        return StackPreview(stack, None, Failure(f"{stack}: {error}"))
    except Exception:
        return StackPreview(stack, None, Failure(f"{stack}: the program failed\n{traceback.format_exc()}"))


def run_program(stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Plan:
    """The plan of one stack: the program of this project, run on the recording monitor.

    Args:
        config: as `read_config` gives it.
        exports: what the stacks export that it may refer to, by short name.

    Raises:
        SettingsError: the settings are wrong.
        ProgramError: the program needs what an offline preview does not have.
    """
    from infra import program  # the program is imported by the process that runs it, never by the parent of its forks

    def outputs_of(full_name: str) -> Exports:
        name = full_name.removeprefix(f"{ORGANIZATION}/{PROJECT}/")
        if name not in exports:
            raise ProgramError(f"it refers to the stack {full_name}, which has no preview")
        return exports[name]

    logging.getLogger("pulumi").setLevel(logging.ERROR)
    try:
        return record(
            program.run,
            stack=stack,
            project=PROJECT,
            config=config,
            organization=ORGANIZATION,
            stack_outputs=outputs_of,
        )
    except pulumi.RunError as error:
        if isinstance(error.__cause__, SettingsError):
            raise error.__cause__ from None
        raise


def exports_of(preview: StackPreview) -> Exports:
    """What a previewed stack exports, as a stack that refers to it sees it."""
    return named(preview.plan.stack.outputs, preview.stack) if preview.plan else {}


def _preview_tenant(
    root: Path, done: Mapping[str, StackPreview], platforms: Mapping[str, str | None], stack: str
) -> StackPreview:
    platform = platforms[stack] or ""
    if platform not in done:
        others = ", ".join(name for name, of in platforms.items() if not of) or "none"
        finding = Finding(f"{TENANT_KEY}.platform", platform, f"the stack of a platform; there are: {others}")
        error = SettingsError(file_of(stack), [finding])
        return StackPreview(stack, None, Failure(str(error), error.findings))
    if done[platform].plan is None:
        return StackPreview(stack, None, Failure(f"{stack}: its platform, {platform}, can't be previewed"))
    return preview_stack(root, {platform: exports_of(done[platform])}, stack)


def platform_of(root: Path, stack: str) -> str | None:
    """The platform that a tenant's stack names, if it is a tenant's and names one."""
    return _named_platform(_config(root, stack))


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
