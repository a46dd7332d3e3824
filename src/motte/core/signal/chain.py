"""Symmetric-key ratchets: chains of message keys.

    message seed = HMAC(chain key, 01)          next chain key = HMAC(chain key, 02)

A seed is expanded into the keys of one message only when that message is there. A receiving chain keeps the seeds of
the messages that it had to skip, so that they can still come, out of order; both how far it looks ahead and how many
it keeps are bounded. Sessions and sender keys share all this.

The values here are named tuples, not dataclasses: two or three are made for each message, at a quarter of the cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import digest
from types import MappingProxyType
from typing import Final, NamedTuple

from motte.errors import DuplicateMessage, InvalidMessage

MAX_AHEAD: Final = 2000
"""A message may be at most this many ahead of the next one expected."""
MAX_SKIPPED: Final = 2000
"""A chain keeps at most this many skipped seeds; the oldest are forgotten first."""
NO_SKIPPED: Final[Mapping[int, bytes]] = MappingProxyType({})
"""The shared mapping of a chain that skipped nothing."""


class Chain(NamedTuple):
    """A chain: its 32-byte `key`, and the `counter` of the message that comes next."""

    key: bytes
    counter: int

    def advance(self) -> tuple[bytes, Chain]:
        """The seed of the next message, and the chain after it."""
        key, counter = self
        return digest(key, b"\x01", "sha256"), Chain(digest(key, b"\x02", "sha256"), counter + 1)

    def __repr__(self) -> str:
        return f"Chain(counter={self.counter})"


class ReceivingChain(NamedTuple):
    """The peer's chain as the receiver knows it, with the seeds of `skipped` messages by index, in ascending order."""

    chain: Chain
    skipped: Mapping[int, bytes] = NO_SKIPPED

    def __repr__(self) -> str:
        return f"ReceivingChain({self.chain!r}, skipped={list(self.skipped)})"

    def take(self, index: int) -> tuple[bytes, ReceivingChain]:
        """The seed of message `index`, and the chain that no longer has it.

        Raises:
            DuplicateMessage: it was taken before, or skipped so long ago that it is forgotten.
            InvalidMessage: it is more than `MAX_AHEAD` messages ahead.
        """
        chain, skipped = self
        if index < chain.counter:
            return self._take_skipped(index)
        if index > chain.counter:
            chain, skipped = self._skip_to(index)
        seed, chain = chain.advance()
        return seed, ReceivingChain(chain, skipped)

    def _take_skipped(self, index: int) -> tuple[bytes, ReceivingChain]:
        rest = dict(self.skipped)
        seed = rest.pop(index, None)
        if seed is None:
            raise DuplicateMessage("a message key was used before")
        return seed, ReceivingChain(self.chain, rest or NO_SKIPPED)

    def _skip_to(self, index: int) -> tuple[Chain, Mapping[int, bytes]]:
        chain = self.chain
        if index - chain.counter > MAX_AHEAD:
            raise InvalidMessage(f"a message is more than {MAX_AHEAD} messages ahead of its chain")
        skipped = dict(self.skipped)
        while chain.counter < index:
            skipped[chain.counter], chain = chain.advance()
        for oldest in list(skipped)[: max(0, len(skipped) - MAX_SKIPPED)]:
            del skipped[oldest]
        return chain, skipped
