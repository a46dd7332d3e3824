from __future__ import annotations

import pytest

from motte.core.noise.framing import HEADER, MAX_FRAME, MAX_ROUTING, FrameDecoder, IntroDecoder, frame, intro
from motte.errors import LocalProtocolError, RemoteProtocolError

PAYLOADS = [b"", b"a", b"bc" * 200, b"", b"d" * 70_000, b"e"]
STREAM = b"".join(map(frame, PAYLOADS))


def test_one_frame_a_chunk() -> None:
    decoder = FrameDecoder()
    for payload in PAYLOADS:
        assert decoder.feed(frame(payload)) == [payload]


def test_all_frames_in_one_chunk() -> None:
    assert FrameDecoder().feed(STREAM) == PAYLOADS


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 401, 69_999])
def test_frames_split_over_chunks(size: int) -> None:
    decoder = FrameDecoder()
    chunks = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    assert [payload for chunk in chunks for payload in decoder.feed(chunk)] == PAYLOADS


def test_an_incomplete_frame_is_kept() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(frame(b"first") + frame(b"second")[:-1]) == [b"first"]
    assert decoder.feed(b"") == []
    assert decoder.feed(b"d") == [b"second"]


def test_limit() -> None:
    assert FrameDecoder(limit=10).feed(frame(b"x" * 10)) == [b"x" * 10]
    for stream in (frame(b"x" * 11), b"\0\0\x0b", frame(b"ok") + b"\xff\xff\xff"):
        with pytest.raises(RemoteProtocolError, match="longer than 10"):
            FrameDecoder(limit=10).feed(stream)


def test_a_payload_that_no_frame_can_hold() -> None:
    assert frame(bytes(MAX_FRAME))[:3] == b"\xff\xff\xff"
    with pytest.raises(LocalProtocolError):
        frame(bytes(MAX_FRAME + 1))


@pytest.mark.parametrize("routing", [b"", b"\x01", b"ED" * 9, b"r" * MAX_ROUTING])
@pytest.mark.parametrize("size", [1, 3, 1000, 10_000])
def test_an_intro_is_read_back_however_it_is_split(routing: bytes, size: int) -> None:
    stream = intro(routing) + frame(b"hello") + frame(b"more")
    decoder, frames = IntroDecoder(), FrameDecoder()
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    while (rest := decoder.feed(chunks.pop(0))) is None:
        pass
    assert decoder.routing_info == routing
    assert frames.feed(rest + b"".join(chunks)) == [b"hello", b"more"]


def test_routing_bytes_that_are_too_long() -> None:
    with pytest.raises(LocalProtocolError):
        intro(bytes(MAX_ROUTING + 1))
    with pytest.raises(RemoteProtocolError, match="routing"):
        IntroDecoder().feed(b"ED\x00\x01\xff\xff\xff")


@pytest.mark.parametrize(
    "stream", [b"X", b"GET / HTTP/1.1", b"WB", b"WA\x05", b"WA\x06\x02", b"ED\x01", b"ED\x00\x01\x00\x00\x02abWX"]
)
def test_another_protocol_is_refused_at_its_first_wrong_byte(stream: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match=HEADER.hex(" ")):
        IntroDecoder().feed(stream)
