"""What ends the command from outside: an interrupt, or a request to terminate, which counts as one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


class _Heard:
    terminated = False
    cancel: Callable[[], object] | None = None


def hear() -> None:
    """From now on signals end the command as they should."""
    # A shell starts what is in its background with interrupts ignored.
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminate)


def nobody_reads() -> NoReturn:
    """End quietly, as other commands do whose reader has had enough, such as in `skate ls | head`.

    The signal itself stays ignored, as Python starts: it would also come of each connection that the other side closes.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    os._exit(1)


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
