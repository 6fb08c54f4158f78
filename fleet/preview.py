"""The offline preview: what each stack would register, with no cloud account, no credentials and no Pulumi CLI."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pulumi

from fleet.monitor import ProgramError, record
from fleet.registration import Json, Plan
from fleet.workers import in_forks, load_sdks
from infra.findings import Finding, SettingsError
from infra.stack_file import PROJECT, read_config

ORGANIZATION = "organization"
"""What `pulumi.get_organization()` answers in a preview: the organization of the file and bucket backends."""


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


def preview(root: Path, stacks: Sequence[str], jobs: int) -> Iterator[StackPreview]:
    """Preview stacks, each in a process of its own, at most `jobs` at a time, and give them in the order asked for.

    Args:
        root: the project's root, which has `stacks/`.
    """
    load_sdks()
    yield from in_forks(partial(preview_stack, root), stacks, jobs)


def preview_stack(root: Path, stack: str) -> StackPreview:
    """Preview one stack in this process, which must not have run another Pulumi program."""
    try:
        config = read_config(root, stack)
        return StackPreview(stack, run_program(stack, config, {}))
    except SettingsError as error:
        return StackPreview(stack, None, Failure(str(error), error.findings))
    except (ProgramError, pulumi.RunError) as error:
        return StackPreview(stack, None, Failure(f"{stack}: {error}"))
    except Exception:
        return StackPreview(stack, None, Failure(f"{stack}: the program failed\n{traceback.format_exc()}"))


def run_program(stack: str, config: Mapping[str, str], stack_outputs: Mapping[str, Mapping[str, Json]]) -> Plan:
    """The plan of one stack: the program of this project, run on the recording monitor.

    Args:
        config: as `read_config` gives it.
        stack_outputs: the exports of the stacks it may refer to, by short name.

    Raises:
        SettingsError: the settings are wrong.
        ProgramError: the program needs what an offline preview does not have.
    """
    from infra import program  # the program is imported by the process that runs it, never by the parent of its forks

    def outputs_of(full_name: str) -> Mapping[str, Json]:
        name = full_name.removeprefix(f"{ORGANIZATION}/{PROJECT}/")
        if name not in stack_outputs:
            raise ProgramError(f"it refers to the stack {full_name}, which has no preview")
        return stack_outputs[name]

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
