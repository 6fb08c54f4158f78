"""What ends the command from outside: an interrupt, or a request to terminate, which counts as one."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


class _Heard:
    terminated = False
    cancel: Callable[[], object] | None = None


def hear() -> None:
    """From now on signals end the command as they should."""
    # Who reads the output may have had enough, as in `skate ls | head`: end quietly, as other commands do.
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # A shell starts what is in its background with interrupts ignored.
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminate)


def terminated() -> bool:
    """Whether whoever ended the command asked it to terminate: then nobody is to be asked anything."""
    return _Heard.terminated


def exit_code() -> int:
    """Of a command that was ended from outside."""
    return TERMINATED if _Heard.terminated else INTERRUPTED


def when_terminated(cancel: Callable[[], object] | None) -> None:
    """What ends the work at hand, where no exception can be thrown into it; None for nothing."""
    _Heard.cancel = cancel


def _terminate(_number: int, _frame: FrameType | None) -> None:
    _Heard.terminated = True
    if _Heard.cancel is None:
        raise KeyboardInterrupt
    _Heard.cancel()
