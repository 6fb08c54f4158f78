"""Reads what a process prints while it goes on."""

from __future__ import annotations

import subprocess
import threading
from typing import IO

from tests.end_to_end.platform import SECONDS


def read_until(process: subprocess.Popen[str], stream: IO[str] | None, text: str | None = None) -> str:
    """What a process prints up to the line with some text, or to its end; kills it if that takes too long.

    Raises:
        AssertionError: it ended without that.
    """
    printed = ""
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        for line in stream or ():
            printed += line
            if text is not None and text in line:
                return printed
    finally:
        timer.cancel()
    assert text is None, f"no {text!r} in {printed}"
    return printed
