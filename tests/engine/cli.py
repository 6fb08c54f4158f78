"""The Pulumi CLI: this machine's own, or built once from pinned Go modules by `python -m tests.engine.cli`.

Go's module proxy has the CLI without its language host for Python: a built one gets `tests.engine.language_host`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from tests.programs.cache import CacheError
from tests.programs.go_build import BuildError, GoProgram, pinned_version

MODULE: Final = Path(__file__).parent / "go"
REQUIREMENT: Final = "github.com/pulumi/pulumi/pkg/v3"
LANGUAGE_HOST: Final = "pulumi-language-python"


def on_path() -> Path | None:
    """The CLI on PATH, if its language host for Python is there too."""
    found = shutil.which("pulumi")
    return Path(found) if found and shutil.which(LANGUAGE_HOST) else None


def available() -> Path | None:
    """The CLI on PATH, else the one that was built, if any."""
    built = program().path
    return on_path() or (built if built.is_file() else None)


def program() -> GoProgram:
    """The CLI as the Go modules give it."""
    version = pinned_version(MODULE, REQUIREMENT)
    return GoProgram(
        name="pulumi",
        module=MODULE,
        package=f"{REQUIREMENT}/cmd/pulumi",
        version=version,
        stamps={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version},
    )


def main() -> None:
    """Build the CLI where there is none; the exit code says whether that went well."""
    try:
        if on_path() is None:
            program().build()
    except (BuildError, CacheError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
