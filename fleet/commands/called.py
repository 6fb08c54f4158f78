"""How the command was called, so that what it says to type next can be typed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "fleet"


def called() -> str:
    """`fleet` where a shell finds it by that name, else the path by which it was called, such as `.venv/bin/fleet`."""
    path = Path(sys.argv[0])
    if path.name == "__main__.py":
        return f"python -m {NAME}"
    found = shutil.which(NAME)
    if path.name != NAME or (found and os.path.realpath(found) == os.path.realpath(path)):
        return NAME
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
