"""Asking a sender for a message that could not be decrypted, with fresh keys for a new session."""

from __future__ import annotations

from dataclasses import replace

from motte.core.binary.node import Node
from motte.core.message.retry_policy import Ask
from motte.core.signal.keys import generate_prekeys, next_id
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.retry import RetryKeys, RetryReason, request
from motte.runtime.context import Context
from motte.runtime.step import Step


class RetryRequests:
    """Builds retry receipts; the prekey that goes along is stored in the same step."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def build(self, incoming: IncomingMessage, asked: Ask, reason: RetryReason, step: Step) -> Node:
        """The receipt that asks for `incoming` again."""
        keys = self._keys(step) if asked.with_keys else None
        return request(
            incoming.header,
            count=asked.count,
            registration_id=self._context.account.credentials.registration_id,
            keys=keys,
            reason=reason,
        )

    def _keys(self, step: Step) -> RetryKeys:
        """The own keys with a one-time prekey that nobody else gets: it is never uploaded."""
        account = self._context.account
        credentials = account.credentials
        (prekey,) = generate_prekeys(credentials.next_prekey_id, 1, self._context.rng)
        self._context.store.prekeys.put_many(step.batch, [prekey], uploaded=True)
        account.stage(replace(credentials, next_prekey_id=next_id(prekey.id)), step.batch)
        return RetryKeys(
            identity=credentials.identity.public,
            prekey=prekey,
            signed_prekey=credentials.signed_prekey,
            device_identity=account.link.identity,
        )
