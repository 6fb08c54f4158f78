"""Runs the project's Pulumi program on the recording monitor: the one that is here, or that of another tree."""

from __future__ import annotations

import logging
import runpy
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pulumi

from fleet.offline.monitor import ProgramError, record
from fleet.offline.registration import Registrations
from infra.settings.findings import SettingsError
from infra.settings.stack_file import PROJECT
from infra.settings.validation import StackSettings
from sizing.values import Json

ORGANIZATION = "organization"
"""What `pulumi.get_organization()` answers in a preview: the organization of the file and bucket backends."""
ENTRY = "__main__.py"
PACKAGES = frozenset({"capacity", "components", "infra", "policies", "sizing"})
"""The project's packages that a program may use; `fleet` runs programs, and none uses it."""

Exports = Mapping[str, Json]
NO_EXPORTS: Final[Mapping[str, Exports]] = {}
"""Of a stack that refers to no other."""
Program = Callable[[str, Mapping[str, str], Mapping[str, Exports]], Registrations]
"""Gives a stack's registrations, from its name, its configuration, and what the stacks that it may refer to export."""


def run_program(stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Registrations:
    """The registrations of one stack by the program that this command belongs to.

    Args:
        stack: the stack's name.
        config: as `infra.settings.stack_file.read_config` gives it.
        exports: what the stacks export that it may refer to, by short name.

    Raises:
        SettingsError: the settings are wrong.
        ProgramError: the program needs what an offline preview does not have.
    """
    from infra import program  # the program is imported by the process that runs it, never by the parent of its forks

    return _told(program.run, stack, config, exports)


def run_settings(settings: StackSettings, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Registrations:
    """The registrations of a stack by this program, whatever rules its settings break.

    Args:
        settings: of the stack, with no value that is wrong; the other arguments are those of `run_program`.

    Raises:
        SettingsError: a tenant's settings don't fit its platform.
        ProgramError: see `run_program`.
    """
    from infra import program

    return _told(partial(program.deploy, settings), settings.stack, config, exports)


def _told(
    program: Callable[[], Any], stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]
) -> Registrations:
    """What a program registers, or what it says is wrong with the settings."""
    try:
        return _recorded(program, stack, config, exports)
    except pulumi.RunError as error:
        if isinstance(error.__cause__, SettingsError):
            raise error.__cause__ from None
        raise


def run_program_of(tree: Path, stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]) -> Registrations:
    """The registrations of one stack by the program of another tree, run as the engine runs it: its `__main__.py`.

    For a process of its own: afterwards the project's modules are those of `tree`.

    Args:
        tree: a whole project, such as an earlier revision; the other arguments are those of `run_program`.

    Raises:
        pulumi.RunError: what the program raises for wrong settings.
        ProgramError: the tree has no program, or one that needs what an offline preview does not have; or a module of
            this project would have answered for one of the tree's.
    """
    entry = tree / ENTRY
    if not entry.is_file():
        raise ProgramError(f"it has no {ENTRY}")
    _forget_own_modules()
    sys.path.insert(0, str(tree))

    def program() -> None:
        runpy.run_path(str(entry), run_name="__main__")

    registrations = _recorded(program, stack, config, exports)
    if strangers := sorted(_modules_from_elsewhere(tree)):
        raise ProgramError(f"modules of another tree took part: {', '.join(strangers)}")
    return registrations


def _recorded(
    program: Callable[[], Any], stack: str, config: Mapping[str, str], exports: Mapping[str, Exports]
) -> Registrations:
    def outputs_of(full_name: str) -> Exports:
        name = full_name.removeprefix(f"{ORGANIZATION}/{PROJECT}/")
        if name not in exports:
            raise ProgramError(f"it refers to the stack {full_name}, which has no preview")
        return exports[name]

    logging.getLogger("pulumi").setLevel(logging.ERROR)
    return record(
        program, stack=stack, project=PROJECT, config=config, organization=ORGANIZATION, stack_outputs=outputs_of
    )


def _forget_own_modules() -> None:
    """Take this project out of what imports find: its loaded modules, and the folder it is installed from."""
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]
    here = Path(__file__).resolve().parents[2]
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    # An editable installation finds its packages by a finder or by a path hook of its own.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_editable(finder)]


def _is_editable(finder: object) -> bool:
    kind = finder if isinstance(finder, type) else type(finder)
    return kind.__module__.startswith("__editable__")


def _modules_from_elsewhere(tree: Path) -> list[str]:
    """The project's modules that were loaded from outside a tree."""
    found = []
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            file = getattr(module, "__file__", None)
            if file and not Path(file).resolve().is_relative_to(tree):
                found.append(name)
    return found
