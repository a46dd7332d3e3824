"""How values become bytes and come back.

Small values that are written often have a fixed layout, wide ones that are written rarely are JSON. Either begins with
a version byte, so a later motte can tell old values from new ones.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V")

_VERSION: Final = b"\x01"
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Codec(Generic[V]):
    """A pair of functions. `decode` may raise anything: the table makes it a `StoreCorrupt` that names the row."""

    encode: Callable[[V], bytes]
    decode: Callable[[bytes], V]


RAW: Final[Codec[bytes]] = Codec(bytes, bytes)
"""Bytes as they are."""
TEXT: Final[Codec[str]] = Codec(str.encode, bytes.decode)
"""UTF-8."""


def pack(*fields: bytes) -> bytes:
    """Fields in a row, each behind its length (u32, big-endian), after a version byte."""
    parts = [_VERSION]
    for field in fields:
        parts += (_LENGTH.pack(len(field)), field)
    return b"".join(parts)


def unpack(data: bytes, count: int) -> tuple[bytes, ...]:
    """The `count` fields that `pack` wrote.

    Raises:
        ValueError: another version, or not that many fields.
    """
    if data[:1] != _VERSION:
        raise ValueError("of an unknown version")
    fields, at = [], 1
    for _ in range(count):
        if at + 4 > len(data):
            raise ValueError("a field is missing")
        end = at + 4 + _LENGTH.unpack_from(data, at)[0]
        fields.append(data[at + 4 : end])
        at = end
    if at != len(data):
        raise ValueError("the length is wrong")
    return tuple(fields)


def to_json(value: dict[str, Any]) -> bytes:
    """JSON text after a version byte; bytes in it are written with `text_of`."""
    return _VERSION + json.dumps(value, separators=(",", ":")).encode()


def from_json(data: bytes) -> dict[str, Any]:
    """The object that `to_json` wrote.

    Raises:
        ValueError: another version, or not a JSON object.
    """
    if data[:1] != _VERSION:
        raise ValueError("of an unknown version")
    value = json.loads(data[1:])
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def text_of(data: bytes) -> str:
    """Bytes as text for JSON (base64)."""
    return base64.b64encode(data).decode()


def bytes_of(text: str) -> bytes:
    """The bytes that `text_of` wrote."""
    return base64.b64decode(text, validate=True)
