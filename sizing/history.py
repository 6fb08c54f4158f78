"""How large a queue's history server is, and how often it looks for logs, by the applications that it shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sizing.nodes import Resources
from sizing.quantities import MIB
from sizing.system import Workload

DAYS_A_WEEK: Final = 7
CPU: Final = 250
"""Millicores. Reading 10,000 logs takes 32 core-seconds, once at its start (measured as below)."""
HEAP: Final = 512 * MIB
"""To open one application's log, of which a line, such as a query's plan, may have tens of MiB (inferred)."""
HEAP_PER_APPLICATION: Final = 16 * 1024
"""128 MiB of heap list 10,000 applications and open one of them, with a store on disk: 13 KiB each at most.

Measured: Spark 4.0.4, Java 17, rolling event logs in a local folder.
"""
OVERHEAD: Final = 384 * MIB
"""The JVM beside its heap: 220 MiB resident (measured as above), and what S3A buffers (inferred)."""
LISTINGS_PER_APPLICATION: Final = 2
"""Requests to S3 in each look for new logs, for every application there is, also one that has long ended.

Measured: Spark 4.0.4 with S3A of Hadoop 3.4.1 against a stand-in for S3, rolling event logs.
"""
LISTING_USD: Final = Decimal("0.0000054")
"""One such request (https://aws.amazon.com/s3/pricing/, eu-central-1; regions differ by a quarter)."""
LISTING_USD_AN_HOUR: Final = Decimal("0.05")
"""What the looking may cost: by Spark's own interval of 10 seconds, 2,500 applications would cost 10 USD an hour."""
LOGS_PAGE: Final = Workload(name="logs-page", replicas=1, cpu=50, memory=128 * MIB)
"""Beside the server, where logs are shown: one Python, which holds of a log the last 8 MiB (inferred)."""
LOGS_SIGNER: Final = Workload(name="logs-signer", replicas=1, cpu=50, memory=128 * MIB)
"""One Envoy, some 50 MiB (inferred)."""
MINIMUM_REFRESH: Final = 60
"""Seconds between two looks."""


@dataclass(frozen=True, kw_only=True)
class HistoryServer:
    """A history server's numbers.

    Attributes:
        applications: how many it shows at most.
        heap: of its JVM, in bytes.
        container: what its own container requests: cpu and memory.
        pod: what its pod requests, with what shows logs beside it.
        refresh_seconds: from one look for new logs to the next.
    """

    applications: int
    heap: int
    container: Resources
    pod: Resources
    refresh_seconds: int

    @property
    def usd_per_hour(self) -> Decimal:
        """What its looking for new logs costs: requests to S3, to six places."""
        return (listing_usd(self.applications) * 3600 / self.refresh_seconds).quantize(Decimal("0.000001"))


def history_server(
    applications_a_week: int, days: int, refresh_seconds: int | None = None, *, logs: bool = False
) -> HistoryServer:
    """The numbers of a queue's history server.

    Args:
        applications_a_week: that leave an event log.
        days: for which event logs are kept.
        refresh_seconds: how often it looks for new logs; `None`: as often as `LISTING_USD_AN_HOUR` pays.
        logs: whether logs of pods that are gone are shown beside it.
    """
    applications = math.ceil(Decimal(applications_a_week) * days / DAYS_A_WEEK)
    heap = _whole_mebibytes(HEAP + applications * HEAP_PER_APPLICATION)
    paid = math.ceil(listing_usd(applications) / LISTING_USD_AN_HOUR * 3600)
    container = Resources(cpu=CPU, memory=heap + OVERHEAD)
    pod = container
    for beside in (LOGS_PAGE, LOGS_SIGNER) if logs else ():
        pod = pod + Resources(cpu=beside.cpu, memory=beside.memory)
    return HistoryServer(
        applications=applications,
        heap=heap,
        container=container,
        pod=pod,
        refresh_seconds=refresh_seconds or max(MINIMUM_REFRESH, paid),
    )


def listing_usd(applications: int) -> Decimal:
    """What one look for new logs costs, in USD."""
    return applications * LISTINGS_PER_APPLICATION * LISTING_USD


def _whole_mebibytes(count: int) -> int:
    return -(-count // MIB) * MIB
