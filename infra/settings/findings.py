"""What is wrong with a stack's settings, all of it at once, told to the person who wrote the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_SHOWN = 80
_LOGIN = re.compile(r"://[^/\s\"]*@")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong: where (a YAML path), what was found there, and what is allowed."""

    path: str
    found: str
    allowed: str


class SettingsError(Exception):
    """A stack's settings can't be used.

    Attributes:
        file: the stack file, relative to the project's root.
        findings: everything that is wrong with it, sorted by path.
        views: what it says without the values that are wrong, the fullest view first; one where no value is wrong and
            only rules are broken; none where it can't be read as settings.
    """

    def __init__(self, file: str, findings: Iterable[Finding], views: Sequence[object] = ()) -> None:
        self.file = file
        self.views = tuple(views)
        self.findings = tuple(sorted(set(findings)))
        super().__init__(self._text())

    def _text(self) -> str:
        count = "1 error" if len(self.findings) == 1 else f"{len(self.findings)} errors"
        lines = [f"{self.file}: {count}"]
        for finding in self.findings:
            lines += [f"  {finding.path}", f"    found    {finding.found}", f"    allowed  {finding.allowed}"]
        return "\n".join(lines)


def shown(value: Any) -> str:  # noqa: ANN401
    """A value as one short line of JSON, without what stands before the `@` of an address: a password, if anything."""
    text = _LOGIN.sub("://...@", json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
