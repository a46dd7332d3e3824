"""Handing messages to the user so that none is lost: kept until handled, handed out again after a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from motte.core.message.parse import Parsed, parse
from motte.core.message.protocol import name_of
from motte.core.stanza.message import IncomingMessage
from motte.errors import RemoteProtocolError
from motte.events.base import Event
from motte.events.message import Actions, MessageForged, MessageReceived
from motte.model.content import Revoke
from motte.model.me import Me
from motte.model.message import Content, Message, MessageKey, UnsupportedContent
from motte.proto.e2e_pb2 import Message as RawMessage
from motte.runtime.addons import AddOns
from motte.runtime.clock import Timer
from motte.runtime.context import Context
from motte.runtime.step import Step
from motte.store.repo.inbox import InboxEntry

log = logging.getLogger("motte.inbound")

FLUSH_AT: Final = 64
"""Handled messages whose entries are removed together when no other commit takes them along earlier."""
FLUSH_AFTER: Final = 0.25
"""Seconds after which they are removed anyway: what is left in the inbox at a crash is handed out again."""


class Delivery:
    """Turns stored messages into events, and forgets them when they are handled."""

    def __init__(self, context: Context, addons: AddOns, actions: Actions | None) -> None:
        self._context, self._addons, self._actions = context, addons, actions
        self._next = 0
        self._left: dict[int, tuple[Event, ...]] = {}
        self._handled: list[int] = []
        self._timer: Timer | None = None

    async def load(self) -> None:
        """Read what an earlier run left behind. Call once, before anything else."""
        entries, me = await self._context.store.inbox.all(), self._context.account.maybe_me
        self._next = max(entries, default=0) + 1
        if me is None:
            return
        for number, entry in entries.items():
            raw = RawMessage.FromString(entry.raw)
            content = await self._addons.opened(_content(raw, entry.key, me), entry.key)
            done = await self._addons.event(content, entry.key, entry.timestamp)
            self._left[number] = self._events(entry, raw, content, done)

    def hand_out(self) -> None:
        """Tell of what was left behind, once: when the user has had the time to register handlers."""
        left, self._left = self._left, {}
        for number, events in left.items():
            on_handled = self._once(number, len(events))
            for event in events:
                self._context.bus.publish(event, on_handled)

    def add(self, step: Step, entry: InboxEntry, raw: RawMessage, content: Content, done: Event | None = None) -> None:
        """Keep a message with the rest of its step, and tell of it after the commit, and of what it has `done`."""
        number, self._next = self._next, self._next + 1
        self._context.store.inbox.put(step.batch, number, entry)
        self._forget_handled(step)
        events = self._events(entry, raw, content, done)
        on_handled = self._once(number, len(events))
        for event in events:
            step.tell(event, on_handled)

    async def take(self, step: Step, incoming: IncomingMessage, parsed: Parsed, *, recovered: bool = False) -> None:
        """Keep and tell what a message says, with what others need of it; what its sender may not do is dropped."""
        key, timestamp, addons = incoming.key, incoming.timestamp, self._addons
        content = await addons.opened(content_of(parsed), key, step.batch)
        if not await addons.allowed(content, key, step.batch):
            log.warning("%s changed a message of somebody else", key.sender)
            kind = "REVOKE" if isinstance(content, Revoke) else "MESSAGE_EDIT"
            step.tell(MessageForged(sender=key.sender, kind=kind))
            return
        await addons.keep(content, key, parsed, timestamp, step.batch)
        await addons.heed(parsed.message, key, timestamp, step.batch)
        alt = incoming.source.sender_alt
        entry = InboxEntry(
            key=key,
            timestamp=timestamp,
            origin=incoming.origin,
            raw=parsed.message.SerializeToString(),
            push_name=incoming.push_name,
            sender_alt=alt.user_jid if alt else None,
            recovered=recovered,
        )
        done = await addons.event(content, key, timestamp, step.batch)
        self.add(step, entry, parsed.message, content, done)

    async def flush(self) -> None:
        """Forget what was handled, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._handled:
            step = Step(self._context.store, self._context.bus)
            self._forget_handled(step)
            await step.commit()

    def _once(self, number: int, events: int) -> Callable[[], None]:
        """What to call when each of the events of one message is handled: the message is, after the last."""
        left = events

        def one_handled() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                self._done(number)

        return one_handled

    def _done(self, number: int) -> None:
        self._handled.append(number)
        clock = self._context.clock
        if len(self._handled) >= FLUSH_AT:
            self._flush_soon()
        elif self._timer is None:
            self._timer = clock.call_at(clock.monotonic() + FLUSH_AFTER, self._flush_soon)

    def _flush_soon(self) -> None:
        self._context.tasks.start(self.flush(), "inbox")

    def _forget_handled(self, step: Step) -> None:
        handled, self._handled = self._handled, []
        for number in handled:
            self._context.store.inbox.delete(step.batch, number)

    def _events(self, entry: InboxEntry, raw: RawMessage, content: Content, done: Event | None) -> tuple[Event, ...]:
        message = Message(
            key=entry.key,
            content=content,
            timestamp=entry.timestamp,
            origin=entry.origin,
            push_name=entry.push_name,
            sender_alt=entry.sender_alt,
        )
        received = MessageReceived(message=message, raw=raw, recovered=entry.recovered, actions=self._actions)
        return (received,) if done is None else (received, done)


def content_of(parsed: Parsed) -> Content:
    """What the user sees of a message; kinds without content of their own keep their name."""
    if parsed.content is not None:
        return parsed.content
    if parsed.protocol is not None:
        return UnsupportedContent(f"protocolMessage.{name_of(parsed.protocol)}")
    if parsed.unknown_protocol is not None:
        return UnsupportedContent(f"protocolMessage.{parsed.unknown_protocol}")
    return UnsupportedContent("unknown")


def _content(raw: RawMessage, key: MessageKey, me: Me) -> Content:
    try:
        return content_of(parse(raw, key=key, me=me))
    except RemoteProtocolError:
        return UnsupportedContent("unknown")
