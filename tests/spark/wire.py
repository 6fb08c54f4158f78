"""What goes over the loopback network of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

EVERY_PROTOCOL: Final = 3
"""Of `linux/if_ether.h`: ETH_P_ALL."""
LARGEST: Final = 1 << 17
BUFFER: Final = 1 << 26
"""Bytes that wait for this process while it looks at others."""


class NoCapture(Exception):
    """This process may not look; the message says what it needs."""


@dataclass
class Wire:
    """What was looked for and seen so far.

    Attributes:
        packets: how many went by.
        seen: in how many of them the text was.
    """

    packets: int = 0
    seen: int = 0


@contextmanager
def watched(text: bytes) -> Iterator[Wire]:
    """Looks at every packet for a text.

    Raises:
        NoCapture: only root, or who has CAP_NET_RAW, may look.
    """
    try:
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(EVERY_PROTOCOL))
    except PermissionError:
        raise NoCapture("to look at packets needs root, or CAP_NET_RAW") from None
    with packets:
        packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        packets.bind(("lo", 0))
        packets.settimeout(0.2)
        wire, over = Wire(), threading.Event()

        def look() -> None:
            while True:
                try:
                    packet = packets.recv(LARGEST)
                except TimeoutError:
                    if over.is_set():
                        return
                    continue
                wire.packets += 1
                wire.seen += text in packet

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield wire
        finally:
            over.set()
            watcher.join()
