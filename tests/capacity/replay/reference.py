"""A replay step by step, in plain objects: slow, and what the compiled one is compared with.

Nothing is counted that can be counted anew, nothing is kept in order that can be sorted, pods are placed and marked
one by one, and what is void is called off. Events at one time happen in the order in which they were said.

Random numbers are drawn from one stream in these places, and nowhere else:
- a request for nodes, where requests may be refused and AWS has any capacity: one; if it isn't refused, one for each
  node's boot time;
- a node that gets Ready (or is there from the beginning) in a pool with interruptions: one, for when it is taken;
- an executor that leaves while others of its job stay: one, for which it is. The last one of the job's list takes
  its place in the list.
What a phase's tasks have done is reckoned whenever the job's executors change, and for all jobs of a pool when AWS
takes a node of it, so that sums of times are the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from capacity.replay.world import World
from tests.capacity.replay.counting import Counting
from tests.capacity.replay.serving import Serving
from tests.capacity.replay.things import Event, Job, Node, Pod, Pool, Queue, given


class Reference(Serving):
    """One replay.

    Args:
        world: jobs and what they run on.
        seed: of the stream of random numbers.
        every: seconds between samples; 0 for none.
    """

    def __init__(self, world: World, seed: int, every: float = 0.0) -> None:
        self.random = np.random.RandomState(seed)
        self.now = 0.0
        self.said = 0
        self.agenda: list[Event] = []
        self.lives: list[tuple[int, float, float, float]] = []
        self.boots = [float(boot) for boot in world.boots]
        self.until = float(world.until[0])
        self.pace = given(world.pace[0])
        self.pools = [Pool(given(row), int(row["minimum"])) for row in world.pools]
        self.queues = [Queue(given(row)) for row in world.queues]
        phases = [given(row) for row in world.phases]
        self.jobs = [Job(given(row), phases[row["phase"] : row["phases"]]) for row in world.jobs]
        for job in self.jobs:
            after = job.given.first_follower
            while after >= 0:
                job.followers.append(self.jobs[after])
                after = self.jobs[after].given.next_follower
        self.seen = Counting(self.pools, self.jobs, every)
        self.drivers: list[Job] = []
        """Admitted jobs whose driver waits for a node, in order."""
        self.marking = False
        self.turn = 0
        self.looking: Event | None = None
        self.look_ends = -1.0
        self.resized = False
        """Whether the last look changed the size of a pool."""
        self.changes = [given(row) for row in world.changes]

    def say(self, time: float, happens: Callable[[], None]) -> Event:
        """Something will happen."""
        event = Event(time, self.said, happens)
        self.said += 1
        self.agenda.append(event)
        return event

    def call_off(self, event: Event | None) -> None:
        """It won't happen after all."""
        if event in self.agenda:
            self.agenda.remove(event)

    def run(self) -> None:
        """All of it."""
        for pool in self.pools:
            for _ in range(pool.minimum):
                self.node_up(self.new_node(pool, 0.0))
        for change in self.changes:
            self.say(change.time, partial(self.change, self.pools[change.pool], change.minimum))
        for job in self.jobs:
            if job.given.submitted >= 0:
                self.say(job.given.submitted, partial(self.submit, job))
        self.look_at(0.0)
        while True:
            event = min(self.agenda, key=lambda event: (event.time, event.order))
            if all(job.ended >= 0 for job in self.jobs) and event.time > self.until:
                break
            self.seen.sample(event.time, self.drivers, ended=False)
            self.seen.passes(self.now, event.time)
            self.agenda.remove(event)
            self.now = event.time
            event.happens()
            self.seen.note_bursts(self.now)
        self.seen.passes(self.now, max(self.now, self.until))
        self.now = max(self.now, self.until)
        self.seen.sample(self.now, self.drivers, ended=True)
        for pool in self.pools:
            for node in pool.nodes:
                self.note_life(node)

    def note_life(self, node: Node) -> None:
        """A node's life is over, or the replay is."""
        self.lives.append((self.pools.index(node.pool), node.asked, node.ready, self.now))

    def change(self, pool: Pool, minimum: int) -> None:
        """A schedule's change; the group starts what lacks at once, whatever the autoscaler does."""
        pool.minimum = minimum
        if pool.size < minimum:
            self.add_nodes(pool, minimum - pool.size, self.now)

    # The life of a job

    def submit(self, job: Job) -> None:
        """A job is created: its queue's turn decides. A recorded executor is a pod at once."""
        job.submitted = self.now
        if job.is_executor:
            job.want = job.target = job.most = 1
            job.waiting = [Pod(job.given.cpu, job.given.memory, self.now)]
            self.pool(job).jobs.append(job)
            self.say(max(self.now, job.given.end), partial(self.end, job))
            self.place_executors(self.pool(job))
            self.wake_marking()
            return
        queue = self.queues[job.given.queue]
        queue.waiting.append(job)
        self.admit(queue)

    def admit(self, queue: Queue) -> None:
        """Jobs of a queue may run while it has room for more, those of the lane for backfill last."""
        while queue.waiting and len(queue.running) < queue.given.jobs:
            job = min(queue.waiting, key=lambda job: job.given.backfill)
            queue.waiting.remove(job)
            queue.running.append(job)
            job.admitted = self.now
            job.driver_pod = Pod(job.given.driver_cpu, job.given.driver_memory, self.now)
            self.drivers.append(job)
            gang = job.given.gang and job.given.minimum > 0
            if gang:
                job.reserving = True
                job.want = job.target = job.most = job.given.minimum
                job.waiting = [Pod(job.given.cpu, job.given.memory, self.now) for _ in range(job.given.minimum)]
                self.pool(job).jobs.append(job)
            self.place_drivers()
            if gang:
                self.place_executors(self.pool(job))
            self.wake_marking()

    def pool(self, job: Job) -> Pool:
        """Whose nodes a job's executors take."""
        position: int = job.given.pool
        return self.pools[position]

    def driver_up(self, job: Job) -> None:
        """The driver asks for the least executors in one step, and begins with its first phase.

        Executors of a gang take the places that are held for them, in batches.
        """
        job.driver = self.now
        if job.reserving:
            job.reserving = False
            self.call_off(job.timer)
            time = self.now + self.pace.executor_start
            for position in range(len(job.executors)):
                if position and position % int(self.pace.batch_size) == 0:
                    time += self.pace.batch_delay
                self.say(time, partial(self.executor_up, job))
        else:
            self.pool(job).jobs.append(job)
        if job.given.minimum > 0:
            job.target = job.want = job.given.minimum
            job.asking = True
            self.ask(job)
        self.next_phase(job)

    def give_places_back(self, job: Job) -> None:
        """A gang that didn't get all places in time goes on as any other job."""
        self.let_go(job, len(job.executors))
        job.waiting = []
        job.want = job.target = 0
        job.reserving = False
        self.pool(job).jobs.remove(job)
        if job not in self.drivers:
            self.say(self.now + self.pace.driver_start, partial(self.driver_up, job))
        self.place_executors(self.pool(job))
        self.wake_marking()

    def next_phase(self, job: Job) -> None:
        """The driver works alone, and the least executors are enough meanwhile; or the job ends."""
        job.phase += 1
        job.in_tasks = False
        if job.phase == len(job.phases):
            self.end(job)
            return
        self.wants(job, job.given.minimum)
        self.call_off(job.step)
        job.step = self.say(self.now + job.phases[job.phase].driver, partial(self.begin_tasks, job))

    def begin_tasks(self, job: Job) -> None:
        """The driver's own work has ended."""
        phase = job.phases[job.phase]
        job.in_tasks, job.progress, job.since = True, 0.0, self.now
        useful = math.ceil(phase.tasks / job.given.slots)
        self.wants(job, min(job.given.maximum, max(job.given.minimum, useful)))
        if phase.tasks > 0:
            self.foresee(job)
        else:
            self.tasks_done(job)

    def tasks_done(self, job: Job) -> None:
        """All tasks of a phase have ended."""
        job.task_seconds += job.phases[job.phase].task_seconds
        self.next_phase(job)

    def reckon(self, job: Job) -> None:
        """How far a phase has come by now, with the executors of until now."""
        if job.in_tasks and job.running > 0:
            job.progress += (self.now - job.since) / job.seconds()
        job.since = self.now

    def foresee(self, job: Job) -> None:
        """When a phase's tasks end with the executors of now."""
        if not job.in_tasks:
            return
        self.call_off(job.step)
        if job.running > 0:
            left = max(0.0, 1.0 - job.progress) * job.seconds()
            job.step = self.say(self.now + left, partial(self.tasks_done, job))

    def end(self, job: Job) -> None:
        """All pods go; the place in the queue is another's, followers come after their gap."""
        self.let_go(job, len(job.executors))
        job.waiting = []
        job.ended = self.now
        self.call_off(job.step)
        self.call_off(job.idle)
        self.pool(job).jobs.remove(job)
        if job.driver_pod and job.driver_pod.node:
            job.driver_pod.node.pods.remove(job.driver_pod)
            queue = self.queues[job.given.queue]
            queue.running.remove(job)
            self.place_drivers()
            self.admit(queue)
        for follower in job.followers:
            self.say(self.now + follower.given.gap, partial(self.submit, follower))
        self.place_executors(self.pool(job))
        self.wake_marking()

    # Dynamic allocation

    def wants(self, job: Job, executors: int) -> None:
        """Tasks could use so many executors: more come in rounds, pods without a place are withdrawn, others idle."""
        job.want = executors
        self.call_off(job.idle)
        if job.target < executors:
            if job.adding == 0:
                job.adding = 1
                self.say(self.now + self.pace.backlog, partial(self.grow, job))
            return
        job.target = max(executors, len(job.executors))
        job.waiting = job.waiting[: job.target - len(job.executors)]
        if len(job.executors) > executors:
            job.idle = self.say(self.now + self.pace.idle, partial(self.idled, job))

    def grow(self, job: Job) -> None:
        """A round: one more, two more, four more."""
        if job.ended >= 0:
            return
        if job.target >= job.want:
            job.adding = 0
            return
        job.target = min(job.want, job.target + job.adding)
        job.adding *= 2
        self.ask_soon(job)
        self.say(self.now + self.pace.backlog, partial(self.grow, job))

    def ask_soon(self, job: Job) -> None:
        """Batches are asked for, unless they are already."""
        if not job.asking:
            job.asking = True
            self.say(self.now, partial(self.ask, job))

    def ask(self, job: Job) -> None:
        """A batch of executors; the next one after the delay."""
        if job.ended >= 0:
            return
        short = job.target - len(job.executors) - len(job.waiting)
        if short <= 0:
            job.asking = False
            return
        for _ in range(min(short, int(self.pace.batch_size))):
            job.waiting.append(Pod(job.given.cpu, job.given.memory, self.now))
        job.most = max(job.most, len(job.executors) + len(job.waiting))
        self.say(self.now + self.pace.batch_delay, partial(self.ask, job))
        self.place_executors(self.pool(job))
        if job.waiting:
            self.wake_marking()

    def executor_up(self, job: Job) -> None:
        """One more takes tasks, if there are so many still: who starts isn't told from who left since."""
        if job.ended >= 0:
            return
        self.reckon(job)
        job.running = min(len(job.executors), job.running + 1)
        if job.first < 0 and job.running > 0:
            job.first = self.now
        if job.running > job.peak:
            job.peak, job.all = job.running, self.now
        self.foresee(job)

    def idled(self, job: Job) -> None:
        """Those whom tasks didn't use for the idle time go."""
        surplus = len(job.executors) - job.want
        if surplus <= 0:
            return
        self.reckon(job)
        self.let_go(job, surplus)
        job.target = len(job.executors)
        self.foresee(job)
        self.place_executors(self.pool(job))
        self.wake_marking()

    def let_go(self, job: Job, count: int) -> None:
        """So many executors end: any of them, or all."""
        everyone = count == len(job.executors)
        for _ in range(count):
            chosen = len(job.executors) - 1
            if not everyone:
                chosen = int(self.random.random_sample() * len(job.executors))
            self.drop(job, chosen)
        job.running = min(job.running, len(job.executors))

    def drop(self, job: Job, chosen: int) -> None:
        """An executor of the list is no more."""
        pod = job.executors[chosen]
        job.executors[chosen] = job.executors[-1]
        job.executors.pop()
        job.executor_seconds += self.now - pod.bound
        if pod.node:
            pod.node.pods.remove(pod)

    def taken(self, node: Node) -> None:
        """AWS takes a node: its executors are lost, and asked for anew where they are wanted still."""
        if node.state != "ready":
            return
        for job in [job for lane in node.pool.lanes() for job in lane]:
            self.reckon(job)
            before = len(job.executors)
            for position in reversed(range(before)):
                if job.executors[position].node is node:
                    self.drop(job, position)
            lost = before - len(job.executors)
            if lost:
                job.lost += lost
                job.running = min(job.running, len(job.executors))
                job.target = max(len(job.executors), min(job.target, job.want))
                if not job.reserving:
                    self.ask_soon(job)
                self.foresee(job)
        self.node_gone(node)
