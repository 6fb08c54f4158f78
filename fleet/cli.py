"""The command line `fleet`."""

from __future__ import annotations

import errno
import os
import signal
import sys

import typer

from fleet.access_command import EPILOG as ACCESS_EPILOG
from fleet.access_command import access
from fleet.affected import EPILOG as AFFECTED_EPILOG
from fleet.affected import affected
from fleet.check_command import EPILOG as CHECK_EPILOG
from fleet.check_command import check
from fleet.cost_command import EPILOG as COST_EPILOG
from fleet.cost_command import cost
from fleet.guard import EPILOG as GUARD_EPILOG
from fleet.guard import guard
from fleet.preview_command import EPILOG as PREVIEW_EPILOG
from fleet.preview_command import preview
from fleet.quotas_command import EPILOG as QUOTAS_EPILOG
from fleet.quotas_command import quotas
from fleet.recycle import EPILOG as RECYCLE_EPILOG
from fleet.recycle import recycle
from fleet.refresh import refresh_instances
from fleet.render import EPILOG as RENDER_EPILOG
from fleet.render import render

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="All stacks of an elastic-spark fleet at once.",
    epilog="Start with `fleet preview`; each command has examples under --help. "
    "Exit code 0: fine; 1: something is wrong with a stack; 2: wrong usage.",
)
OUTPUT_ERRORS = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
"""What writing to a full or closed output gives."""


@app.callback()
def _fleet() -> None:
    """All stacks of an elastic-spark fleet at once."""


app.command(epilog=PREVIEW_EPILOG)(preview)
app.command(epilog=CHECK_EPILOG)(check)
app.command(epilog=RENDER_EPILOG)(render)
app.command(epilog=COST_EPILOG)(cost)
app.command(epilog=ACCESS_EPILOG)(access)
app.command(epilog=QUOTAS_EPILOG)(quotas)
app.command(epilog=AFFECTED_EPILOG)(affected)
app.command(epilog=GUARD_EPILOG)(guard)
app.command(epilog=RECYCLE_EPILOG)(recycle)
app.command()(refresh_instances)


def main() -> None:
    """The entry point of the command `fleet`."""
    # Who reads the output may have had enough, as in `fleet preview | head`: end quietly, as other commands do.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ended from outside, it ends as after an error: workers are stopped, and temporary files removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"fleet: the output can't be written: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
