"""What an import left out, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Skip: TypeAlias = Callable[[str, str], None]
"""Is told what is left out (a file, a line, a job) and why, as half a sentence."""
