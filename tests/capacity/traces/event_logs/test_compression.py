from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.traces.event_logs.compression import CHUNK, Damaged, lines, plain
from tests.capacity.traces.event_logs.framed import CODECS, lz4

TEXT = b"".join(b'{"Event":"number %d"}\n' % number for number in range(20_000))


@pytest.mark.parametrize("codec", CODECS)
def test_what_was_compressed_comes_back(codec: str) -> None:
    assert b"".join(plain(io.BytesIO(CODECS[codec](TEXT)))) == TEXT


@pytest.mark.parametrize("codec", CODECS)
def test_streams_one_after_the_other_are_one(codec: str) -> None:
    half = len(TEXT) // 2
    joined = CODECS[codec](TEXT[:half]) + CODECS[codec](TEXT[half:])
    assert b"".join(plain(io.BytesIO(joined))) == TEXT


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "plain"])
def test_half_of_a_stream_is_told(codec: str) -> None:
    whole = CODECS[codec](TEXT)
    with pytest.raises(Damaged, match="ends too early"):
        list(plain(io.BytesIO(whole[: len(whole) // 2])))


@pytest.mark.parametrize("codec", ["lz4", "snappy"])
def test_a_block_that_claims_to_be_huge_is_damage_and_no_reason_to_fill_memory(codec: str) -> None:
    whole = bytearray(CODECS[codec](TEXT))
    place = 9 if codec == "lz4" else 16
    whole[place : place + 4] = b"\x7f\xff\xff\x7f"
    with pytest.raises(Damaged, match="damaged"):
        list(plain(io.BytesIO(bytes(whole))))


def test_lzf_is_refused_by_its_name() -> None:
    with pytest.raises(Damaged, match="LZF"):
        plain(io.BytesIO(b"ZV\x01\x00\x10\x00\x20 and so on"))


@settings(deadline=None)
@given(st.binary(max_size=2000).map(lambda data: data.replace(b"\r", b"")), st.integers(1, 50))
def test_lines_are_the_same_however_the_pieces_are_cut(data: bytes, size: int) -> None:
    pieces = (data[begin : begin + size] for begin in range(0, len(data), size))
    assert [line for some in lines(pieces) for line in some] == (data[:-1] if data.endswith(b"\n") else data).split(
        b"\n"
    )[: None if data else 0]


def test_memory_does_not_grow_with_the_log() -> None:
    packed = lz4(TEXT * 5)

    class Endless:
        """The same stream again and again, never held as a whole."""

        def __init__(self, times: int) -> None:
            self.parts: Iterator[bytes] = iter([packed] * times)
            self.now = io.BytesIO()

        def read(self, size: int = -1) -> bytes:
            if data := self.now.read(size):
                return data
            self.now = io.BytesIO(next(self.parts, b""))
            return self.now.read(size)

    def most(times: int) -> int:
        stored = cast("BinaryIO", Endless(times))
        tracemalloc.start()
        count = sum(len(some) for some in lines(plain(stored)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == times * 100_000
        return peak

    assert most(10) < most(1) + CHUNK
