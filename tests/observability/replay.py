"""What rules would have given over a time that is fed afterwards.

Prometheus evaluates rules now, and only now. For the past, each recording rule is asked for as a range with its group's
interval as the step, as `promtool tsdb create-blocks-from rules` does, and the answer is fed as its series; rules
go in the order of what they need. Alerts fire where their expression holds for as long as they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from components.observability.groups import Alert, Group, Record
from tests.observability.expressions import metric_names
from tests.observability.prometheus import Prometheus
from tests.observability.samples import Samples


@dataclass(frozen=True)
class Firing:
    """A time for which an alert fired.

    Attributes:
        alert: its name.
        labels: of the series that it is about.
        start: the first evaluation at which it fired, seconds.
        end: the last.
    """

    alert: str
    labels: Mapping[str, str]
    start: float
    end: float


def replay(server: Prometheus, groups: Iterable[Group], start: float, end: float) -> None:
    """Record what the recording rules give from `start` to `end`; both are times of an evaluation."""
    for record, interval in _in_order(groups):
        samples = Samples()
        for line in server.query_range(record.expression, start, end, interval):
            labels: dict[str, str] = {key: value for key, value in line.labels.items() if key != "__name__"}
            labels.update({str(key): value for key, value in record.labels.items()})
            samples.put(record.series, labels, line.values.items())
        samples.end_series([start + step * interval for step in range(int((end - start) / interval) + 1)])
        server.write(samples)


def firings(server: Prometheus, alert: Alert, interval: int, start: float, end: float) -> list[Firing]:
    """When an alert fired between two evaluations."""
    times: dict[frozenset[tuple[str, str]], set[float]] = {}
    for line in server.query_range(alert.expression, start, end, interval):
        # An alert has no metric's name, so that several metrics may keep it up.
        labels = frozenset((key, value) for key, value in line.labels.items() if key != "__name__")
        times.setdefault(labels, set()).update(line.values)
    found = []
    for labels, held in times.items():
        since = last = None
        for time in sorted(held):
            if since is None or last is None or time - last > interval:
                found += _held(alert, dict(labels), since, last)
                since = time
            last = time
        found += _held(alert, dict(labels), since, last)
    return found


def _held(alert: Alert, labels: Mapping[str, str], since: float | None, last: float | None) -> list[Firing]:
    if since is None or last is None or last - since < alert.lasting:
        return []
    return [Firing(alert.name, labels, since + alert.lasting, last)]


def _in_order(groups: Iterable[Group]) -> list[tuple[Record, int]]:
    """Records after all that they need; those of one series stay together."""
    by_series: dict[str, list[tuple[Record, int]]] = {}
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, Record):
                by_series.setdefault(rule.series.name, []).append((rule, group.interval))
    needs = {
        name: {needed for record, _ in records for needed in metric_names(record.expression) if needed in by_series}
        for name, records in by_series.items()
    }
    return [entry for name in TopologicalSorter(needs).static_order() for entry in by_series[name]]
