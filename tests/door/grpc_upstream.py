"""A program of a queue's behind the door: it speaks gRPC, answers with what it was sent, and remembers who asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import h2.config
import h2.connection
import h2.events

from tests.door.upstream import LOOPBACK, Got, Upstream

TRAILERS: Final = (("grpc-status", "0"), ("grpc-message", "there"))


@contextmanager
def grpc_upstream(who: str) -> Iterator[Upstream]:
    """A backend of that name, which speaks HTTP/2 alone, without TLS."""
    with socket.create_server((LOOPBACK, 0)) as server:
        upstream = Upstream(who, server.getsockname()[1])
        threading.Thread(target=_serve, args=(server, upstream), daemon=True).start()
        yield upstream


def _serve(server: socket.socket, upstream: Upstream) -> None:
    with suppress(OSError):
        while True:
            there, _ = server.accept()
            threading.Thread(target=_speak, args=(there, upstream), daemon=True).start()


def _speak(there: socket.socket, upstream: Upstream) -> None:
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    requests: dict[int, tuple[tuple[tuple[str, str], ...], bytes]] = {}
    with there, suppress(OSError):
        state.initiate_connection()
        there.sendall(state.data_to_send())
        while block := there.recv(65536):
            for event in state.receive_data(block):
                match event:
                    case h2.events.RequestReceived():
                        headers = tuple((str(name), str(value)) for name, value in event.headers or ())
                        requests[event.stream_id or 0] = (headers, b"")
                    case h2.events.DataReceived():
                        headers, body = requests[event.stream_id or 0]
                        requests[event.stream_id or 0] = (headers, body + (event.data or b""))
                        state.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                    case h2.events.StreamEnded():
                        stream = event.stream_id or 0
                        _answer(state, stream, *requests.pop(stream), upstream)
            there.sendall(state.data_to_send())


def _answer(
    state: h2.connection.H2Connection,
    stream: int,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    upstream: Upstream,
) -> None:
    said = dict(headers)
    upstream.got.append(Got(upstream.who, said[":method"], said[":path"], headers, len(body)))
    state.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
    state.send_data(stream, body)
    state.send_headers(stream, list(TRAILERS), end_stream=True)
