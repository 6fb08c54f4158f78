"""Compression as Spark's codecs frame it, written here from what their sources say."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Mapping
from typing import Final

import cramjam


def lz4(data: bytes, block: int = 2**15) -> bytes:
    """lz4-java's LZ4BlockOutputStream; its checksums are left at 0."""
    out = []
    for begin in range(0, len(data), block):
        piece = data[begin : begin + block]
        packed = bytes(cramjam.lz4.compress_block(piece, store_size=False))
        raw = len(packed) >= len(piece)
        body = piece if raw else packed
        out.append(struct.pack("<8sBiii", b"LZ4Block", (0x10 if raw else 0x20) | 5, len(body), len(piece), 0) + body)
    return b"".join(out) + struct.pack("<8sBiii", b"LZ4Block", 0x15, 0, 0, 0)


def snappy(data: bytes, block: int = 2**15) -> bytes:
    """snappy-java's SnappyOutputStream."""
    out = [b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)]
    for begin in range(0, len(data), block):
        packed = bytes(cramjam.snappy.compress_raw(data[begin : begin + block]))
        out.append(struct.pack(">i", len(packed)) + packed)
    return b"".join(out)


def zstd(data: bytes) -> bytes:
    return bytes(cramjam.zstd.compress(data))


CODECS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "lz4": lz4,
    "snappy": snappy,
    "zstd": zstd,
}
