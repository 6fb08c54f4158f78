"""What queues are used for: the parameters of generated traces, with their sources.

They were set before a generated trace was first replayed, and no result of a replay changes them. "Assumed" is said of
what no source gives: a plausible value and no more. docs/traces.md has all of them in a table. Sources:

1. Chen, Alspaugh, Katz: Interactive Analytical Processing in Big Data Systems, VLDB 2012: seven production workloads of
   Facebook and Cloudera's customers. Most jobs are small, tasks take seconds to hours, and the busiest hour has nine
   times as many submissions as the median hour, or more.
2. Ananthanarayanan and others: Effective Straggler Mitigation: Attack of the Clones, NSDI 2013, and Why Let Resources
   Idle?, HotCloud 2012: Facebook and Bing. Sizes of jobs are heavy-tailed, most jobs are small, and stragglers of small
   jobs take eight times as long as the job's median task.
3. Juan and others: Beyond Poisson: Modeling Inter-Arrival Time of Requests in a Datacenter, PAKDD 2014. Requests have
   several periods, and come in bundles.
4. Characterization of a Big Data Storage Workload in the Cloud, ICPE 2019: Spark at Databricks. Load differs by day and
   by week, with bursts and heavy tails.
5. Alibaba's cluster-trace-v2018: batch jobs are graphs of tasks.
6. Airflow's default configuration: `max_active_runs_per_dag` is 16.
7. Spark's configuration: `spark.dynamicAllocation.minExecutors` is 0, `spark.task.cpus` is 1.
8. The talk's four kinds of use: daily and weekly schedules, ad hoc, both, backfill.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["scheduled", "ad-hoc", "both", "backfill", "steady"]
PEAK: Final = 1.0
"""Executors that jobs use in a queue's busiest hour, if none of them waits, as a share of the default pool's maximum.

A maximum is declared for the peak (assumed): it is just enough on that hour's average, and too little at some of its
moments.
"""
LARGEST: Final = 0.5
"""Share of the pool's maximum that one job may ask for: its `spark.dynamicAllocation.maxExecutors` (assumed)."""
STRAGGLER: Final = 8.0
"""Seconds of a straggler, as a multiple of its stage's median task (source 2)."""
MOST_STAGES: Final = 12
"""Of one job (assumed)."""
DRIVER_START: Final = 3.0
"""Seconds from a run's submission to its driver's start, where there is room (assumed)."""


@dataclass(frozen=True, kw_only=True)
class Pipelines:
    """Jobs in chains that a scheduler starts, daily or weekly (source 8).

    Args:
        first: hour of the day at which the first of them start (assumed: at night, when the day's data is there).
        hours: within which all of them start (assumed).
        on_the_hour: share of them that start at a full hour; others do at any quarter (assumed).
        daily, workdays, weekly: share of them that run every day, from Monday to Friday, and on one day of the week
            (assumed).
        chain: jobs of one, on average: 1 and a Poisson number (assumed).
        branch: share of jobs that follow any earlier job of their chain, and not the last one (assumed).
        handover: seconds from a job's end to the next one's submission, exponential (assumed: a scheduler that polls).
        due: hours from the start of one to its deadline (assumed).
    """

    first: float
    hours: int
    on_the_hour: float
    daily: float
    workdays: float
    weekly: float
    chain: float
    branch: float
    handover: float
    due: float


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Jobs of people at work, each of whom runs one a few times (source 3: in bundles, and not one by one).

    Args:
        profile: how many begin in each hour of a working day, as a share of the busiest hour (sources 1 and 4 that days
            differ by hour; the shape is assumed: office hours and a lunch).
        weekend: how many on Saturdays and Sundays, as a share of working days (source 4 that weeks have a shape; the
            value is assumed).
        jobs: of one session on average, geometric (assumed).
        pause: median seconds from one submission of a session to the next (assumed).
        pause_sigma: of that, standard deviation of the logarithm (assumed).
        users: for each driver that the queue runs at once (assumed).
        names: different jobs of a user; how often each is run falls with its rank, as Zipf's law says (assumed).
    """

    profile: tuple[float, ...]
    weekend: float
    jobs: float
    pause: float
    pause_sigma: float
    users: float
    names: int


@dataclass(frozen=True, kw_only=True)
class Campaigns:
    """One job over many days of the past, as many at once as an orchestrator lets run (sources 6 and 8).

    Args:
        a_week: how many begin in a week, Poisson, but one at least (assumed).
        first: hour at which the first of a working day may begin (assumed).
        hours: within which they begin (assumed).
        days: median of the days of the past (assumed: a quarter of a year).
        days_sigma: of that, standard deviation of the logarithm (assumed).
        at_once: runs at most (source 6).
        handover: seconds from a run's end to the next one's submission, exponential (assumed).
    """

    a_week: float
    first: float
    hours: int
    days: float
    days_sigma: float
    at_once: int
    handover: float


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """One job again and again, as many runs at once as an orchestrator lets run, from the first day to the last without
    a pause: tables that are brought up to date round the clock, or a backfill of years (assumed: of the talk's kinds
    each has pauses).

    Args:
        at_once: runs at most (source 6).
        handover: seconds from a run's end to the next one's submission, exponential (assumed).
    """

    at_once: int
    handover: float


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a queue is used for. Log-normal values have a median and the standard deviation of their logarithm (sigma).

    Args:
        name: the kind's, which is also in its jobs' names.
        arrivals: when jobs are submitted.
        concurrency: jobs that run at once when it is busy, as a share of the drivers that the queue runs at once; it
            sets how many jobs there are, and how large one is on average (assumed).
        seconds: median of what a job takes on the executors that it may ask for (sources 1 and 2: people's jobs are
            short; the values are assumed).
        seconds_sigma: among jobs, log-normal (source 1 for the range, seconds to hours; the values are assumed).
        width_sigma: the same of a job's executors, whose mean follows from the queue's maximum (source 2 for the heavy
            tail; the values are assumed).
        run_sigma: of both, among the runs of one job, whose data differs (assumed).
        stages: of a job, on average: 1 and a Poisson number, at most `MOST_STAGES` (source 5 that jobs are graphs; the
            values are assumed).
        join: share of the jobs of three stages or more that begin with two stages side by side (source 5; assumed).
        waves: median tasks of a stage for each slot, log-normal (assumed).
        waves_sigma: of that (assumed).
        task_sigma: of the seconds of a stage's tasks, log-normal (assumed).
        stragglers: share of stages of which one task takes `STRAGGLER` times as long as the median (source 2 for how
            long; how often is assumed).
        driver_seconds: median of the driver's own work before a stage, log-normal (assumed).
        driver_sigma: of that (assumed).
        month_end: data of schedules and jobs of people on the last two days of a month and the first one, as a multiple
            of other days (assumed).
    """

    name: str
    arrivals: Pipelines | Sessions | Campaigns | Rounds
    concurrency: float
    seconds: float
    seconds_sigma: float
    width_sigma: float
    run_sigma: float
    stages: float
    join: float
    waves: float
    waves_sigma: float
    task_sigma: float
    stragglers: float
    driver_seconds: float
    driver_sigma: float
    month_end: float

    @property
    def mean_seconds(self) -> float:
        """Of its jobs, as the distribution has it."""
        return self.seconds * math.exp(self.seconds_sigma**2 / 2)


