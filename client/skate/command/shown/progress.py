"""What is shown while a job is followed: its log on standard output, where it is on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from skate.command.shown.jobs import phase_line
from skate.command.shown.tables import span
from skate.command.shown.terminal import console, is_terminal, put, say
from skate.errors import SkateError
from skate.states import JobState, Phase

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class PipeProgress:
    """For whoever reads it later: a line whenever something has changed that isn't a number of executors."""

    def __init__(self) -> None:
        self._last = ""

    def state(self, state: JobState) -> None:
        """See `skate.following.Watcher`."""
        text = "running" if state.phase is Phase.RUNNING else phase_line(state)
        if text != self._last and not state.has_ended:
            say(f"{state.name}: {text}")
        self._last = text

    def line(self, text: str) -> None:
        """See `skate.following.Watcher`."""
        put(text)

    def trouble(self, error: SkateError) -> None:
        """See `skate.following.Watcher`."""
        say(f"{error.what} Trying again.")

    def working(self, text: str) -> None:
        """Something goes on before there is a job."""
        say(text)


class TerminalProgress:
    """For a person at a terminal: a line at the bottom that says where the job is, for how long; logs above it."""

    def __init__(self, live_console: Console, name: str) -> None:
        from rich.spinner import Spinner

        self._console = live_console
        self._spinner = Spinner("dots")
        self._name = name
        self._text = "…"
        self._since = time.monotonic()
        self._log_is_here = sys.stdout.isatty()

    def state(self, state: JobState) -> None:
        """See `skate.following.Watcher`."""
        self._name = state.name
        self._show(phase_line(state), trouble=False)

    def line(self, text: str) -> None:
        """See `skate.following.Watcher`."""
        if self._log_is_here:
            from rich.text import Text

            self._console.print(Text.from_ansi(text), soft_wrap=True)
        else:
            put(text)

    def trouble(self, error: SkateError) -> None:
        """See `skate.following.Watcher`."""
        self._show(f"{error.what} Trying again.", trouble=True)

    def working(self, text: str) -> None:
        """Something goes on before there is a job."""
        self._show(text, trouble=False)

    def _show(self, text: str, *, trouble: bool) -> None:
        if text.partition(" ")[0] != self._text.partition(" ")[0]:
            self._since = time.monotonic()
        self._text = text
        self._spinner.style = "red" if trouble else "green"

    def __rich_console__(self, shown_on: Console, options: ConsoleOptions) -> RenderResult:
        """The line at the bottom."""
        from rich.text import Text

        gone = span(timedelta(seconds=time.monotonic() - self._since))
        text = Text(f"{self._name}: " if self._name else "", style="bold")
        text.append(f"{self._text} ({gone})", style="not bold")
        # The spinner and a space come before it.
        text.truncate(max(1, options.max_width - 3), overflow="ellipsis")
        self._spinner.update(text=text)
        yield self._spinner


@contextmanager
def progress(name: str = "") -> Iterator[PipeProgress | TerminalProgress]:
    """Shows what it is told, as befits where standard error goes, as long as the context lasts."""
    if not is_terminal(sys.stderr):
        yield PipeProgress()
        return
    from rich.live import Live

    shown_on = console(sys.stderr)
    line = TerminalProgress(shown_on, name)
    both: dict[str, Any] = {"redirect_stdout": sys.stdout.isatty(), "redirect_stderr": True}
    with Live(line, console=shown_on, transient=True, refresh_per_second=4, **both):
        yield line
