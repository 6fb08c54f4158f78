"""A stand-in for the load balancer: it ends TLS, agrees on HTTP/2 where the client can, and passes bytes on."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.cluster.certificates import KeyPair

LOOPBACK: Final = "127.0.0.1"
PROTOCOLS: Final = ("h2", "http/1.1")
"""As a policy `HTTP2Preferred` offers them."""


@contextmanager
def balancer(pair: KeyPair, port: int, address: str = LOOPBACK) -> Iterator[int]:
    """A port with TLS, before a port without at an address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    context.set_alpn_protocols(list(PROTOCOLS))
    loop = asyncio.new_event_loop()

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            back, there = await asyncio.open_connection(address, port)
            await asyncio.gather(_copy(reader, there), _copy(back, writer))

    async def begin() -> asyncio.Server:
        return await asyncio.start_server(passed_on, LOOPBACK, 0, ssl=context)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_cancelled(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _cancelled() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        with suppress(OSError, RuntimeError):
            writer.close()
