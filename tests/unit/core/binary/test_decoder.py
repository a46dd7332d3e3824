"""What the decoder refuses, and that it says so with a RemoteProtocolError."""

from __future__ import annotations

import zlib

import pytest

from motte.core.binary import tags
from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import NO_ATTRS, Node
from motte.errors import RemoteProtocolError


def wire(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("", "empty"),
        ("00", "cut short"),
        ("00 f8", "cut short"),
        ("00 00", "no tag"),
        ("00 f8 00", "no tag"),
        ("00 f8 01 00", "no tag"),
        ("00 f8 01 fc 00", "no tag"),
        ("00 f8 01", "cut short"),
        ("00 f8 01 08 08", "goes on behind"),
        ("00 08", "a list starts with tag 8"),
        ("00 fc 01 61", "a list starts with tag 252"),
        ("00 f9 00", "cut short"),
        ("00 f8 03 08 04", "cut short"),
        ("00 f8 03 08 04 ec", "cut short"),
        ("00 f8 02 08", "cut short"),
        ("00 f8 02 08 fc", "cut short"),
        ("00 f8 02 08 fc 05 61", "cut short"),
        ("00 f8 02 08 fd 0fffff 61", "cut short"),
        ("00 f8 02 08 fe ffffffff 61", "cut short"),
        ("00 f8 02 08 fe 00", "cut short"),
        ("00 f8 02 08 f8 02 f8 01 08", "more than its frame"),
        ("00 f8 02 08 f9 ffff f8 01 08", "more than its frame"),
        ("00 f8 02 08 f8 01 00 00 00", "no tag"),
        ("00 f8 02 08 f8 01 fc 01 61", "a list starts with tag 252"),
        ("00 f8 02 08 f0", "a text starts with tag 240"),
        ("00 f8 03 08 04 f4", "a text starts with tag 244"),
        ("00 f8 03 08 04 f8 01 08", "a text starts with tag 248"),
        ("00 f8 03 08 04 fc 02 c328", "not UTF-8"),
        ("00 f8 03 08 04 fc 03 eda080", "not UTF-8"),
        ("00 f8 01 fc 01 ff", "not UTF-8"),
        ("00 f8 03 08 04 ff", "cut short"),
        ("00 f8 03 08 04 ff 02 12", "cut short"),
        ("00 f8 03 08 04 ff 01 1c", "stands for no character"),
        ("00 f8 03 08 04 ff 01 e1", "stands for no character"),
        ("00 f8 03 08 04 ff 01 1f", "stands for no character"),
        ("00 f8 03 08 04 fa 08", "cut short"),
        ("00 f8 03 08 04 fa 08 00", "no server"),
        ("00 f8 03 08 04 fa 08 fc 00", "no server"),
        ("00 f8 03 08 04 fa fa 08 03 03", "holds a JID"),
        ("00 f8 03 08 04 fa 08 f7 00 01 08", "holds a JID"),
        ("00 f8 03 08 04 f7 00", "cut short"),
        ("00 f8 03 08 04 f7 00 01 00", "lacks its user"),
        ("00 f8 03 08 04 f7 02 01 08", "unknown domain 2"),
        ("00 f8 03 08 04 f7 83 01 08", "unknown domain 131"),
        ("00 f8 03 08 04 f6 08 00", "cut short"),
        ("00 f8 03 08 04 f6 00 0001 03", "lacks its user"),
        ("00 f8 03 08 04 f6 08 0001 00", "lacks its user"),
        ("00 f8 03 08 04 f5 00 0001 0002", "no user"),
        ("00 f8 03 08 04 f5 08 0001 00", "cut short"),
        ("02", "cut short"),
        ("02 00 f8 01 08", "not a zlib stream"),
    ],
)
def test_malformed(frame: str, message: str) -> None:
    with pytest.raises(RemoteProtocolError, match=message):
        decode(wire(frame))


