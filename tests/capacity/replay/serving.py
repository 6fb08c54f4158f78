"""The part of the step-by-step reference that is about YuniKorn: who gets a place, and whose pods are marked."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import partial

from tests.capacity.replay.autoscaling import Autoscaling
from tests.capacity.replay.counting import Counting
from tests.capacity.replay.things import Job, Pod, Pool, Queue

MARKS = 8
"""Pods that YuniKorn marks before it looks again at what waits."""


class Serving(Autoscaling):
    """Places and marks."""

    queues: list[Queue]
    marking: bool
    turn: int
    seen: Counting

    @abstractmethod
    def driver_up(self, job: Job) -> None: ...

    @abstractmethod
    def give_places_back(self, job: Job) -> None: ...

    @abstractmethod
    def executor_up(self, job: Job) -> None: ...

    def place_drivers(self) -> None:
        """In the order of admission; one that fits nowhere doesn't hinder the next."""
        for job in list(self.drivers):
            assert job.driver_pod
            node = self.pools[0].node_for(job.driver_pod)
            if node:
                self.drivers.remove(job)
                job.driver_pod.node = node
                node.pods.add(job.driver_pod)
                if job.reserving:
                    self.reserve(job)
                else:
                    self.say(self.now + self.pace.driver_start, partial(self.driver_up, job))

    def place_executors(self, pool: Pool) -> None:
        """By the order of the queue, pod by pod; the lane for backfill last."""
        for lane in pool.lanes():
            if lane and self.queues[lane[0].given.queue].given.fair:
                self.place_fairly(pool, lane)
            else:
                for job in lane:
                    while job.waiting and self.bind(pool, job):
                        pass

    def place_fairly(self, pool: Pool, lane: list[Job]) -> None:
        """Always to the job that has the smallest share, as long as its next pod fits somewhere."""

        def share(job: Job) -> float:
            size = max(job.given.cpu / pool.given.cpu, job.given.memory / pool.given.memory)
            return float(len(job.executors) * size)

        refused: set[Job] = set()
        while asking := [job for job in lane if job.waiting and job not in refused]:
            job = min(asking, key=share)
            if not self.bind(pool, job):
                refused.add(job)

    def bind(self, pool: Pool, job: Job) -> bool:
        """A job's next executor gets a place, if there is one."""
        pod = job.waiting[0]
        pod.node = pool.node_for(pod)
        if not pod.node:
            return False
        job.waiting.remove(pod)
        job.executors.append(pod)
        pod.node.pods.add(pod)
        pod.bound = self.now
        self.seen.counted[self.pools.index(pool)].got += 1
        if job.reserving:
            self.reserve(job)
        else:
            self.say(self.now + self.pace.executor_start, partial(self.executor_up, job))
        return True

    def reserve(self, job: Job) -> None:
        """A gang got a place: it has so much time for all, and starts with the last."""
        if not job.timer:
            job.timer = self.say(self.now + self.pace.gang_timeout, partial(self.give_places_back, job))
        if job.driver_pod and job.driver_pod.node and len(job.executors) == job.given.minimum:
            self.call_off(job.timer)
            self.say(self.now + self.pace.driver_start, partial(self.driver_up, job))

    def wake_marking(self) -> None:
        """YuniKorn's next round is half an interval after the next multiple of it, if there is none to come."""
        if not self.marking:
            self.marking = True
            interval = self.pace.inspection_interval
            self.say((math.floor(self.now / interval) + 1.5) * interval, self.mark)

    def mark(self) -> None:
        """Pods that wait, and that the queue has room for, get the mark that the autoscaler looks at."""
        found = self.markable()[:MARKS]
        for pod in found:
            pod.marked = True
        self.turn = (self.turn + 1) % (len(self.pools) - 1)
        if not found:
            self.marking = False
            return
        after = self.now + len(found) * self.pace.mark
        self.say(after if len(found) == MARKS else after + self.pace.inspection_interval, self.mark)
        self.call()

    def in_turn(self) -> list[Pool]:
        """Executor pools, from that on whose turn it is."""
        pools = self.pools[1:]
        return pools[self.turn :] + pools[: self.turn]

    def markable(self) -> list[Pod]:
        """Drivers first, then those of each pool in turn, each up to what its maximum holds."""
        pods = [job.driver_pod for job in self.drivers if job.driver_pod and not job.driver_pod.marked]
        for pool in self.in_turn():
            jobs = [job for lane in pool.lanes() for job in lane]
            counted = [pod for job in jobs for pod in job.executors + [pod for pod in job.waiting if pod.marked]]
            cpu = pool.given.maximum * pool.given.cpu - sum(pod.cpu for pod in counted)
            memory = pool.given.maximum * pool.given.memory - sum(pod.memory for pod in counted)
            for job in jobs:
                for pod in job.waiting:
                    if not pod.marked and pod.cpu <= cpu and pod.memory <= memory:
                        pods.append(pod)
                        cpu, memory = cpu - pod.cpu, memory - pod.memory
        return pods
