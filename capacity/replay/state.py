"""What changes during a replay, as arrays, and the list of what happens next."""

from __future__ import annotations

from heapq import heappush
from typing import Final, NamedTuple

import numpy as np

from capacity.replay.compiled import compiled
from capacity.replay.world import DRIVER_POOL, EXECUTOR, Floats, Ints, Rows, World, rows

SUBMIT: Final = 0
DRIVER_UP: Final = 1
EXECUTORS_UP: Final = 2
ASK: Final = 3
GROW: Final = 4
STEP: Final = 5
IDLE: Final = 6
END: Final = 7
NODE_UP: Final = 8
NODE_GONE: Final = 9
INTERRUPT: Final = 10
CHANGE: Final = 11
MARK: Final = 12
LOOP: Final = 13
GANG_TIMEOUT: Final = 14

Event = tuple[float, int, int, int, int]
"""Time, running number (what was said first happens first), kind, of which job, node or change, and a number more."""

FUTURE: Final = 0
WAITING: Final = 1
DRIVER_PENDING: Final = 2
RUNNING: Final = 3
ENDED: Final = 4

NO_PLACE: Final = 1
SOME_PLACES: Final = 2

FREE: Final = 0
BOOTING: Final = 1
READY: Final = 2
LEAVING: Final = 3

SAID: Final = 0
LOOP_NUMBER: Final = 1
MARKING: Final = 2
LEFT: Final = 3
TURN: Final = 4
SERVED: Final = 5
PASS: Final = 6
HAPPENED: Final = 7
"""Positions in `State.numbers`: events so far, the valid look of the autoscaler, whether marks are to come, jobs that
have not ended, the executor pool whose pods are marked next, pools in which just now nobody lacks a place any more, the
present pass over a pool's jobs, and events that happened."""

NEVER: Final = -1.0
NONE: Final = -1


POOL: Final = np.dtype(
    [
        ("minimum", np.int64),  # as schedules have changed it
        ("first", np.int64),  # its first place for a node
        ("last", np.int64),  # behind its last place
        ("end", np.int64),  # behind its last place that was taken
        ("pending", np.int64),  # executors without a place
        ("marked", np.int64),  # those of them that are marked as unschedulable
        ("nodes", np.int64),  # booting and ready
        ("leaving", np.int64),
        ("added", np.float64),  # when it was enlarged last
        ("backoff", np.float64),  # until when it isn't
        ("refusals", np.int64),  # of AWS, one after another
        ("booting", np.int64),
        ("empty", np.int64),  # Ready, without pods
        ("used", np.float64),  # sum of the larger shares of CPU and memory that pods have of its nodes
        ("reckoned", np.float64),  # until when what follows is reckoned: seconds of nodes
        ("kept_seconds", np.float64),  # empty, for the minimum
        ("spare_seconds", np.float64),  # empty, beyond it
        ("leaving_seconds", np.float64),
        ("used_seconds", np.float64),  # the share of nodes with pods that these use
        ("partly_seconds", np.float64),  # the other share
        ("boot_clock", np.float64),  # seconds in which nodes booted, or it could grow and AWS may be asked
        ("refused_clock", np.float64),  # in which it could grow, and AWS isn't asked since it refused
        ("room_clock", np.float64),  # the others: it was at its maximum
        ("short_since", np.float64),  # since when there are executors without a place
        ("short_event", np.int64),  # the number of the event in which they all had one last
        ("placed", np.int64),  # executors that got a place since then
        ("burst_begin", np.float64),  # the same of those that all have places since just now; NEVER for none
        ("burst_placed", np.int64),
    ]
)
NODE: Final = np.dtype(
    [
        ("state", np.int64),
        ("pool", np.int64),
        ("cpu", np.int64),  # free
        ("memory", np.int64),
        ("pods", np.int64),
        ("unneeded", np.float64),  # since when the autoscaler has seen it empty
        ("asked", np.float64),
        ("ready", np.float64),
        ("number", np.int64),  # which of the nodes that had this place
    ]
)
JOB: Final = np.dtype(
    [
        ("state", np.int64),
        ("next", np.int64),  # in the list of its queue, later of its pool
        ("previous", np.int64),
        ("driver_node", np.int64),
        ("driver_marked", np.int64),
        ("reserving", np.int64),  # `NO_PLACE` or `SOME_PLACES`: a gang that takes places before its driver starts
        ("pending", np.int64),  # executors without a place
        ("oldest", np.int64),  # where in `State.created` the one of them that was created first is
        ("marked", np.int64),
        ("bound", np.int64),  # with a place
        ("running", np.int64),  # that take tasks
        ("want", np.int64),  # that its tasks could use
        ("target", np.int64),  # that it has or asks for
        ("adding", np.int64),  # that dynamic allocation adds next; 0 while it wants no more
        ("asking", np.int64),
        ("phase", np.int64),
        ("tasks_begun", np.int64),
        ("progress", np.float64),
        ("since", np.float64),  # when `progress` was reckoned
        ("held_since", np.float64),  # when `executor_seconds` was reckoned
        ("step", np.int64),  # number of the valid next one
        ("idle", np.int64),
        ("submitted", np.float64),
        ("admitted", np.float64),
        ("driver", np.float64),
        ("first", np.float64),
        ("all", np.float64),  # when the peak was reached
        ("most", np.int64),  # executors asked for at once
        ("peak", np.int64),  # executors running at once
        ("ended", np.float64),
        ("executor_seconds", np.float64),
        ("task_seconds", np.float64),
        ("lost", np.int64),
        ("refused", np.int64),  # the pass in which no node had room for its executors
        ("boot_wait", np.float64),  # seconds with executors without a place while nodes booted or the pool could grow
        ("room_wait", np.float64),  # the same while the pool was at its maximum
        ("refused_wait", np.float64),  # the same while AWS had refused nodes, and none booted
        ("boot_since", np.float64),  # the pool's clocks when the present wait began
        ("room_since", np.float64),
        ("refused_since", np.float64),
        ("driver_refused", np.float64),  # seconds in which its driver had no place, and AWS had refused driver nodes
        ("driver_refused_since", np.float64),  # the driver pool's clock when it was admitted
    ]
)


