"""A connection to a port of a pod through the API server, as `kubectl port-forward` makes one.

Source: kubernetes v1.36, staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go: of each port there is a
channel of bytes and one of errors; a message's first byte is its channel's number, and the first message of each
channel names the port.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final

import httpx2

from skate.errors import NotAllowedError, UnreachableError

PROTOCOL: Final = "v4.channel.k8s.io"
DATA: Final = 0
ERROR: Final = 1
CHUNK: Final = 64 * 1024
Open = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens a websocket to a pod's port."""


@asynccontextmanager
async def forwarded(open_socket: Open, local_port: int = 0) -> AsyncIterator[int]:
    """A port of this machine behind which a pod's is, for as long as the context lasts.

    Args:
        open_socket: opens a websocket to the pod's port.
        local_port: the port here; 0 for any that is free.

    Raises:
        UnreachableError: the port here is taken.
    """
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_serve(open_socket, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    try:
        server = await asyncio.start_server(accept, "127.0.0.1", local_port)
    except OSError as error:
        raise UnreachableError(f"The port {local_port} of this machine is taken.", "Name another: --port N.") from error
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            for task in tuple(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(open_socket: Open, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from httpx2.websockets import HTTPXWSException

    try:
        async with open_socket() as socket:
            sending = asyncio.ensure_future(_send(socket, reader))
            try:
                await _receive(socket, writer)
            finally:
                sending.cancel()
    except* (httpx2.HTTPError, HTTPXWSException, OSError, NotAllowedError, UnreachableError):
        pass  # the connection ends, as it would with the pod's own port closed
    finally:
        with suppress(OSError):
            writer.close()


async def _send(socket: Any, reader: asyncio.StreamReader) -> None:  # noqa: ANN401
    while chunk := await reader.read(CHUNK):
        await socket.send_bytes(bytes([DATA]) + chunk)


async def _receive(socket: Any, writer: asyncio.StreamWriter) -> None:  # noqa: ANN401
    from httpx2.websockets import WebSocketDisconnect

    named: set[int] = set()
    while True:
        try:
            message = await socket.receive_bytes()
        except WebSocketDisconnect:
            return
        if not message:
            continue
        channel, content = message[0], message[1:]
        if channel not in named:
            named.add(channel)
            content = content[2:]
        if channel == ERROR and content:
            raise UnreachableError(content.decode(errors="replace"))
        if channel == DATA and content:
            writer.write(content)
            await writer.drain()
