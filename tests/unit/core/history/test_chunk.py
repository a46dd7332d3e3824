"""Chunks and their limits."""

from __future__ import annotations

import zlib

import pytest

from motte.core.history import chunk
from motte.errors import HistoryError
from motte.proto.history_pb2 import Conversation, HistorySync


def deflated(history: HistorySync) -> bytes:
    return zlib.compress(history.SerializeToString())


def test_what_a_chunk_says_of_itself() -> None:
    read = chunk.read(deflated(HistorySync(syncType=HistorySync.RECENT, chunkOrder=3, progress=40)))
    assert (read.kind, read.order, read.progress) == ("RECENT", 3, 40)


def test_a_chunk_that_says_nothing_of_itself() -> None:
    read = chunk.read(deflated(HistorySync()))
    assert (read.kind, read.order, read.progress) == ("unknown", 0, None)


def test_a_kind_that_is_newer_than_the_schema() -> None:
    assert chunk.read(zlib.compress(b"\x08\x63")).kind == "unknown"


def test_more_than_all_is_all() -> None:
    assert chunk.read(deflated(HistorySync(progress=1000))).progress == 100


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (b"", "inflate"),
        (b"no zlib stream", "inflate"),
        (deflated(HistorySync(nctSalt=bytes(range(256))))[:-9], "inflate"),
        (zlib.compress(bytes(chunk.SMALL + 1)), "inflate"),
        (zlib.compress(b"\xff" * 64), "format"),
    ],
)
def test_what_is_no_chunk(data: bytes, check: str) -> None:
    with pytest.raises(HistoryError) as raised:
        chunk.read(data)
    assert raised.value.check == check


def test_zeros_are_refused_by_their_ratio_long_before_the_size() -> None:
    bomb = zlib.compress(bytes(16 * chunk.SMALL), 9)
    assert len(bomb) * chunk.MAX_RATIO < 16 * chunk.SMALL < chunk.MAX_SIZE
    with pytest.raises(HistoryError, match="inflated"):
        chunk.read(bomb)


def test_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    chats = [Conversation(id="1@lid"), Conversation(id="2@lid")]
    for chat in chats:
        chat.messages.add()
    data = deflated(HistorySync(conversations=chats))
    assert len(chunk.read(data).raw.conversations) == 2
    for name, limit, check in (
        ("MAX_FILE", len(data) - 1, "size"),
        ("MAX_CHATS", 1, "count"),
        ("MAX_MESSAGES", 1, "count"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(chunk, name, limit)
            with pytest.raises(HistoryError) as raised:
                chunk.read(data)
            assert raised.value.check == check


def test_messages_in_messages_without_an_end() -> None:
    message = b"\n\x01x"
    for _ in range(200):
        wrapped = _field(1, message)
        message = _field(40, wrapped)  # ephemeralMessage
    placed = _field(1, _field(2, message))
    with pytest.raises(HistoryError):
        chunk.read(zlib.compress(_field(2, _field(1, b"1@lid") + _field(2, placed))))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))