LINK: Final = np.dtype([("next", np.int64), ("previous", np.int64)])
"""Of a list in which a job is besides that of its pool."""


class State(NamedTuple):
    """All that changes.

    Args:
        now: the present; one number.
        numbers: by the positions above.
        looks: when the autoscaler's next look is due, when the present one ends, and whether the last one changed the
            size of a pool (1 or 0).
        pools: rows of `POOL`.
        nodes: rows of `NODE`, a place for a node each.
        running: jobs that run, by queue.
        queue_head, queue_tail: jobs that wait for their turn, by queue and lane.
        list_head, list_tail: jobs that run, by pool and lane.
        drivers: head and tail of the jobs whose driver waits for a node.
        driver_links: rows of `LINK`, by job: who comes before and behind it among these.
        seats: places of executors' nodes.
        created: when executors without a place were; of each job as a ring, in as many places as it has seats.
        jobs: rows of `JOB`.
    """

    now: Floats
    numbers: Ints
    looks: Floats
    pools: Rows
    nodes: Rows
    running: Ints
    queue_head: Ints
    queue_tail: Ints
    list_head: Ints
    list_tail: Ints
    drivers: Ints
    driver_links: Rows
    seats: Ints
    created: Floats
    jobs: Rows


def beginning(world: World) -> State:
    """The state before anything happened: no node, no job."""
    places = 2 * world.pools["maximum"] + 8
    last = np.cumsum(places)
    pools = rows(POOL, len(places), minimum=world.pools["minimum"], first=last - places, last=last, added=-1e18)
    pools["end"], pools["backoff"], pools["burst_begin"] = pools["first"], NEVER, NEVER
    seats = int((world.jobs["seat"] + world.jobs["maximum"]).max(initial=0))
    jobs = rows(JOB, len(world.jobs), next=NONE, previous=NONE, driver_node=NONE)
    for time in ("submitted", "admitted", "driver", "first", "all", "ended"):
        jobs[time] = NEVER
    lanes = {"queue": 2 * len(world.queues), "list": 2 * len(places)}
    return State(
        now=np.zeros(1),
        numbers=np.zeros(8, np.int64),
        looks=np.array([NEVER, NEVER, 0.0]),
        pools=pools,
        nodes=rows(NODE, int(last[-1]), pool=np.repeat(np.arange(len(places)), places), unneeded=NEVER, ready=NEVER),
        running=np.zeros(len(world.queues), np.int64),
        queue_head=np.full(lanes["queue"], NONE),
        queue_tail=np.full(lanes["queue"], NONE),
        list_head=np.full(lanes["list"], NONE),
        list_tail=np.full(lanes["list"], NONE),
        drivers=np.full(2, NONE),
        driver_links=rows(LINK, len(world.jobs), next=NONE, previous=NONE),
        seats=np.full(seats, NONE),
        created=np.zeros(seats),
        jobs=jobs,
    )


@compiled
def say(numbers: Ints, events: list[Event], time: float, kind: int, what: int, number: int) -> None:
    """Something will happen. Takes the state's `numbers`."""
    heappush(events, (time, numbers[SAID], kind, what, number))
    numbers[SAID] += 1


@compiled
def lane(world: World, job: int, of: int) -> int:
    """Position of a job's lane among the lists of pools, or of queues."""
    return 2 * of + int(world.jobs[job].backfill)


@compiled
def append(head: Ints, tail: Ints, links: Rows, of: int, job: int) -> None:
    """Puts a job at a list's end."""
    links[job].next = NONE
    links[job].previous = tail[of]
    if tail[of] == NONE:
        head[of] = job
    else:
        links[tail[of]].next = job
    tail[of] = job


@compiled
def remove(head: Ints, tail: Ints, links: Rows, of: int, job: int) -> None:
    """Takes a job out of a list."""
    before, behind = links[job].previous, links[job].next
    if before == NONE:
        head[of] = behind
    else:
        links[before].next = behind
    if behind == NONE:
        tail[of] = before
    else:
        links[behind].previous = before


@compiled
def is_driver_pool(pool: int) -> bool:
    """Whether nodes of a pool hold drivers, which never leave."""
    return bool(pool == DRIVER_POOL)


@compiled
def is_executor(world: World, job: int) -> bool:
    """Whether what is called a job is one executor of a recorded run."""
    return bool(world.jobs[job].kind == EXECUTOR)
