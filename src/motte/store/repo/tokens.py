"""Trusted-contact tokens: what people gave us, and when we gave them ours."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec
from motte.store.table import Space

CACHED: Final = 1024

_TIMES: Final = struct.Struct(">qq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is between a person and us.

    Attributes:
        token: what they gave us; empty when they gave nothing, or it is too old.
        given_at: when they did (unix seconds), 0 without a token.
        issued_at: when we gave them ours, 0 for never.
    """

    token: bytes = field(default=b"", repr=False)
    given_at: int = 0
    issued_at: int = 0


class Tokens:
    """User → trust. The user is a LID where one is known."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("tokens", _CODEC, cached=CACHED)

    async def get(self, user: Jid, batch: Batch | None = None) -> Trust:
        """What is kept for a user, which may be nothing."""
        return await self.table.get(str(user.user_jid), batch) or Trust()

    async def all(self, batch: Batch | None = None) -> dict[Jid, Trust]:
        """Everybody that something is kept for."""
        return {Jid.parse(user): trust for user, trust in (await self.table.scan("", batch)).items()}

    def put(self, batch: Batch, user: Jid, trust: Trust) -> None:
        """Keep it."""
        self.table.put(batch, str(user.user_jid), trust)

    def delete(self, batch: Batch, user: Jid) -> None:
        """Forget it."""
        self.table.delete(batch, str(user.user_jid))


def _encode(value: Trust) -> bytes:
    return _TIMES.pack(value.given_at, value.issued_at) + value.token


def _decode(data: bytes) -> Trust:
    given_at, issued_at = _TIMES.unpack_from(data)
    return Trust(token=data[_TIMES.size :], given_at=given_at, issued_at=issued_at)


_CODEC: Final[Codec[Trust]] = Codec(_encode, _decode)
