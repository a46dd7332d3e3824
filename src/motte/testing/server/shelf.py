"""A device's public Signal keys, as the server keeps them for others to fetch.

Each one-time prekey is handed out once. The signed prekey's signature is checked when it arrives, so that a client with
a broken one is told at once and not by its peers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from motte.core.binary.node import Node
from motte.core.crypto.curve import prefixed, verifies
from motte.testing.server.reader import Refused

KEY_TYPE: Final = b"\x05"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedKey:
    """A signed prekey: its number, 32 bytes, and the identity's signature over `05` and them."""

    number: int
    value: bytes
    signature: bytes

    def node(self) -> Node:
        """`<skey><id/><value/><signature/></skey>`."""
        return Node("skey", {}, (*key_fields(self.number, self.value), Node("signature", {}, self.signature)))


def key_fields(number: int, value: bytes) -> tuple[Node, Node]:
    """`<id>` (3 bytes) and `<value>` of a key."""
    return Node("id", {}, number.to_bytes(3, "big")), Node("value", {}, value)


@dataclass(slots=True, eq=False)
class Shelf:
    """Registration id, identity, signed prekey and the one-time prekeys still there, oldest first."""

    registration_id: int
    identity: bytes
    signed: SignedKey
    one_time: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.replace_signed(self.signed)

    def replace_signed(self, key: SignedKey) -> None:
        """Put a new signed prekey on the shelf; `Refused(406)` when its signature does not verify."""
        if not verifies(self.identity, prefixed(key.value), key.signature):
            raise Refused(406, "the signature of the signed prekey does not verify")
        self.signed = key

    def take(self) -> tuple[int, bytes] | None:
        """The next one-time prekey, which is gone then."""
        for number in self.one_time:
            return number, self.one_time.pop(number)
        return None

    def bundle(self, one_time: tuple[int, bytes] | None) -> tuple[Node, ...]:
        """What a peer needs to start a session, with a one-time prekey that was taken for it."""
        key = () if one_time is None else (Node("key", {}, key_fields(*one_time)),)
        return (*self._head(), *key, self.signed.node())

    def digest(self) -> Node:
        """All public keys with a SHA-1 over identity, signed prekey, its signature and the prekeys as listed."""
        parts = (self.identity, self.signed.value, self.signed.signature, *self.one_time.values())
        numbers = tuple(Node("id", {}, number.to_bytes(3, "big")) for number in self.one_time)
        content = Node("hash", {}, hashlib.sha1(b"".join(parts), usedforsecurity=False).digest())
        return Node("digest", {}, (*self._head(), self.signed.node(), Node("list", {}, numbers or None), content))

    def _head(self) -> tuple[Node, ...]:
        return (
            Node("registration", {}, self.registration_id.to_bytes(4, "big")),
            Node("type", {}, KEY_TYPE),
            Node("identity", {}, self.identity),
        )
