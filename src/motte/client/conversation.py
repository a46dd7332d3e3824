"""A conversation: ask, and wait for the answer in the same chat.

    async with client.conversation(event.chat, timeout=60) as talk:
        name = await talk.ask("What is your name?")
        await talk.send(f"Hello {name.text}")

Messages are noted from the beginning of the block, so that an answer which comes before it is waited for is not missed.
Handlers see them too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from motte.client.features.messages import SentMessage, address
from motte.client.ports import Mappings
from motte.errors import RequestTimeout
from motte.events.message import MessageReceived
from motte.model.content import Content, InContext
from motte.model.jid import Jid


class Talking(Protocol):
    """The client, as a conversation needs it."""

    @property
    def messages(self) -> Sending:
        """What sends."""
        ...

    def expect(
        self, kind: type[MessageReceived], check: Callable[[MessageReceived], bool]
    ) -> asyncio.Future[MessageReceived]:
        """A future of the first message that `check` accepts."""
        ...


class Sending(Protocol):
    """`client.messages`, as a conversation needs it."""

    async def send(self, chat: Jid | str, content: Content | str) -> SentMessage:
        """Send something."""
        ...


class Conversation:
    """What is said in one chat while the block lasts; made by `client.conversation`.

    What is done to messages (reactions, edits, votes) is no answer, nor is what this account says.
    """

    def __init__(
        self, client: Talking, mappings: Mappings, chat: Jid | str, *, timeout: float | None, sender: Jid | None
    ) -> None:
        self._client, self._mappings, self.chat = client, mappings, address(chat).user_jid
        self._timeout, self._sender = timeout, sender
        self._chats: set[Jid] = set()
        self._senders: set[Jid] = set()
        self._coming: deque[asyncio.Future[MessageReceived]] = deque()

    async def __aenter__(self) -> Conversation:
        self._chats = await self._names(self.chat)
        self._senders = await self._names(self._sender.user_jid) if self._sender is not None else set()
        self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for future in self._coming:
            future.cancel()
        self._coming.clear()

    async def send(self, content: Content | str) -> SentMessage:
        """Say something. Raises like `client.messages.send`."""
        return await self._client.messages.send(self.chat, content)

    async def next(self, *, timeout: float | None = None) -> MessageReceived:
        """The next message of the chat that was not given out yet.

        Raises:
            RequestTimeout: none came within `timeout` seconds, or those of the conversation.
            Disconnected: the client was closed.
        """
        first = self._coming[0]
        await asyncio.wait({first}, timeout=self._timeout if timeout is None else timeout)
        if not first.done():
            raise RequestTimeout(f"nobody answered in {self.chat} in time")
        if first.exception() is None:
            self._coming.popleft()
        return first.result()

    async def ask(self, question: Content | str, *, timeout: float | None = None) -> MessageReceived:
        """Say something and give the answer: what comes after it, and not what came before. Raises like `next`."""
        while self._coming[0].done():
            self._coming.popleft().result()
        await self.send(question)
        return await self.next(timeout=timeout)

    def _listen(self) -> None:
        self._coming.append(self._client.expect(MessageReceived, self._takes))

    def _takes(self, event: MessageReceived) -> bool:
        key, alt = event.message.key, event.message.sender_alt
        if key.from_me or not isinstance(event.content, InContext):
            return False
        if self._senders.isdisjoint({key.sender, alt}) and self._sender is not None:
            return False
        if key.chat not in self._chats and not (key.chat.is_user and alt in self._chats):
            return False
        self._listen()  # before this one is told: the next message may follow at once
        return True

    async def _names(self, jid: Jid) -> set[Jid]:
        """Both addresses of a person, as far as they are known; the one of a group."""
        if not jid.is_user:
            return {jid}
        found = {jid, await self._mappings.lid_of(jid), await self._mappings.pn_of(jid)}
        return {name for name in found if name is not None}
