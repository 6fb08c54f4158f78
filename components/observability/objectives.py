"""What the platform promises, and from where on somebody must act: every limit that rules and alerts know.

docs/slo.md says the same to people; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from components.nodes.autoscaler import FLAGS
from components.observability.crds import SCRAPE_INTERVAL
from sizing.autoscaling_tags import DELAY_AFTER_SCALE_OUT, LONGEST_UNNEEDED, UNNEEDED_TIME
from sizing.daemonsets import AWS_DAEMON_SETS
from sizing.durations import DAY, parse_duration
from sizing.nodes import Resources
from sizing.quantities import GIB

SECONDS_TO_LEAVE: Final = 2 * parse_duration(FLAGS["scan-interval"].value) + 120
"""Seconds from unneeded to gone: two scans may pass; then the instance shuts down and the cloud controller notices, for
which two minutes are granted."""


@dataclass(frozen=True)
class BurnRate:
    """When a budget of errors goes too fast: in a long window, and still in a short one.

    Attributes:
        factor: how many times faster than would use the budget up in 30 days.
        long: seconds.
        short: seconds, a twelfth of the long.
    """

    factor: float
    long: int
    short: int


FAST_BURNS: Final = (BurnRate(14.4, 3600, 300), BurnRate(6, 6 * 3600, 1800))
"""2 % of the budget in an hour, 5 % in six: somebody is woken.

