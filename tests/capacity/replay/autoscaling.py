"""The part of the step-by-step reference that is about nodes: cluster-autoscaler and AWS."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from tests.capacity.replay.things import Event, Job, Node, Pod, Pool


def _fits(pod: Pod, free: list[int]) -> bool:
    return pod.cpu <= free[0] and pod.memory <= free[1] and free[2] > 0


class Autoscaling(ABC):
    """What one look does, and how nodes come and go."""

    now: float
    random: np.random.RandomState
    boots: list[float]
    pace: Any
    pools: list[Pool]
    drivers: list[Job]
    looking: Event | None
    look_ends: float
    resized: bool

    @abstractmethod
    def say(self, time: float, happens: Callable[[], None]) -> Event: ...

    @abstractmethod
    def call_off(self, event: Event | None) -> None: ...

    @abstractmethod
    def place_drivers(self) -> None: ...

    @abstractmethod
    def place_executors(self, pool: Pool) -> None: ...

    @abstractmethod
    def taken(self, node: Node) -> None: ...

    @abstractmethod
    def note_life(self, node: Node) -> None: ...

    def look_at(self, time: float) -> None:
        """The next look is at this time."""
        self.call_off(self.looking)
        self.looking = self.say(time, self.look)

    def call(self) -> None:
        """A pod got its mark: the next look is now, or as soon as the present one has ended."""
        soon = max(self.now, self.look_ends)
        if self.looking and soon < self.looking.time:
            self.look_at(soon)

    def look(self) -> None:
        """One pool grows, empty nodes go, pools get their minima. Twice after that, there is no pause."""
        nodes = sum(pool.size for pool in self.pools)
        ends = self.look_ends = self.now + self.pace.loop_base + self.pace.loop_per_node * nodes
        needs = {pool: self.needed(pool) for pool in self.pools}
        helpless = [pod for _, _, pods in needs.values() for pod in pods]
        too_new = bool(helpless) and all(math.floor(pod.created) + self.pace.new_pods > self.now for pod in helpless)
        acted = not too_new and self.grow_one(needs, ends)
        acted |= self.shrink(ends, may=not too_new)
        acted |= self.fill(ends)
        self.look_at(ends if acted or self.resized else ends + self.pace.scan_interval)
        self.resized = acted

    def fill(self, ends: float) -> bool:
        """Pools below their minimum get what lacks."""
        short = [pool for pool in self.pools if pool.size < pool.minimum and self.now >= pool.refused_until]
        for pool in short:
            self.add_nodes(pool, pool.minimum - pool.size, ends)
        return bool(short)

    def grow_one(self, needs: dict[Pool, tuple[int, float, list[Pod]]], ends: float) -> bool:
        """Of pools that pods need, the one that would be filled best among those of the first rank."""
        may = [(pool, new, free) for pool, (new, free, _) in needs.items() if new and self.now >= pool.refused_until]
        chosen = min(may, key=lambda need: (need[0].given.rank, need[2]), default=None)
        if chosen:
            self.add_nodes(chosen[0], chosen[1], ends)
        return chosen is not None

    def needed(self, pool: Pool) -> tuple[int, float, list[Pod]]:
        """New nodes that hold the marked pods that booting ones don't, the share of them that stays free, and those
        pods, whether there may be so many nodes or not."""
        whole = [pool.given.cpu, pool.given.memory, pool.pods]
        drivers = pool is self.pools[0]
        there = [
            [node.cpu, node.memory, pool.pods - len(node.pods)]
            for node in pool.nodes
            if node.state == "booting" or (drivers and node.state == "ready")
        ]
        if drivers:
            pods = [job.driver_pod for job in self.drivers if job.driver_pod and job.driver_pod.marked]
            headroom = Pod(int(self.pace.headroom_cpu), int(self.pace.headroom_memory), -1e18)
            pods += [headroom] * int(self.pace.headroom_drivers)
        else:
            pods = [pod for lane in pool.lanes() for job in lane for pod in job.waiting if pod.marked]
        new: list[list[int]] = []
        helpless = []
        for pod in pods:
            free = next((free for free in there if _fits(pod, free)), None)
            if free is None:
                helpless.append(pod)
                free = next((free for free in new if _fits(pod, free)), None)
            if free is None and len(pool.nodes) + len(new) < pool.given.maximum and _fits(pod, whole):
                free = list(whole)
                new.append(free)
            if free is not None:
                free[0] -= pod.cpu
                free[1] -= pod.memory
                free[2] -= 1
        if not new:
            return 0, 0.0, helpless
        shares = [sum(free[kind] for free in new) / (len(new) * whole[kind]) for kind in (0, 1)]
        return len(new), sum(shares) / 2, helpless

    def shrink(self, ends: float, *, may: bool) -> bool:
        """Nodes that were empty in every look for the unneeded time go, so many at once, down to the minimum. A pool's
        own delay makes its nodes needed, the delay of all only keeps them."""
        going = sum(node.state == "leaving" for pool in self.pools for node in pool.nodes)
        acted = False
        delay = self.pace.delay_after_scale_out
        if self.pace.delay_of_all:
            may = may and all(pool.enlarged + delay <= ends for pool in self.pools)
        for pool in self.pools[1:]:
            delayed = not self.pace.delay_of_all and pool.enlarged + delay > ends
            for node in [node for node in pool.nodes if node.state == "ready"]:
                if node.pods or delayed:
                    node.unneeded = None
                    continue
                if node.unneeded is None:
                    node.unneeded = self.now
                long = self.now - node.unneeded >= pool.given.unneeded
                if may and long and going < int(self.pace.parallelism) and pool.size > pool.minimum:
                    node.state = "leaving"
                    going += 1
                    acted = True
                    self.say(ends + self.pace.removal, partial(self.node_gone, node))
        return acted

    def new_node(self, pool: Pool, asked: float) -> Node:
        """A node is asked for."""
        used = {node.number for node in pool.nodes}
        node = Node(pool, next(number for number in count() if number not in used), asked)
        pool.nodes = sorted([*pool.nodes, node], key=lambda node: node.number)
        return node

    def add_nodes(self, pool: Pool, number: int, time: float) -> None:
        """AWS gives them all, or refuses, after which the group isn't asked: twice as long each time, up to a limit."""
        none = self.pace.outage_begin <= time < self.pace.outage_begin + self.pace.outage_seconds
        if none or (self.pace.failure_share > 0 and self.random.random_sample() < self.pace.failure_share):
            longest = max(self.pace.backoff, self.pace.longest_backoff)
            pool.refused_until = time + min(longest, self.pace.backoff * 2**pool.refusals)
            pool.refusals += 1
            return
        pool.refusals = 0
        pool.enlarged = time
        for _ in range(number):
            node = self.new_node(pool, time)
            boot = self.boots[int(self.random.random_sample() * len(self.boots))]
            self.say(time + boot, partial(self.node_joins, node))

    def node_joins(self, node: Node) -> None:
        """A node is Ready, and what waits takes it."""
        self.node_up(node)
        if node.pool is self.pools[0]:
            self.place_drivers()
        else:
            self.place_executors(node.pool)

    def node_up(self, node: Node) -> None:
        """A node is Ready; of a Spot node it is known when AWS takes it."""
        node.state, node.ready = "ready", self.now
        rate = node.pool.given.interruptions
        if rate > 0:
            self.say(self.now - math.log(1.0 - self.random.random_sample()) / rate, partial(self.taken, node))

    def node_gone(self, node: Node) -> None:
        """A node is no more."""
        node.state = "gone"
        node.pool.nodes.remove(node)
        self.note_life(node)
