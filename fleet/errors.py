"""What commands end with: an error that a person can read, and no traceback."""

from __future__ import annotations


class FleetError(Exception):
    """Something can't be done; the message says what, and what to do. A command ends with it and exit code 1."""


class WrongUsage(FleetError):
    """A command was asked for what there isn't; it ends with exit code 2.

    Args:
        message: what is wrong, and what is allowed.
        option: the option or argument that says it.
    """

    def __init__(self, message: str, option: str) -> None:
        super().__init__(message)
        self.option = option
