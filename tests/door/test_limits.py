"""Who asks too much, too slowly or not at all takes nothing from others."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Event
from typing import Final

from components.door.traffic import REQUESTS
from tests.door import wire
from tests.door.attempts import ADS, GOOD, OTHER_GROUP, SEARCH, person, send
from tests.door.manifests import RECEIVED_SECONDS
from tests.door.running import Door

SEARCHER: Final = person(OTHER_GROUP)
IDLE: Final = 500
"""Connections; below what one process may have open, and many times what a page's people have."""
CLIENTS: Final = 4
FLOOD_SECONDS: Final = 3.0
LONGEST_SECONDS: Final = 60.0
"""Of a flood on a machine so busy that it takes a while to be over the rate."""


def flood(door: Door, token: str, began: float, over: Event) -> list[int]:
    """Statuses of requests one after the other on one connection, for a while and until the route is over its rate."""
    found = []
    connection = http.client.HTTPConnection(wire.LOOPBACK, door.plain_port)
    while (past := time.monotonic() - began) < FLOOD_SECONDS or (past < LONGEST_SECONDS and not over.is_set()):
        connection.request("GET", "/", headers={"Host": ADS, "Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
        if answer.status == 429:
            over.set()
    connection.close()
    return found


def test_over_its_rate_a_route_refuses_and_others_go_on(door: Door) -> None:
    token, others, over = GOOD(door), [], Event()
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        floods = [clients.submit(flood, door, token, began, over) for _ in range(CLIENTS)]
        while not all(each.done() for each in floods):
            others.append(send(SEARCH, token=SEARCHER)(door).status)
    lasted = time.monotonic() - began
    statuses = [status for each in floods for status in each.result()]
    assert set(statuses) == {200, 429}
    # What is there at first, and what comes each second.
    assert statuses.count(200) <= REQUESTS * (lasted + 2)
    assert set(others) == {200}
    door.wait(lambda: send()(door).status == 200)


def test_who_sends_a_body_slowly_is_cut_off_and_others_are_served_meanwhile(door: Door) -> None:
    mark = wire.new_mark()
    headers = [("Authorization", "Bearer " + GOOD(door)), ("Content-Length", "1000")]
    head = wire.written(ADS, "GET", "/", headers, b"", mark)
    answer = b""
    began = time.monotonic()
    with wire.connected(door.port) as slow:
        slow.sendall(head)
        slow.settimeout(0.02)
        while not answer and time.monotonic() - began < 2 * RECEIVED_SECONDS:
            slow.sendall(b"a")
            assert send()(door).status == 200
            with suppress(TimeoutError):
                answer = slow.recv(1000)
            time.sleep(0.2)
    taken = time.monotonic() - began
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert RECEIVED_SECONDS - 2 < taken < RECEIVED_SECONDS + 5
    assert door.marked(mark) == []
    assert send(body=b"a" * 1000)(door).status == 200


def test_connections_that_do_nothing_take_no_place_of_others(door: Door) -> None:
    half = wire.written(ADS, "GET", "/", [], b"", wire.new_mark())[:-2]
    with ExitStack() as held:
        idle = [held.enter_context(wire.connected(door.plain_port, tls=False)) for _ in range(IDLE)]
        for each in idle[::2]:
            each.sendall(half)
        began = time.monotonic()
        assert [send()(door).status for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < 5
        # They are held, and none was refused.
        for each in idle[1::2]:
            each.setblocking(False)
            with suppress(BlockingIOError):
                assert each.recv(1) != b""
