"""What a person has to mend before there is an answer."""

from __future__ import annotations

from collections.abc import Iterable


class CapacityError(Exception):
    """A trace, or what it is to be replayed on, is wrong.

    Args:
        findings: what is wrong, a sentence each, which say what to do; all at once.
    """

    def __init__(self, findings: Iterable[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(self.findings))
