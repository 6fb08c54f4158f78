"""Charges with what they are made of, and whose they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from capacity.errors import CapacityError
from capacity.paid.bill import Charge
from capacity.traces.placing import Queues, missing


@dataclass(frozen=True, kw_only=True)
class Part:
    """A charge, split.

    Args:
        charge: of which `queue` is its source's own place until `placed`.
        hours: of an instance; 0 of what is no instance.
        ec2_usd: what of it EC2 takes.
        service_usd: what of it EMR or Databricks takes.
    """

    charge: Charge
    hours: float = 0.0
    ec2_usd: float = 0.0
    service_usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Total:
    """A queue's parts together; hours are those of instances."""

    hours: float
    ec2_usd: float
    service_usd: float

    @property
    def usd(self) -> float:
        """All of it."""
        return self.ec2_usd + self.service_usd


def part(
    place: str, begin: datetime, end: datetime, what: str, *, hours: float = 0.0, ec2: float = 0.0, service: float = 0.0
) -> Part:
    """A charge of a place, whose USD are those of EC2 and of the service."""
    charge = Charge(queue=place, begin=begin, end=end, usd=ec2 + service, what=what)
    return Part(charge=charge, hours=hours, ec2_usd=ec2, service_usd=service)


def placed(parts: Iterable[Part], queues: Queues) -> Iterator[Part]:
    """Parts in queues instead of their source's own places.

    Raises:
        CapacityError: at the end, if some have none: all of these places at once.
    """
    without: Counter[str] = Counter()
    for one in parts:
        if queue := queues.queue(one.charge.queue):
            yield replace(one, charge=replace(one.charge, queue=queue))
        else:
            without[one.charge.queue] += 1
    if without:
        raise CapacityError(missing(without, "charge"))


def totals(parts: Iterable[Part]) -> dict[str, Total]:
    """The sums by queue, sorted."""
    found: dict[str, list[Part]] = defaultdict(list)
    for one in parts:
        found[one.charge.queue].append(one)
    return {
        queue: Total(
            hours=sum(one.hours for one in mine),
            ec2_usd=sum(one.ec2_usd for one in mine),
            service_usd=sum(one.service_usd for one in mine),
        )
        for queue, mine in sorted(found.items())
    }


def nothing_else(queues: Iterable[str], begin: datetime, end: datetime, what: str) -> list[Charge]:
    """Charges of 0 USD, which say that nothing but the other charges was paid for these queues in a time."""
    return [Charge(queue=queue, begin=begin, end=end, usd=0.0, what=what) for queue in sorted(set(queues))]
