"""Pieces of Markdown that a comment is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

ELSEWHERE: Final = "the whole preview has it all"
"""Where what is cut is found."""


def table_row(cells: Sequence[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def plain(text: str) -> str:
    """Text that neither Markdown nor HTML takes for anything else, and that mentions nobody."""
    escaped = re.sub(r"([\\`*_{}\[\]<>()#+!|~$&])", r"\\\1", text)
    return escaped.replace("@", "@\u200b")
