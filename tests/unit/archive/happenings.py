"""Events as a client of Anna's tells them, a client that tells them, and the archives that are tested with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from motte.core.message.compose import message as composed
from motte.errors import ItemNotFound
from motte.events.appstate import AppStateChanged
from motte.events.base import Event
from motte.events.history import HistoryMessage, HistoryReceived
from motte.events.message import MessageReceived, MessageSent
from motte.events.receipt import ReceiptReceived
from motte.model.appstate.action import Action
from motte.model.content import Content, Poll, Text
from motte.model.group import Group
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.model.message import Message, Origin
from motte.model.receipt import Receipt, ReceiptKind
from motte.proto.e2e_pb2 import Message as RawMessage
from motte.proto.web_message_pb2 import WebMessageInfo

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("90001:3@lid"))
OWN, OWN_LID = Jid.parse("15550100001@s.whatsapp.net"), Jid.parse("90001@lid")
BEN, BEN_LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("90002@lid")
CLEO, CLEO_LID = Jid.parse("15550100003@s.whatsapp.net"), Jid.parse("90003@lid")
CHESS = Jid.parse("120363000000000001@g.us")
NOON = 1_780_000_000


def seeded(size: int) -> bytes:
    """Bytes that are random enough here."""
    return bytes(size)


def key(message_id: str, *, chat: Jid = BEN, sender: Jid | None = None, from_me: bool = False) -> MessageKey:
    """The key of a message; of Ben's, unless it says otherwise."""
    sender = sender or ((OWN_LID if chat.is_lid else OWN) if from_me else chat)
    return MessageKey(chat=chat, id=message_id, sender=sender, from_me=from_me)


def raw_of(content: Content, chat: Jid) -> RawMessage:
    """The protobuf of content that can be sent without a secret; of other content an empty one."""
    try:
        return composed(content, chat=chat, now=NOON, rng=seeded)
    except Exception:
        return RawMessage()


def received(
    name: MessageKey | str, content: Content | str, at: int = NOON, *, origin: Origin = Origin.LIVE, **more: Any
) -> MessageReceived:
    """A message that came."""
    name = key(name) if isinstance(name, str) else name
    content = Text(text=content) if isinstance(content, str) else content
    message = Message(key=name, content=content, timestamp=at, origin=origin, **more)
    return MessageReceived(message=message, raw=raw_of(content, name.chat))


def sent(name: MessageKey, content: Content | str, at: int = NOON) -> MessageSent:
    """A message that this client sent."""
    event = received(name, content, at)
    return MessageSent(message=event.message, raw=event.raw)


def receipt(kind: ReceiptKind, *ids: str, at: int, chat: Jid = BEN, sender: Jid = BEN, by_me: bool = False) -> Event:
    """A receipt."""
    return ReceiptReceived(receipt=Receipt(kind=kind, chat=chat, sender=sender, ids=ids, timestamp=at, by_me=by_me))


def state(action: Action, at: int = NOON) -> AppStateChanged:
    """An entry of the account's state."""
    return AppStateChanged(action=action, collection="regular", timestamp=at)


def remembered(name: MessageKey, content: Content | str, at: int = NOON, **info: Any) -> HistoryMessage:
    """A message of the history; `info` are fields of what the phone keeps of it."""
    event = received(name, content, at, origin=Origin.HISTORY)
    whole = WebMessageInfo(messageTimestamp=at, message=event.raw, **info)
    return HistoryMessage(message=event.message, raw=event.raw, info=whole)


def history(*messages: HistoryMessage, **more: Any) -> HistoryReceived:
    """A part of the history."""
    return HistoryReceived(kind="RECENT", order=1, progress=None, last=True, messages=messages, **more)


POLL = Poll(name="Lunch?", options=("soup", "salad"), selectable=1)


class People:
    """`client.contacts` and `client.groups`: knows those who are told of."""

    def __init__(self) -> None:
        self.lids = {OWN: OWN_LID}
        self.known: dict[Jid, Group] = {}

    async def lid_of(self, user: Jid) -> Jid | None:
        return user if user.is_lid else self.lids.get(user)

    async def pn_of(self, user: Jid) -> Jid | None:
        return user if user.is_pn else next((pn for pn, lid in self.lids.items() if lid == user), None)

    async def get(self, group: Jid, *, fresh: bool = False) -> Group:
        if group not in self.known:
            raise ItemNotFound(404, "item-not-found")
        return self.known[group]

    async def all(self) -> list[Group]:
        return list(self.known.values())


class Handling:
    """A handler that is on a `Teller`."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def cancel(self) -> None:
        self.teller.handler = None


class Teller:
    """A client that tells what it is told to tell, one event after the other."""

    def __init__(self, me: Me = ME) -> None:
        self.me: Me | None = me
        self.contacts = self.groups = self.people = People()
        self.handler: Callable[[Any], Any] | None = None
        self._check: Callable[[Any], bool] | None = None

    def add_handler(
        self, kind: type[Any], handler: Callable[[Any], Any], check: Callable[[Any], bool] | None = None
    ) -> Handling:
        self.handler, self._check = handler, check
        return Handling(self)

    async def tell(self, *events: Event) -> None:
        """Tell of events in this order, and return when they were handled."""
        for event in events:
            if self.handler is not None and (self._check is None or self._check(event)):
                await self.handler(event)

    async def tell_together(self, *events: Event) -> None:
        """Tell of events at once."""
        await asyncio.gather(*(self.tell(event) for event in events))
