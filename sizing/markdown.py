"""Code in Markdown, whatever is in it. The standard library alone: workflows run it before anything is installed."""

from __future__ import annotations

import re


def code_span(text: str) -> str:
    """A text as code within a line; its line breaks are spaces.

    Source: https://spec.commonmark.org/0.31.2/#code-spans: one space at both ends is taken off, where there is more.
    """
    line = re.sub(r"[\r\n]+", " ", text)
    padded = "`" in line or (line.strip(" ") and line[0] == line[-1] == " ")
    space = " " if padded else ""
    ends = _backquotes(line, 1)
    return f"{ends}{space}{line}{space}{ends}"


def fence(text: str) -> str:
    """What starts and ends a block of code that holds a text.

    Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """
    return _backquotes(text, 3)


def _backquotes(text: str, minimum: int) -> str:
    """More backquotes than the text has in a row."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(minimum, longest + 1)