Source: https://sre.google/workbook/alerting-on-slos/ (6: multiwindow, multi-burn-rate alerts)
"""
SLOW_BURNS: Final = (BurnRate(3, 86400, 2 * 3600), BurnRate(1, 3 * 86400, 6 * 3600))
"""10 % of the budget in a day, or in three: work for the day. Same source."""


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """Limits and how often is looked. Seconds where nothing else is said.

    Attributes:
        scrape: between scrapes of kube-state-metrics, the autoscaler and YuniKorn.
        interval: between evaluations; two scrapes, so that nothing seen is seen in one of them only.
        settling: after which what happened is surely scraped: two scrapes.
        money_interval: between evaluations of what looks back over days.
        peak_window: over which a fixed cluster's size and the saving are found: a week has its nights and its weekend.
        scale_out: from unschedulable to a place on a ready node; the talk's 2 -> 200 nodes take up to 5 minutes, and
            smaller ones must not take longer.
        scale_out_share: of pods that must make it: 1 % is left for capacity that AWS hasn't got at once.
        few: late pods in a window that alarm nobody, however few were in time: shares of three pods tell nothing.
        small: nodes missing at most in a small scale-out: one batch of a small job.
        medium: the same of a medium one; above it is large.
        driver_start: from leaving the queue to a running container. Headroom means that no node has to boot: the image
            is pulled, and the container starts.
        driver_unschedulable: how long a driver may wait for a node, which headroom should make 0; else for one to boot.
        executor_allocation: from leaving the queue to a running container: a scale-out and an image pull.
        queue_wait: of a driver in its queue; beyond it the queue has fewer applications at once than its people start.
        unneeded: how long nodes stay empty, in pools that have no time of their own: a setting of the platform.
        delay_after_scale_out: how long after a scale-out no node of the group counts as empty: another one.
        node_age: of a node, or of the AMI that it runs, from which it lacks too many patches.
        node_age_lasting: for how long that must be so; nobody is in a hurry.
        empty_lasting: for how long nodes may be empty too long until somebody looks; a slow call to AWS repeats within.
        pool_full: share of the driver pool's maximum; the driver pool never shrinks by itself, so there is time left.
        beyond_maximum: how long a pool may have more nodes than its maximum, which the autoscaler holds: as long as
            empty ones may stay and nobody is told.
        at_maximum: how long jobs may wait at a pool's maximum before their owner hears of it.
        backoff: how long a group may be in backoff while pods wait; the autoscaler's first backoff is 5 minutes.
        autoscaler_silent: since its last loop, which starts every 10 seconds and takes seconds.
        autoscaler_unsafe: how long it may find the cluster unsafe; it recovers by itself from a burst of new nodes.
        down: how long software may be silent: restarts and leader changes take less.
        scheduling_p99_ms: of one YuniKorn cycle, whose histogram has powers of ten; 10,000 pods take some 10 ms.
        submission_p90: of spark-submit in the operator, a JVM's start; measured at 10 s on a slow machine.
        operator_backlog: submissions that wait while all workers are busy.
        queue_stuck: how long pods may wait inside the queue's maximum with none being placed and no node asked for.
        queue_room: share of the maximum above which a queue counts as full: the next pod may not fit the rest.
        without_ask: how long a pod may wait without YuniKorn being asked for it, which happens within a second, and for
            how long that must be so.
        headroom_drivers: drivers that must fit at any time.
        headroom_driver: what one of them requests.
        daemon_sets: what those of kube-system request on each node; of no pod there anything is scraped.
        headroom_gone: how long there may be no room for a single driver: a node's boot and the autoscaler's scans.
        logs_window: how far back is looked for what should have been read, or was not delivered.
        logs_settling: after its start a container has surely written something, and Fluent Bit has read it.
        logs_missing: for how long that must be so; a busy node's, or a restarted Fluent Bit's, delay is over by then.
        credentials_window: how far back is looked for credentials that were refused: a burst of executors takes less.
        credentials_refused: requests in that time; what is refused once or twice is asked for again.
        door_window: how far back is looked for what the door answered.
        door_failing: the share of its answers that may say that something failed.
        door_refusing: the share that may refuse somebody.
        door_requests: in that time; of fewer, a share says little.
        scrape_failing: how long targets of the platform's own may not answer.
        applications: SparkApplications in the cluster, of all queues: more than weeks of tens of thousands leave there.
        applications_lasting: for how long there may be more, after a burst.
        storage: bytes of the API server's storage, of the 8 GiB at which EKS makes it read-only.
        targets_down: share of one job's targets above which that is so: nodes that leave do not answer, for a moment.
    """

    scrape: int = field(default_factory=lambda: parse_duration(SCRAPE_INTERVAL))
    interval: int = 30
    settling: int = 30
    money_interval: int = 60
    peak_window: int = 7 * 86400
    scale_out: int = 300
    scale_out_share: float = 0.99
    few: int = 10
    small: int = 10
    medium: int = 50
    driver_start: int = 60
    driver_unschedulable: int = 180
    executor_allocation: int = 360
    queue_wait: int = 1800
    unneeded: int = parse_duration(UNNEEDED_TIME)
    delay_after_scale_out: int = parse_duration(DELAY_AFTER_SCALE_OUT)
    node_age: int = 30 * DAY
    node_age_lasting: int = 3600
    empty_lasting: int = 600
    pool_full: float = 0.8
    beyond_maximum: int = 900
    at_maximum: int = 900
    backoff: int = 600
    autoscaler_silent: int = 180
    autoscaler_unsafe: int = 300
    down: int = 180
    scheduling_p99_ms: int = 100
    submission_p90: int = 60
    operator_backlog: int = 100
    queue_stuck: int = 900
    queue_room: float = 0.9
    without_ask: int = 300
    headroom_drivers: int = 1
    headroom_driver: Resources = field(default_factory=lambda: Resources(cpu=2000, memory=8 * GIB))
    daemon_sets: Resources = field(default_factory=lambda: sum((d.resources for d in AWS_DAEMON_SETS), Resources()))
    headroom_gone: int = 600
    applications: int = 50_000
    applications_lasting: int = 3600
    storage: int = 6 * GIB
    logs_window: int = 1800
    logs_settling: int = 300
    logs_missing: int = 600
    credentials_window: int = 600
    credentials_refused: int = 20
    door_window: int = 600
    door_failing: float = 0.05
    door_refusing: float = 0.5
    door_requests: int = 300
    scrape_failing: int = 600
    targets_down: float = 0.1

    @property
    def empty(self) -> int:
        """How long a node above the minimum may be empty: unneeded, its group's last scale-out over, then leaving."""
        return self.unneeded + self.delay_after_scale_out + SECONDS_TO_LEAVE

    @property
    def empty_longer(self) -> int:
        """The same in pools that wait longer by a time of their own, by the longest there may be: no rule can count by
        a series' value."""
        return LONGEST_UNNEEDED + self.delay_after_scale_out + SECONDS_TO_LEAVE

    @property
    def waits_window(self) -> int:
        """How far back waiting for a node is followed: until a late pod was counted, and as long again to show it."""
        return 2 * (self.scale_out + self.settling + self.interval)
