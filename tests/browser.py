"""A real browser, where the machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

BROWSER: Final = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
"""The program; empty where there is none."""
MISSING: Final = "needs chromium or google-chrome, on PATH or named by CHROMIUM"


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Opens a page without a window, once.

    Args:
        page: a file; what the browser keeps stands beside it.
        options: of the browser: what it is to do with the page.
    """
    always = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}")
    return subprocess.run(
        [BROWSER, *always, *options, page.as_uri()], capture_output=True, text=True, check=False, timeout=300
    )


def dumped(page: Path, *, milliseconds: int, width: int = 1440, height: int = 900) -> subprocess.CompletedProcess[str]:
    """A page's elements as its scripts have left them, on standard output.

    Args:
        page: a file.
        milliseconds: of the page's own time until then.
        width: of the window.
        height: likewise.
    """
    window = f"--window-size={width},{height}"
    return browse(page, window, f"--virtual-time-budget={milliseconds}", "--dump-dom")
