"""Times the door on a real Envoy: `python -m tests.benchmarks.door`, after `python -m tests.door.setup`.

What it adds to a request is the difference of two loads by turns, straight to backends and through Envoy with a token.
`door_routes` tells how soon a change works.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.door import programs, wire
from tests.door.attempts import ADS, BEHIND, GRAFANA, GROUPS, person, send
from tests.door.manifests import door_objects, platform, tenant
from tests.door.running import Door, running

RATE: Final = 200
"""Requests a second, over two pages: a page takes 200 by itself."""
SECONDS: Final = 4.0
TURNS: Final = 5
WORKERS: Final = 8
ADDED_MS: Final = 5.0
"""At most, to the 99th percentile."""


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    if not programs.available():
        sys.stderr.write(f"{programs.MISSING}\n")
        return 2
    things = [each for stack in (platform(), tenant("ads-dev", [GROUPS[ADS]])) for each in door_objects(stack)]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), things) as door:
        door.wait(lambda: send()(door).status == 200)
        direct, through = (1000 * seconds for seconds in _latencies(door))
    print(
        f"99th percentile at {RATE} requests/s: {direct:.1f} ms straight, {through:.1f} ms through the door, "
        f"{through - direct:+.1f} ms (at most +{ADDED_MS:.0f})"
    )
    return int(through - direct > ADDED_MS)


def _latencies(door: Door) -> tuple[float, float]:
    """The 99th percentiles straight to the backends and through Envoy, in seconds."""
    pages = {host: person(GROUPS[host])(door) for host in (ADS, GRAFANA)}
    straight = {host: door.upstreams[BEHIND[host]].port for host in pages}
    found: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * TURNS + 2):
        by_door = bool(turn % 2)
        ports = dict.fromkeys(pages, door.plain_port) if by_door else straight
        seconds = _load(ports, pages)
        # The first turn of each warms up.
        if turn >= 2:
            found[by_door] += seconds
    return _p99(found[False]), _p99(found[True])


def _load(ports: Mapping[str, int], tokens: Mapping[str, str]) -> list[float]:
    """Seconds of requests that begin at their times, whether those before have ended or not."""
    hosts = list(ports)
    begin = time.perf_counter() + 0.1
    seconds: list[float] = []

    def work(worker: int) -> None:
        connections = {host: http.client.HTTPConnection(wire.LOOPBACK, port) for host, port in ports.items()}
        for number in range(worker, int(RATE * SECONDS), WORKERS):
            due = begin + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            host = hosts[number % len(hosts)]
            connections[host].request("GET", "/", headers={"Host": host, "Authorization": f"Bearer {tokens[host]}"})
            answer = connections[host].getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            seconds.append(time.perf_counter() - due)
        for connection in connections.values():
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    return seconds


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
