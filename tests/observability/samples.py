"""Samples of time series, and how Prometheus takes them: remote write, version 1.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and prompb/remote.proto, prompb/types.proto
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import cramjam
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from components.observability.series import Series

STALE: Final[float] = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The value that says that a series has ended; without it Prometheus goes on for five minutes."""
_BATCH: Final = 50_000
"""Samples in one request."""

Labels = tuple[tuple[str, str], ...]


class Samples:
    """Values of series at points of time."""

    def __init__(self) -> None:
        self._values: dict[Labels, dict[float, float]] = defaultdict(dict)

    def set(self, name: str | Series, labels: Mapping[str, str], times: Iterable[float], value: float) -> None:
        """Give a series one value at these times, in seconds; labels without a value are left out."""
        self.put(name, labels, ((time, value) for time in times))

    def put(self, name: str | Series, labels: Mapping[str, str], values: Iterable[tuple[float, float]]) -> None:
        """Give a series these values, by time in seconds."""
        given = {key: value for key, value in labels.items() if value} | {"__name__": str(name)}
        self._values[tuple(sorted(given.items()))].update(values)

    def end_series(self, times: Iterable[float]) -> None:
        """Mark where a series ends or pauses: at the next of all times after its last, as a scrape would.

        Args:
            times: of all scrapes, in order.
        """
        following = dict(zip(ordered := list(times), ordered[1:], strict=False))
        for values in self._values.values():
            for time in list(values):
                after = following.get(time)
                if after is not None and after not in values:
                    values[after] = STALE

    def __len__(self) -> int:
        return sum(len(values) for values in self._values.values())

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self._values)

    def requests(self) -> Iterator[bytes]:
        """Bodies of remote write, in the order of time, as Prometheus wants them."""
        by_time: dict[float, list[tuple[Labels, float]]] = defaultdict(list)
        for labels, values in self._values.items():
            for time, value in values.items():
                by_time[time].append((labels, value))
        batch: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
        size = 0
        for time in sorted(by_time):
            for labels, value in by_time[time]:
                batch[labels].append((time, value))
            size += len(by_time[time])
            if size >= _BATCH:
                yield _encoded(batch)
                batch, size = defaultdict(list), 0
        if batch:
            yield _encoded(batch)


def _encoded(batch: Mapping[Labels, Iterable[tuple[float, float]]]) -> bytes:
    request = _WRITE_REQUEST()
    for labels, values in batch.items():
        series = request.timeseries.add()
        for name, value in labels:
            series.labels.add(name=name, value=value)
        for time, sample in values:
            series.samples.add(value=sample, timestamp=round(time * 1000))
    return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))


def _messages() -> Any:  # noqa: ANN401 the class is made at run time
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="remote_write.proto", package="prometheus", syntax="proto3")
    messages: dict[str, list[tuple[str, int, int | str]]] = {
        "Label": [("name", 1, kinds.TYPE_STRING), ("value", 2, kinds.TYPE_STRING)],
        "Sample": [("value", 1, kinds.TYPE_DOUBLE), ("timestamp", 2, kinds.TYPE_INT64)],
        "TimeSeries": [("labels", 1, "Label"), ("samples", 2, "Sample")],
        "WriteRequest": [("timeseries", 1, "TimeSeries")],
    }
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            if isinstance(kind, str):
                message.field.add(
                    name=field,
                    number=number,
                    type=kinds.TYPE_MESSAGE,
                    type_name=f".prometheus.{kind}",
                    label=kinds.LABEL_REPEATED,
                )
            else:
                message.field.add(name=field, number=number, type=kind, label=kinds.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("prometheus.WriteRequest"))


_WRITE_REQUEST: Final = _messages()
