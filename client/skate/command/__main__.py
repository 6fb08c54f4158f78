"""The entry point of the command `skate`."""

from __future__ import annotations

import errno
import os
import sys
from typing import Final

from skate.command import signals
from skate.command.app import app
from skate.command.shown.terminal import complain

DEBUG: Final = "SKATE_DEBUG"
OUTPUT_ERRORS: Final = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPIPE})
"""What writing to a full or closed output gives."""


def main() -> None:
    """Run the command that the arguments name; ends the process with its exit code."""
    signals.hear()
    try:
        app(prog_name="skate")
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS:
            _unexpected(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            complain(f"The output can't be written: {error.strerror or error}")
        sys.exit(1)
    except Exception as error:
        _unexpected(error)


def _unexpected(error: Exception) -> None:
    """A fault of this program's own: said in a line, unless whoever looks for it wants all of it."""
    if os.environ.get(DEBUG):
        raise error
    complain(
        f"Something went wrong that skate doesn't expect: {type(error).__name__}: {error}",
        f"{DEBUG}=1 shows where; please tell whoever runs the platform.",
    )
    sys.exit(1)


if __name__ == "__main__":
    main()