_NIGHT, _LUNCH = (0.05,) * 6, (1.0, 1.0, 1.0, 0.7, 0.8)
SCHEDULED: Final = Use(
    name="scheduled",
    arrivals=Pipelines(
        first=22.5,
        hours=4,
        on_the_hour=0.5,
        daily=0.55,
        workdays=0.3,
        weekly=0.15,
        chain=4.0,
        branch=0.25,
        handover=10.0,
        due=8.0,
    ),
    concurrency=0.8,
    seconds=900.0,
    seconds_sigma=0.8,
    width_sigma=0.8,
    run_sigma=0.15,
    stages=5.0,
    join=0.4,
    waves=3.0,
    waves_sigma=0.6,
    task_sigma=0.5,
    stragglers=0.05,
    driver_seconds=5.0,
    driver_sigma=0.8,
    month_end=1.5,
)
AD_HOC: Final = Use(
    name="ad-hoc",
    arrivals=Sessions(
        profile=(*_NIGHT, 0.1, 0.3, 0.7, *_LUNCH, 1.0, 1.0, 0.9, 0.6, 0.35, 0.2, 0.15, 0.1, 0.05, 0.05),
        weekend=0.1,
        jobs=4.0,
        pause=300.0,
        pause_sigma=1.0,
        users=2.0,
        names=5,
    ),
    concurrency=0.6,
    seconds=180.0,
    seconds_sigma=1.2,
    width_sigma=1.2,
    run_sigma=0.5,
    stages=3.0,
    join=0.3,
    waves=1.5,
    waves_sigma=0.8,
    task_sigma=0.6,
    stragglers=0.1,
    driver_seconds=3.0,
    driver_sigma=1.0,
    month_end=1.3,
)
BACKFILL: Final = Use(
    name="backfill",
    arrivals=Campaigns(a_week=1.0, first=9.0, hours=8, days=90.0, days_sigma=0.5, at_once=16, handover=10.0),
    concurrency=0.8,
    seconds=1200.0,
    seconds_sigma=0.5,
    width_sigma=0.3,
    run_sigma=0.15,
    stages=5.0,
    join=0.4,
    waves=4.0,
    waves_sigma=0.4,
    task_sigma=0.5,
    stragglers=0.05,
    driver_seconds=5.0,
    driver_sigma=0.8,
    month_end=1.0,
)
STEADY: Final = replace(BACKFILL, name="steady", arrivals=Rounds(at_once=16, handover=10.0), seconds=2400.0)
"""All its values are those of backfill, set before it was first replayed, but its `seconds`: they were too, and became
twice as long later, so that weeks without a pause are fewer jobs to replay (assumed)."""
KINDS: Final[Mapping[Kind, tuple[Use, ...]]] = MappingProxyType(
    {
        "scheduled": (SCHEDULED,),
        "ad-hoc": (AD_HOC,),
        "both": (SCHEDULED, AD_HOC),
        "backfill": (BACKFILL,),
        "steady": (STEADY,),
    }
)
"""The talk's kinds of use, and one that is busy round the clock, where elastic nodes have nothing to give back. Each
part of a mixed one reaches the peak by itself, and then both together (`PEAK`)."""
