"""Reporting tokens: a receiver who reports a message proves with one what was sent, while the server cannot read it.

    <reporting><reporting_token v="2">16 bytes</reporting_token></reporting>

    key     HKDF-SHA256(the message's secret, info = id ‖ sender ‖ chat ‖ "Report Token", 32 bytes)
    token   the first 16 bytes of HMAC-SHA256(key, kept)
    kept    of the serialised Message only the fields of `KEPT`, by their numbers, in the order of these

Sender and chat are JIDs without a device, in the chat's addressing. `kept` comes from the message as it was before it
was padded: the receiver knows nothing of the padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from motte.core.binary.node import Node
from motte.core.crypto.kdf import hkdf, hmac_sha256
from motte.core.stanza.build import element
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message

TOKEN_SIZE: Final = 16
VERSION: Final = 2
_KEY_SIZE: Final = 32
_USE: Final = "Report Token"
_WITHOUT: Final = ("reactionMessage", "encReactionMessage", "encEventResponseMessage", "pollUpdateMessage")
_BYTES: Final = 2

Fields: TypeAlias = "Mapping[int, Fields | None]"
"""Field number → what is kept of the message inside, or None for all of it."""


def _whole(*numbers: int) -> dict[int, Fields | None]:
    return dict.fromkeys(numbers)


_FORWARDED: Final[Fields] = _whole(21, 22)
"""Of a ContextInfo: how often it was forwarded, and whether."""
_POLL: Final[Fields] = {2: None, 3: _whole(1, 2), 5: _FORWARDED, 8: _whole(1, 2)}

KEPT: Final[Fields] = {
    1: None,  # conversation
    3: {**_whole(2, 3, 8, 11, 25), 17: _FORWARDED},  # image
    4: {**_whole(1, 16), 17: _FORWARDED},  # contact
    5: {**_whole(3, 4, 5, 16), 17: _FORWARDED},  # location
    6: {**_whole(1, 30), 17: _FORWARDED},  # extended text
    7: {**_whole(2, 7, 10, 20), 17: _FORWARDED},  # document
    8: {**_whole(2, 7, 9, 21), 17: _FORWARDED},  # audio
    9: {**_whole(2, 6, 7, 13, 20), 17: _FORWARDED},  # video
    12: _whole(1, 2, 15),  # protocol message
    18: {**_whole(6, 16), 17: _FORWARDED},  # live location
    26: {**_whole(4, 5, 8, 13), 17: _FORWARDED},  # sticker
    28: {**_whole(1, 2, 4, 5, 6), 7: _FORWARDED},  # group invite
    49: _POLL,
    60: _POLL,
    64: _POLL,
    66: {**_whole(2, 6, 7, 13, 20), 17: _FORWARDED},  # video note
    88: {1: None, 2: _whole(1), 3: _FORWARDED},  # poll result
}
"""What counts of a Message. Wrapped ones (ephemeral, view once, edited, …) keep nothing, and so get no token."""


def reporting(message: Message, message_id: str, *, sender: Jid, chat: Jid) -> Node | None:
    """The `<reporting>` for a message that is being sent; None for one that cannot be reported.

    `sender` is who we are in that chat.
    """
    secret = message.messageContextInfo.messageSecret
    if not secret or any(message.HasField(name) for name in _WITHOUT):
        return None
    token = reporting_token(message.SerializeToString(), secret, message_id, sender=sender, chat=chat)
    return element("reporting", body=[element("reporting_token", {"v": VERSION}, token)]) if token else None


def reporting_token(serialised: bytes, secret: bytes, message_id: str, *, sender: Jid, chat: Jid) -> bytes | None:
    """The token of a serialised Message, or None when nothing of it counts.

    Raises:
        ValueError: these bytes are no protobuf.
    """
    kept = _filtered(serialised, KEPT)
    if not kept:
        return None
    info = f"{message_id}{sender.user_jid}{chat.user_jid}{_USE}".encode()
    return hmac_sha256(hkdf(secret, _KEY_SIZE, info=info), kept)[:TOKEN_SIZE]


def _filtered(data: bytes, fields: Fields) -> bytes:
    """The kept fields of a serialised message, sorted by number; repeated ones stay in their order."""
    kept: list[tuple[int, bytes]] = []
    for tag, start, value, end in _walk(data):
        number = tag >> 3
        if number not in fields:
            continue
        inner = fields[number]
        if inner is None or tag & 7 != _BYTES:
            kept.append((number, data[start:end]))
        elif nested := _filtered(data[value:end], inner):
            kept.append((number, _varint(tag) + _varint(len(nested)) + nested))
    return b"".join(content for _, content in sorted(kept, key=lambda one: one[0]))


def _walk(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each field: its tag, where it starts, where its value starts, where it ends."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _read_varint(data, at)
        match tag & 7:
            case 0:
                value, (_, at) = at, _read_varint(data, at)
            case 1:
                value, at = at, at + 8
            case 2:
                size, value = _read_varint(data, at)
                at = value + size
            case 5:
                value, at = at, at + 4
            case _:
                raise ValueError("a protobuf field has a wire type that does not exist")
        if at > len(data):
            raise ValueError("a protobuf field is cut off")
        yield tag, start, value, at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    result = 0
    for index in range(10):
        if at + index >= len(data):
            break
        byte = data[at + index]
        result |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return result, at + index + 1
    raise ValueError("a protobuf number is cut off or too long")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
