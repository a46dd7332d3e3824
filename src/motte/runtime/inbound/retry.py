"""Asking a sender for a message that could not be decrypted, with keys for a new session.

The prekey that goes along is one that nobody else gets. A sender gets the same one until it has used it, so that a
stranger who sends rubbish without end costs one prekey and not one for each message.
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.node import Node
from motte.core.message.retry_policy import Ask
from motte.core.signal.keys import PreKey
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.retry import RetryKeys, RetryReason, request
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.store.cache import Lru

REMEMBERED: Final = 1024
"""Senders whose unused prekey is remembered."""


class RetryRequests:
    """Builds retry receipts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._given: Lru[int | None] = Lru(REMEMBERED)

    async def build(self, incoming: IncomingMessage, asked: Ask, reason: RetryReason) -> Node:
        """The receipt that asks for `incoming` again."""
        keys = await self._keys(incoming.source.sender) if asked.with_keys else None
        return request(
            incoming.header,
            count=asked.count,
            registration_id=self._context.account.credentials.registration_id,
            keys=keys,
            reason=reason,
        )

    async def _keys(self, sender: Jid) -> RetryKeys:
        account = self._context.account
        prekey = await self._prekey(sender)
        return RetryKeys(
            identity=account.credentials.identity.public,
            prekey=prekey,
            signed_prekey=account.credentials.signed_prekey,
            device_identity=account.link.identity,
        )

    async def _prekey(self, sender: Jid) -> PreKey:
        given = self._given.get(str(sender), None)
        unused = await self._context.store.prekeys.get(given) if given is not None else None
        prekey = unused or await self._context.account.new_prekey()
        self._given.put(str(sender), prekey.id)
        return prekey
