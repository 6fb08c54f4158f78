"""Programs that are built once from pinned Go modules."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.programs import go_toolchain
from tests.programs.cache import cache_folder, to_be_filled
from tests.programs.progress import show_lines

RECIPE: Final = "1"
"""Changes when a build of the same modules would give something else."""


class BuildError(Exception):
    """A program can't be built; the message says why."""


@dataclass(frozen=True, kw_only=True)
class GoProgram:
    """A program of a Go module that is pinned in this repository.

    Args:
        name: of the program.
        module: the folder with the `go.mod` that pins it.
        package: the Go package of its command.
        version: its own.
        stamps: what is linked into it, by the variable's name.
    """

    name: str
    module: Path
    package: str
    version: str
    stamps: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Where it is once it is built: another folder whenever modules, recipe or the kind of machine change."""
        digest = hashlib.sha256(RECIPE.encode())
        for file in sorted(self.module.glob("*.*")):
            digest.update(file.read_bytes())
        machine = f"{platform.system()}-{platform.machine()}".lower()
        return cache_folder() / f"{self.name}-{self.version}-{machine}-{digest.hexdigest()[:12]}" / self.name

    def build(self) -> Path:
        """The program, built if it isn't yet, with progress on standard error.

        Raises:
            BuildError: the build failed.
            CacheError: there is no Go to build with.
        """
        with to_be_filled(self.path.parent) as content:
            if content:
                self._compile(go_toolchain.find(self.module), content / self.name)
        return self.path

    def _compile(self, go: Path, target: Path) -> None:
        flags = " ".join(("-s -w", *(f"-X {variable}={value}" for variable, value in self.stamps.items())))
        environment = _environment()
        sys.stderr.write(f"Fetching the Go modules of {self.name} ...\n")
        listed = subprocess.run(
            [go, "list", "-mod=readonly", "-deps", self.package],
            cwd=self.module,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if listed.returncode:
            raise BuildError(f"the Go modules of {self.name} can't be had:\n{listed.stderr}")
        command = [go, "build", "-mod=readonly", "-v", f"-ldflags={flags}", "-o", target, self.package]
        title = f"Building {self.name} {self.version}, once"
        failed, output = show_lines(title, len(listed.stdout.split()), [*map(str, command)], self.module, environment)
        if failed:
            raise BuildError(f"{self.name} can't be built:\n{output}")


def pinned_version(module: Path, requirement: str) -> str:
    """The version, such as `v1.36.3`, in which a `go.mod` requires a module.

    Raises:
        BuildError: it doesn't.
    """
    pattern = rf"^\s*(?:require )?{re.escape(requirement)} (v\S+)$"
    found = re.search(pattern, (module / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise BuildError(f"{module / 'go.mod'} does not require {requirement}")
    return found[1]


def _environment() -> Mapping[str, str]:
    """This process's environment, without what would build something else."""
    unwanted = ("GOFLAGS", "GOOS", "GOARCH", "GOWORK")
    return {**{k: v for k, v in os.environ.items() if k not in unwanted}, "CGO_ENABLED": "0", "GOWORK": "off"}
