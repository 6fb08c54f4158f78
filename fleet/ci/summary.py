"""What a command printed, as a job's summary: `python3 -m fleet.ci.summary TITLE FILE`, in `deploy-stack`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from sizing.markdown import fence

LONGEST: Final = 500_000
"""Characters; GitHub takes a summary of 1 MiB a step.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""
_COLORS: Final = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
_HIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def fenced(output: str, longest: int) -> str:
    """What a command printed as a block of code, its end where it is too long: that says what is wrong.

    Args:
        output: what it printed.
        longest: characters of it at most.
    """
    plain = _HIDDEN.sub("", _COLORS.sub("", output))
    cut = len(plain) - longest
    shown = f"… {cut:,} earlier characters are in the log\n{plain[cut:]}" if cut > 0 else plain
    ends = fence(shown)
    return f"{ends}\n{shown.rstrip()}\n{ends}\n"


def main() -> None:
    """The step of the workflow."""
    title, file = sys.argv[1], Path(sys.argv[2])
    if file.is_file():
        text = fenced(file.read_text(encoding="utf-8", errors="replace"), LONGEST)
    else:
        text = "It got nowhere: the log says why.\n"
    print(f"## {title}\n\n{text}")


if __name__ == "__main__":
    main()
