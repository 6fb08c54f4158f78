"""Plain bytes of what Spark and others compress, in pieces: memory doesn't grow with a log.

The form is told by the first bytes, not by a name. What Spark's own codecs write is framed in ways of its own:
LZ4 by lz4-java (LZ4BlockOutputStream), Snappy by snappy-java (SnappyOutputStream); zstd and gzip are standard, of one
frame after the other. Checksums of LZ4's blocks (xxHash) are not checked: a block that is damaged fails to decompress,
or to be JSON.

Source: lz4/lz4-java 1.8, LZ4BlockOutputStream.java; xerial/snappy-java 1.1, SnappyCodec.java, SnappyOutputStream.java;
apache/spark v4.0, core/src/main/scala/org/apache/spark/io/CompressionCodec.scala
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

import cramjam
import pyarrow as pa

CHUNK: Final = 2**20
_LZ4: Final = b"LZ4Block"
_LZ4_HEADER: Final = struct.Struct("<8sBiii")
_LZ4_RAW: Final = 0x10
_LZ4_COMPRESSED: Final = 0x20
_SNAPPY: Final = b"\x82SNAPPY\x00"
_SNAPPY_VERSIONS: Final = 8
_STANDARD: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\x04\x22\x4d\x18": "lz4"}
_LZF: Final = b"ZV"
_LARGEST_BLOCK: Final = 2**26
"""lz4-java makes none above 32 MiB; what says more is damaged, and no reason to take so much memory."""


class Damaged(Exception):
    """Compressed bytes end too early, or aren't what they should be; the message says which, as half a sentence."""


def plain(file: BinaryIO) -> Iterator[bytes]:
    """Pieces of a file's plain bytes, in order.

    Raises:
        Damaged: when it is come to.
    """
    first = _exactly(file, 8)
    stream = _Joined(first, file)
    if first == _LZ4:
        return _lz4_blocks(stream)
    if first == _SNAPPY:
        return _snappy_blocks(stream)
    if first.startswith(_LZF):
        raise Damaged("compressed with LZF, which isn't read here; Spark's other codecs are")
    for magic, codec in _STANDARD.items():
        if first.startswith(magic):
            return _standard(stream, codec)
    return _pieces(stream)


def lines(pieces: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines, many at a time, without their ends; what is behind the last end is a line too."""
    rest: list[bytes] = []
    for piece in pieces:
        head, end, tail = piece.rpartition(b"\n")
        if not end:
            rest.append(piece)
            continue
        found = head.split(b"\n")
        if rest:
            found[0] = b"".join([*rest, found[0]])
        yield found
        rest = [tail] if tail else []
    if rest:
        yield [b"".join(rest)]


class _Joined:
    """A file, of which the first bytes have been read already."""

    closed = False

    def __init__(self, first: bytes, file: BinaryIO) -> None:
        self._first, self._file = first, file

    def read(self, size: int = -1) -> bytes:
        if not self._first:
            return self._file.read(size)
        first = self._first if size < 0 else self._first[:size]
        self._first = self._first[len(first) :]
        return first + (self._file.read(size - len(first) if size >= 0 else -1))

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """The file is closed by whoever opened it."""


def _pieces(file: _Joined) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _standard(file: _Joined, codec: str) -> Iterator[bytes]:
    try:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec) as stream:
            while piece := stream.read(CHUNK):
                yield piece
    except OSError as error:
        raise Damaged(f"its {codec} ends too early or is damaged ({error})") from error


def _lz4_blocks(file: _Joined) -> Iterator[bytes]:
    """An empty block ends a stream; another one may follow."""
    while header := _exactly(file, _LZ4_HEADER.size):
        if len(header) < _LZ4_HEADER.size:
            raise Damaged("its LZ4 ends too early")
        magic, token, size, original, _ = _LZ4_HEADER.unpack(header)
        if magic != _LZ4 or not (0 <= size <= _LARGEST_BLOCK and 0 <= original <= _LARGEST_BLOCK):
            raise Damaged("its LZ4 is damaged")
        block = _exactly(file, size)
        if len(block) < size:
            raise Damaged("its LZ4 ends too early")
        method = token & 0xF0
        if not original:
            continue
        if method == _LZ4_RAW:
            yield block
        elif method == _LZ4_COMPRESSED:
            try:
                yield bytes(cramjam.lz4.decompress_block(block, output_len=original))
            except cramjam.DecompressionError as error:
                raise Damaged(f"its LZ4 is damaged ({error})") from error
        else:
            raise Damaged("its LZ4 is damaged")


def _snappy_blocks(file: _Joined) -> Iterator[bytes]:
    """A header of 16 bytes, then blocks after their length; a header again where streams were joined."""
    while head := _exactly(file, 4):
        if head == _SNAPPY[:4]:
            if len(_exactly(file, 4 + _SNAPPY_VERSIONS)) < 4 + _SNAPPY_VERSIONS:
                raise Damaged("its Snappy ends too early")
            continue
        size = int.from_bytes(head, "big", signed=True)
        if len(head) < 4:
            raise Damaged("its Snappy ends too early")
        if not 0 <= size <= _LARGEST_BLOCK:
            raise Damaged("its Snappy is damaged")
        block = _exactly(file, size)
        if len(block) < size:
            raise Damaged("its Snappy ends too early")
        try:
            yield bytes(cramjam.snappy.decompress_raw(block))
        except cramjam.DecompressionError as error:
            raise Damaged(f"its Snappy is damaged ({error})") from error


def _exactly(file: BinaryIO | _Joined, size: int) -> bytes:
    """So many bytes; fewer only at the end."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