def test_every_prefix_of_a_frame_is_refused() -> None:
    node = Node(
        "message",
        {"to": "15550100001:2@lid", "id": "3EB0AB", "notify": "Zoë", "x": "1-5:2@interop", "y": "a:1@msgr", "t": "12"},
        (Node("enc", {"v": "2"}, b"\x00" * 300), Node("list", content=())),
    )
    frame = encode(node)
    assert decode(frame) == node
    for end in range(len(frame)):
        with pytest.raises(RemoteProtocolError):
            decode(frame[:end])


def test_a_compressed_frame_cut_short_or_followed_by_bytes() -> None:
    stream = b"\x02" + zlib.compress(encode(Node("ping", {"id": "some text"}))[1:])
    assert decode(stream) == Node("ping", {"id": "some text"})
    for end in range(1, len(stream)):
        with pytest.raises(RemoteProtocolError):
            decode(stream[:end])
    with pytest.raises(RemoteProtocolError, match="behind its end"):
        decode(stream + b"\0")


def test_a_zlib_bomb_is_refused() -> None:
    compressor = zlib.compressobj(9)
    chunk = bytes(1 << 20)
    bomb = b"\x02" + b"".join(compressor.compress(chunk) for _ in range(64)) + compressor.flush()
    assert len(bomb) < 100_000
    with pytest.raises(RemoteProtocolError, match="inflates to more than"):
        decode(bomb)


def nested(depth: int) -> bytes:
    return b"\0" + wire("f80208f801") * depth + wire("f80108")


def test_nesting_has_a_limit() -> None:
    node = decode(nested(tags.MAX_DEPTH))
    for _ in range(tags.MAX_DEPTH):
        (node,) = node.children
    assert node == Node("id")
    with pytest.raises(RemoteProtocolError, match="nested deeper"):
        decode(nested(tags.MAX_DEPTH + 1))
    with pytest.raises(RemoteProtocolError, match="nested deeper"):
        decode(nested(100_000))


def attributes(count: int) -> bytes:
    return b"\0" + wire("f9") + (1 + 2 * count).to_bytes(2, "big") + b"\x08" + wire("0408") * count


def test_attributes_have_a_limit() -> None:
    assert decode(attributes(tags.MAX_ATTRIBUTES)).attrs == {"type": "id"}
    with pytest.raises(RemoteProtocolError, match="more than 1024 attributes"):
        decode(attributes(tags.MAX_ATTRIBUTES + 1))
    with pytest.raises(RemoteProtocolError, match="more than 1024 attributes"):
        decode(wire("00 f9 ffff 08"))


def test_the_number_of_nodes_has_a_limit() -> None:
    lists = 5
    children = wire("f9 ffff") + wire("f80108") * 0xFFFF
    frame = b"\0" + wire("f80208f8") + bytes((lists,)) + (wire("f80208") + children) * lists
    with pytest.raises(RemoteProtocolError, match="more than 262144 nodes"):
        decode(frame)


def test_a_list_is_not_allocated_before_its_bytes_are_there() -> None:
    """A few bytes that promise 65,535 children, each of which promises as many."""
    with pytest.raises(RemoteProtocolError, match="more than its frame"):
        decode(b"\0" + wire("f80208f9ffff") * 100)


def test_nodes_without_attributes_share_one_mapping() -> None:
    assert decode(wire("00 f8 01 08")).attrs is NO_ATTRS


def test_the_last_of_two_equal_names_counts() -> None:
    assert decode(wire("00 f8 05 08 04 05 04 06")).attrs == {"type": "from"}


def test_even_domains_with_the_top_bit_are_hosted() -> None:
    assert decode(wire("00 f8 03 08 04 f7 82 63 ff 02 1234")).attrs == {"type": "1234:99@hosted"}


def test_an_interop_jid_is_read_with_and_without_its_server() -> None:
    jid = "f5 ff 02 1234 0001 0002"
    with_server = wire(f"00 f8 05 08 04 {jid} fc 07" + b"interop".hex() + "05 06")
    without_server = wire(f"00 f8 05 08 04 {jid} 05 06")
    assert (
        decode(with_server) == decode(without_server) == Node("id", {"type": "2-1234:1@interop", "participant": "from"})
    )
