"""Asks phones to upload again what the media servers have lost."""

from __future__ import annotations

import asyncio
from typing import Final

from motte.core.media import retry
from motte.core.stanza import receipt
from motte.core.stanza.mediaretry import MediaRetried
from motte.errors import MediaUnavailable
from motte.model.key import MessageKey
from motte.runtime.context import Context

ANSWER_SECONDS: Final = 60.0
"""How long a phone has to answer; it may have to wake up first."""


class Reuploads:
    """Requests under way, by message id. Who asks for the same file meanwhile waits for the same answer."""

    def __init__(self, context: Context, *, timeout: float = ANSWER_SECONDS) -> None:
        self._context, self._timeout = context, timeout
        self._waiting: dict[str, list[asyncio.Future[MediaRetried]]] = {}

    async def ask(self, key: MessageKey, media_key: bytes) -> str:
        """The new direct path.

        Raises:
            MediaUnavailable: the phone does not have it either, or did not answer (`reason` is `no_answer`).
            Disconnected: there is no connection.
            RemoteProtocolError: the answer is malformed.
        """
        waiting: asyncio.Future[MediaRetried] = asyncio.get_running_loop().create_future()
        others = self._waiting.setdefault(key.id, [])
        others.append(waiting)
        try:
            if len(others) == 1:
                self._request(key, media_key)
            async with asyncio.timeout(self._timeout):
                answer = await waiting
        except TimeoutError:
            text = "the phone did not answer the request to upload the file again"
            raise MediaUnavailable("no_answer", text) from None
        finally:
            self._forget(key.id, waiting)
        if answer.sealed is None:
            raise retry.refused(answer.error or 0)
        return retry.read(answer.sealed, key.id, media_key)

    def answered(self, answer: MediaRetried) -> None:
        """A phone answered; if nobody waits any more, that is all right."""
        # Popped: whoever comes from here on comes too late for this answer, and asks anew.
        for waiting in self._waiting.pop(answer.message_id, ()):
            if not waiting.done():
                waiting.set_result(answer)

    def _forget(self, message_id: str, waiting: asyncio.Future[MediaRetried]) -> None:
        others = self._waiting.get(message_id, [])
        if waiting in others:
            others.remove(waiting)
            if not others:
                del self._waiting[message_id]

    def _request(self, key: MessageKey, media_key: bytes) -> None:
        sealed = retry.request(key.id, media_key, self._context.rng)
        me = self._context.account.me
        self._context.wire.send(receipt.server_error(key, me, sealed.ciphertext, sealed.iv))
