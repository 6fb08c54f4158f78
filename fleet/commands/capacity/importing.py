"""What all importers take, and how they say what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from fleet.files import prepare

if TYPE_CHECKING:
    from capacity.traces.placing import Queues
    from capacity.traces.run import Run

_SHOWN: Final = 5

Out = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The trace to write, such as trace.parquet.", dir_okay=False)
]
Answers = Annotated[
    list[Path],
    typer.Argument(metavar="FILE ...", help="Answers of the AWS CLI in JSON.", dir_okay=False, exists=True),
]
Zone = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help="Of times without one, such as Europe/Berlin.")
]


@dataclass
class Skipped:
    """Counts and remembers what an import leaves out.

    Args:
        errors: where it is told; that of a progress bar, where there is one.
    """

    errors: Console = field(
        default_factory=lambda: Console(emoji=False, stderr=True, soft_wrap=True, highlight=False), repr=False
    )
    reasons: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    def __call__(self, what: str, why: str) -> None:
        self.reasons[why.partition(":")[0].partition(";")[0]] += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"{what}: {why}")

    def say(self) -> None:
        """Tells it, on the error output."""
        count = self.reasons.total()
        if not count:
            return
        errors = self.errors
        errors.print(f"{count} left out:", markup=False)
        for line in self.first:
            errors.print(f"  {line}", markup=False)
        if count > len(self.first):
            errors.print(f"  and {count - len(self.first)} more:", markup=False)
            for why, times in self.reasons.most_common():
                errors.print(f"  {times:6} {why}", markup=False)


def pairs(texts: Sequence[str] | None, option: str, form: str) -> dict[str, str]:
    """What an option says in the form NAME=VALUE, as often as it is there.

    Raises:
        typer.BadParameter: one has another form.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.rpartition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{text!r} is not {form}", param_hint=option)
        found[name] = value
    return found


def runs_are(count: int) -> str:
    """So many runs, in words."""
    return f"{count} run{'s' if count != 1 else ''}"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """In which queues it would run, as options say it.

    Attributes:
        queue: of all of it.
        queue_of: of one place there, `PLACE=TENANT-QUEUE`.
    """

    queue: Annotated[
        str | None, typer.Option("--queue", metavar="TENANT-QUEUE", help="The queue that all of it would run in.")
    ] = None
    queue_of: Annotated[
        list[str] | None,
        typer.Option(
            "--queue-of",
            metavar="PLACE=TENANT-QUEUE",
            help="The queue of one place there, which may have * in it; repeatable, and the first that fits counts.",
        ),
    ] = None

    def queues(self) -> Queues:
        """The queues that are named.

        Raises:
            CapacityError: one is no queue.
            typer.BadParameter: one has another form.
        """
        from capacity.traces.placing import Queues

        return Queues(self.queue, pairs(self.queue_of, "--queue-of", "PLACE=TENANT-QUEUE"))


@dataclass(frozen=True, kw_only=True)
class Joined(Placed):
    """What becomes of runs that were found, as options say it.

    Attributes:
        queue: see `Placed`.
        queue_of: likewise.
        onto: a trace that they are added to.
        after: whether to infer which job follows which.
    """

    onto: Annotated[
        Path | None,
        typer.Option(
            "--onto",
            metavar="TRACE",
            help="An earlier trace: runs of the same job fill what it doesn't say, others are added.",
            dir_okay=False,
            exists=True,
        ),
    ] = None
    after: Annotated[
        bool, typer.Option("--after/--no-after", help="Infer which job follows which from starts right after ends.")
    ] = True

    def write(self, runs: Iterable[Run], out: Path, skipped: Skipped) -> None:
        """Writes the trace, and says what is in it and what isn't.

        Args:
            runs: what was found.
            out: the trace.
            skipped: what is left out.

        Raises:
            CapacityError: there is none to be written.
            typer.BadParameter: an option has another form.
        """
        from capacity.traces.building import build

        places = self.queues()
        prepare(out.parent)
        try:
            built = build(runs, places, out, onto=self.onto, after=self.after)
        finally:
            skipped.say()
        said = f"{out}: {runs_are(built.runs)}"
        if self.onto:
            said += f", {built.joined} of them joined"
        if built.following:
            said += f", {built.following} that follow another job, as inferred"
        typer.echo(said)
