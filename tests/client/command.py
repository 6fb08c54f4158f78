"""Calls the command as a person's shell does: in this process, or in one of its own with a pipe or a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from skate.command.app import app
from typer.testing import CliRunner

PATIENCE_SECONDS: Final = 60.0
PROGRAM: Final = (sys.executable, "-m", "skate.command")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401
        """What it printed, as JSON."""
        return json.loads(self.out)


def skate(*arguments: str, answers: str = "") -> Ended:
    """Call it in this process, as if in a pipe."""
    result = CliRunner().invoke(app, arguments, input=answers, prog_name="skate")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@contextmanager
def started(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Call it in a process of its own, in a pipe; it doesn't outlive the test."""
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
        # Tests may run in the background of a script, where Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class Terminal:
    """A process at a pseudo-terminal of 80 columns. A context manager, which ends it.

    Attributes:
        shown: all that was written there.
    """

    def __init__(self, *arguments: str, **variables: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **variables}
            os.execve(PROGRAM[0], [*PROGRAM, *arguments], environment)  # noqa: S606 - this is the program
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.shown = ""
        self._code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def type(self, text: str) -> None:
        """Press keys; \\x03 is Ctrl-C."""
        os.write(self._terminal, text.encode())

    def until(self, text: str) -> None:
        """Wait until something is shown that wasn't before; raises an AssertionError if it isn't in time."""
        before = len(self.shown)
        self._read(lambda: text in self.shown[before:], f"no {text!r} in {self.shown!r}")

    def ended(self) -> int:
        """Wait for its end; gives its exit code."""
        self._read(lambda: self._code is not None, f"it goes on: {self.shown!r}")
        assert self._code is not None
        return self._code

    def _read(self, enough: Callable[[], bool], complaint: str) -> None:
        import select

        end = time.monotonic() + PATIENCE_SECONDS
        while not enough():
            assert time.monotonic() < end, complaint
            if select.select([self._terminal], [], [], 0.1)[0]:
                try:
                    data = os.read(self._terminal, 65536)
                except OSError:  # the other side has closed it
                    data = b""
                self.shown += data.decode(errors="replace")
                if not data:
                    time.sleep(0.05)
            if self._code is None:
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds; raises an AssertionError if it doesn't in time."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it doesn't come true"
        time.sleep(0.02)
