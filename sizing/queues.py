"""From nodes to queues: what a queue is guaranteed, what it may have at most, and what its drivers may take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sizing.nodes import Resources


@dataclass(frozen=True, kw_only=True)
class PoolShare:
    """What one executor pool gives its queue.

    Args:
        min_nodes: nodes that are always there.
        max_nodes: nodes at most.
        usable: what executors can fill of one of them.
    """

    min_nodes: int
    max_nodes: int
    usable: Resources


@dataclass(frozen=True, kw_only=True)
class DriverAllowance:
    """What a queue's drivers may take of the driver pool, which all queues share.

    Args:
        at_once: how many drivers may run at the same time.
        driver: what one driver requests at most, overhead included.
    """

    at_once: int
    driver: Resources

    @property
    def total(self) -> Resources:
        """All drivers together; cpu and memory, which queues are measured in."""
        return cpu_and_memory(self.driver) * self.at_once


@dataclass(frozen=True, kw_only=True)
class QueueSize:
    """A queue's numbers, in cpu and memory.

    Attributes:
        guaranteed: what executors have at any time: the pools' minima.
        maximum: the pools' maxima, the driver allowance and the history server; beyond it jobs wait.
        max_apps: applications at once: each has one driver, and the history server is one more.
        history: what the history server takes of the maximum; nothing where there is none.
    """

    guaranteed: Resources
    maximum: Resources
    max_apps: int
    history: Resources = field(default_factory=Resources)


def queue_size(pools: Iterable[PoolShare], drivers: DriverAllowance, history: Resources | None = None) -> QueueSize:
    """A queue's numbers: maximum = sum of maxima x usable + driver allowance + history server, guaranteed = sum of
    minima x usable.

    Args:
        pools: what its executor pools give.
        drivers: what its drivers may take.
        history: what its history server takes, if it has one.
    """
    shares = list(pools)
    guaranteed = sum((cpu_and_memory(s.usable) * s.min_nodes for s in shares), start=Resources())
    executors = sum((cpu_and_memory(s.usable) * s.max_nodes for s in shares), start=Resources())
    server = cpu_and_memory(history) if history else Resources()
    return QueueSize(
        guaranteed=guaranteed,
        maximum=executors + drivers.total + server,
        max_apps=drivers.at_once + (1 if history else 0),
        history=server,
    )


def on_driver_nodes(drivers: DriverAllowance, history: Resources | None) -> tuple[DriverAllowance, ...]:
    """What a queue may put on driver nodes, as `driver_nodes` counts it: its drivers and its history server.

    A server that is no larger than a driver takes the place of one at most, wherever it runs, so it counts as one: all
    sizes being one, that number is exact.

    Args:
        drivers: the driver allowance.
        history: what the history server requests, if there is one.
    """
    if history is None:
        return (drivers,)
    if cpu_and_memory(history).fits_in(cpu_and_memory(drivers.driver)):
        return (replace(drivers, at_once=drivers.at_once + 1),)
    return drivers, DriverAllowance(at_once=1, driver=history)


def driver_nodes(allowances: Iterable[DriverAllowance], usable: Resources) -> int:
    """Driver nodes with which every driver of these allowances can start, in whatever order they come and go.

    For drivers of one size: as many as a node holds. For mixed sizes: a node on which the largest driver doesn't fit
    has less than that left of cpu, memory or pods. So many nodes in that state hold more than all allowances once
    their number reaches the sum, over these resources, of (all allowances) / (node less largest driver). And a driver
    never needs more than a node of its own.

    Args:
        usable: what drivers can fill of one node.

    Raises:
        ValueError: a driver doesn't fit a node.
    """
    drivers = [allowance for allowance in allowances if allowance.at_once > 0]
    if not drivers:
        return 0
    count = sum(allowance.at_once for allowance in drivers)
    sizes = {cpu_and_memory(allowance.driver) + Resources(pods=1) for allowance in drivers}
    largest = Resources(cpu=max(s.cpu for s in sizes), memory=max(s.memory for s in sizes), pods=1)
    if not largest.fits_in(usable):
        raise ValueError("a driver is larger than what a driver node offers")
    if len(sizes) == 1:
        per_node = min(usable.cpu // largest.cpu, usable.memory // largest.memory, usable.pods)
        return -(-count // per_node)
    total = sum((allowance.total for allowance in drivers), start=Resources(pods=count))
    rest = usable - largest + Resources(1, 1, 0, 1)
    bound = Fraction(total.cpu, rest.cpu) + Fraction(total.memory, rest.memory) + Fraction(count, rest.pods)
    return min(count, int(bound) + 1)


def cpu_and_memory(amount: Resources) -> Resources:
    """Only the cpu and memory of an amount."""
    return Resources(cpu=amount.cpu, memory=amount.memory)
