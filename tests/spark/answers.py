"""Answers of servers that take a while to start."""

from __future__ import annotations

import json
import time
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT_SECONDS: Final = 300


def ask(address: str) -> object:
    """What it answers, once it does."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            with urlopen(address, timeout=30) as answer:  # noqa: S310 - a server of this test
                if found := json.load(answer):
                    return found
        except URLError:
            pass
        assert time.monotonic() < end, f"{address} has no answer"
        time.sleep(0.5)
