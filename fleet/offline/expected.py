"""Months that queues of a preview are expected to have, before and after, by the replay of a trace.

Only commands to which a trace is named import what replays it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fleet.offline.pools import QUEUE_TYPE
from fleet.offline.registration import Registrations
from sizing import names

if TYPE_CHECKING:
    import pyarrow as pa

    from capacity.declared import Platform
    from capacity.expected import Expected, Month, Unable
    from fleet.offline.changes.comparison import FleetComparison, StackComparison


@dataclass(frozen=True, kw_only=True)
class ExpectedQueue:
    """A queue's expected month on both sides.

    Attributes:
        queue: its namespace.
        then: before; None where nothing is compared, or nothing can be told.
        now: None where nothing can be told, and where the queue is no more.
        gone: whether it is no more.
        unable: recorded runs that can't run as it is declared now.
        why: there is none now; empty where there is, or the queue is no more.
    """

    queue: str
    then: Month | None
    now: Month | None
    gone: bool = False
    unable: Unable | None = None
    why: str = ""

    @property
    def shown(self) -> Month | None:
        """Now, or before where the queue is no more."""
        return self.then if self.gone else self.now


@dataclass(frozen=True, kw_only=True)
class NamedTrace:
    """A trace, and what it says of the whole preview.

    Attributes:
        name: as somebody wrote it.
        jobs: recorded runs in it.
        weeks: that it covers.
        made_up: how many of the runs were generated.
        remarks: sentences on what it can't answer.
    """

    name: str
    jobs: int
    weeks: float
    made_up: int
    remarks: tuple[str, ...] = ()


def with_expected(
    comparison: FleetComparison,
    table: pa.Table,
    name: str,
    now: Sequence[Platform],
    then: Sequence[Platform] | None,
    unread: Sequence[str] = (),
) -> FleetComparison:
    """A comparison with the expected months of its queues.

    Only the platforms of its stacks are replayed; of what was, those that were otherwise. A queue that is declared as
    it was, on a platform whose shared nodes are, has one month: what a neighbour's change does to it is less than what
    a replay can tell.

    Args:
        comparison: without.
        table: the trace, as `capacity.traces.files.read` gives it.
        name: the trace's, for people.
        now: platforms as stack files declare them.
        then: the same before; None where nothing is compared.
        unread: stacks whose files before can't be read by the rules of today.
    """
    from capacity.expected import expected, made_up, weeks  # it needs the extra

    asked = {str(queue) for queue in table["queue"].unique().to_pylist()}
    stacks = {platform for stack in comparison.stacks for platform in _platforms_of(stack)}
    after = {one.stack: _with_jobs(one, asked) for one in now if one.stack in stacks}
    before = {one.stack: _with_jobs(one, asked) for one in then or () if one.stack in stacks}
    other = [one for stack, one in before.items() if after.get(stack) != one]
    found, earlier = expected(table, [*after.values()]), expected(table, other)
    declared = frozenset(queue for platform in now for queue in platform.queues)
    sides = _Sides(found, earlier, after, before, declared, compared=then is not None)
    several = sorted(queue for queue in asked if sum(queue in platform.queues for platform in now) > 1)
    undeclared = sorted(asked - {queue for platform in (*now, *(then or ())) for queue in platform.queues})
    remarks = [
        f"What it has of {', '.join(undeclared)} is left out: no stack in AWS that is right declares it."
    ] * bool(undeclared)
    remarks += [
        f"{', '.join(several)}: a queue of several platforms. A trace doesn't say of which, so each is given all "
        "of its jobs; split the trace."
    ] * bool(several)
    remarks += [
        f"{stack}: work piles up. Its queues take {times:.1f} times as long for these jobs as they took in the trace."
        for stack, times in found.behind.items()
    ]
    if not_known := [one.stack for one in comparison.stacks if one.stack in unread]:
        remarks.append(
            f"Before, not known: expected months of {', '.join(not_known)} (today's rules refuse those files)."
        )
    return replace(
        comparison,
        trace=NamedTrace(
            name=name, jobs=table.num_rows, weeks=weeks(table), made_up=made_up(table), remarks=tuple(remarks)
        ),
        stacks=tuple(replace(one, expected=tuple(sides.queues(one))) for one in comparison.stacks),
    )


@dataclass(frozen=True)
class _Sides:
    """What was found before and after, and of what."""

    found: Expected
    earlier: Expected
    after: Mapping[str, Platform]
    before: Mapping[str, Platform]
    declared: frozenset[str]
    compared: bool

    def queues(self, stack: StackComparison) -> list[ExpectedQueue]:
        """Of a stack's queues, by name."""
        here = _queues_of(stack.registrations)
        there = _queues_of(stack.before.registrations if stack.before else None)
        platforms = [side.platform if side else "" for side in (stack.before, stack.after)]
        return [self._queue(queue, *platforms, gone=queue not in here) for queue in sorted({*here, *there})]

    def _queue(self, queue: str, former: str, platform: str, *, gone: bool) -> ExpectedQueue:
        now = None if gone else self.found.months.get((platform, queue))
        unable = None if gone else self.found.unable.get((platform, queue))
        as_it_was = former == platform and self._as_it_was(queue, platform)
        then = (now if as_it_was else self.earlier.months.get((former, queue))) if self.compared else None
        if gone or now:
            why = ""
        elif unable:
            why = "none of its recorded jobs can run as it is declared"
        elif queue in self.declared:
            why = "the trace has no job of it"
        else:
            why = "its stack is wrong, or its platform is not one in AWS"
        return ExpectedQueue(queue=queue, then=then, now=now, gone=gone, unable=unable, why=why)

    def _as_it_was(self, queue: str, platform: str) -> bool:
        now, then = self.after.get(platform), self.before.get(platform)
        if now is None or then is None or queue not in now.queues:
            return False
        shared = replace(now, queues={}) == replace(then, queues={})
        return shared and now.queues[queue] == then.queues.get(queue)


def _with_jobs(platform: Platform, asked: set[str]) -> Platform:
    """Without the queues that the trace has no run of."""
    return replace(platform, queues={name: queue for name, queue in platform.queues.items() if name in asked})


def _platforms_of(stack: StackComparison) -> set[str]:
    """The stacks of the platforms that it is on, or is."""
    return {side.platform or side.stack for side in (stack.before, stack.after) if side}


def _queues_of(registrations: Registrations | None) -> set[str]:
    queues = registrations.of_type(QUEUE_TYPE) if registrations else ()
    return {names.namespace(queue.inputs["tenant"], queue.inputs["queue"]) for queue in queues}
