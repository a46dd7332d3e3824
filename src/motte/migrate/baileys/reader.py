"""JSON as Baileys writes it, read with checks: every error names the file and the place inside.

Bytes come in many clothes, according to the version and to what wrote them:

    {"type": "Buffer", "data": "<base64>"}      Baileys' BufferJSON
    {"type": "Buffer", "data": [1, 2, …]}       Node's own, inside sender keys; and older versions
    {"buffer": true, "value": "<base64>" | …}   the first versions
    {"0": 1, "1": 2, …}                         a Uint8Array that went through JSON unaided
    "<base64>"                                  protobuf objects, libsignal's sessions

and 64-bit numbers are decimal strings, or `{"low": …, "high": …}`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any, Final

from motte.core.crypto.curve import KEY_SIZE, KeyPair, unprefixed
from motte.errors import ImportFailed, InvalidJid, InvalidKey
from motte.model.jid import Jid

MAX_NUMBER: Final = 2**63 - 1


class Reader:
    """One value of a file. `path` is the way to it, empty for the whole."""

    __slots__ = ("file", "path", "value")

    def __init__(self, file: str, value: Any, path: str = "") -> None:
        self.file, self.path, self.value = file, path, value

    @classmethod
    def parse(cls, file: str, text: bytes, path: str = "") -> Reader:
        """The value that `text` spells.

        Raises:
            ImportFailed: it is no JSON, as after a crash while the file was written.
        """
        try:
            return cls(file, json.loads(text), path)
        except (ValueError, RecursionError):
            what = "it is empty" if not text.strip() else "it is not whole, or no JSON"
            raise ImportFailed(file, f"{path}: {what}" if path else what) from None

    def fail(self, problem: str) -> ImportFailed:
        """The error that says what is wrong here."""
        return ImportFailed(self.file, f"{self.path} {problem}" if self.path else f"it {problem}")

    def __getitem__(self, name: str) -> Reader:
        found = self.get(name)
        if found is None:
            raise self._at(name, None).fail("is missing")
        return found

    def get(self, name: str) -> Reader | None:
        """The member of that name; `None` when it is missing or null."""
        value = self._object().get(name)
        return None if value is None else self._at(name, value)

    def items(self) -> Iterator[tuple[str, Reader]]:
        """The members of an object, in the order of the file."""
        return ((name, self._at(name, value)) for name, value in self._object().items())

    def elements(self) -> list[Reader]:
        """The elements of an array."""
        if not isinstance(self.value, list):
            raise self.fail("is not an array")
        return [self._at(f"[{index}]", value) for index, value in enumerate(self.value)]

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.fail("is not a text")
        return self.value

    def jid(self) -> Jid:
        """A JID."""
        try:
            return Jid.parse(self.text())
        except InvalidJid:
            raise self.fail("is not a JID") from None

    def number(self, low: int = 0, high: int = MAX_NUMBER) -> int:
        """A whole number from `low` to `high`."""
        value = self.value
        if isinstance(value, dict) and isinstance(value.get("low"), int) and isinstance(value.get("high"), int):
            value = (value["high"] << 32) | (value["low"] & 0xFFFFFFFF)
        if isinstance(value, str) and value.isascii() and len(value) < 20 and value.removeprefix("-").isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail("is not a whole number")
        if not low <= value <= high:
            raise self.fail("is out of range")
        return value

    def data(self, size: int | None = None) -> bytes:
        """Bytes, `size` of them if that is given."""
        data = self._bytes(self.value)
        if data is None:
            raise self.fail("is not bytes")
        if size is not None and len(data) != size:
            raise self.fail(f"has {len(data)} bytes instead of {size}")
        return data

    def key(self) -> bytes:
        """The 32 bytes of a public key, which may stand behind its type byte."""
        try:
            return unprefixed(self.data())
        except InvalidKey:
            raise self.fail("is not a public key") from None

    def pair(self, public: str = "public", private: str = "private") -> KeyPair:
        """A key pair, whose halves have to belong together."""
        pair = KeyPair.from_private(self[private].data(KEY_SIZE))
        if self[public].key() != pair.public:
            raise self.fail("contradicts itself: its public key does not belong to its private key")
        return pair

    def _at(self, name: str, value: Any) -> Reader:
        return Reader(self.file, value, f"{self.path}.{name}" if self.path else name)

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.fail("is not an object")
        return self.value

    def _bytes(self, value: Any) -> bytes | None:
        if isinstance(value, dict):
            if value.get("type") == "Buffer" or value.get("buffer") is True:
                inner = value.get("data", value.get("value"))
                return None if isinstance(inner, dict) else self._bytes(inner)
            value = _elements(value)
        try:
            if isinstance(value, str):
                return base64.b64decode(value, validate=True)
            return bytes(value) if isinstance(value, list) else None
        except (binascii.Error, ValueError, TypeError):
            return None


def _elements(value: dict[str, Any]) -> list[Any] | None:
    """`{"0": 1, "1": 2}` as an array."""
    wanted = [str(index) for index in range(len(value))]
    return [value[name] for name in wanted] if value and all(name in value for name in wanted) else None
