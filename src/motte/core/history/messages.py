"""Messages out of the history, read one by one when somebody looks at them.

Twenty thousand of them are decoded in a fiftieth of a second, and would take a second to become values. So what is
handed out is a sequence that makes a value of each message that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, overload

from motte.core.message.content.fields import jid
from motte.core.message.parse import parse
from motte.errors import RemoteProtocolError
from motte.events.history import HistoryMessage
from motte.events.message import Actions
from motte.model.content import Content, UnsupportedContent
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.model.message import Message, Origin
from motte.proto.web_message_pb2 import WebMessageInfo

Placed: TypeAlias = tuple[Jid, WebMessageInfo]
"""A message and its chat."""


class Messages(Sequence[HistoryMessage]):
    """A sequence of messages, each read anew whenever it is asked for."""

    __slots__ = ("_actions", "_me", "_placed")

    def __init__(self, placed: Sequence[Placed], me: Me, actions: Actions | None) -> None:
        self._placed, self._me, self._actions = placed, me, actions

    def __len__(self) -> int:
        return len(self._placed)

    @overload
    def __getitem__(self, index: int) -> HistoryMessage: ...

    @overload
    def __getitem__(self, index: slice) -> Messages: ...

    def __getitem__(self, index: int | slice) -> HistoryMessage | Messages:
        if isinstance(index, slice):
            return Messages(self._placed[index], self._me, self._actions)
        return value(*self._placed[index], self._me, self._actions)

    def __iter__(self) -> Iterator[HistoryMessage]:
        return (value(chat, info, self._me, self._actions) for chat, info in self._placed)

    def __repr__(self) -> str:
        return f"<{len(self)} messages>"


def key_of(chat: Jid, info: WebMessageInfo, me: Me) -> MessageKey:
    """What names a message."""
    name = info.key.id if isinstance(info.key.id, str) else ""  # bytes, when it is no UTF-8
    if info.key.fromMe:
        return MessageKey(chat=chat, id=name, sender=me.facing(chat).user_jid, from_me=True)
    author = chat if chat.is_user else _participant(info) or chat
    return MessageKey(chat=chat, id=name, sender=author, from_me=False)


def value(chat: Jid, info: WebMessageInfo, me: Me, actions: Actions | None) -> HistoryMessage:
    """A message as a user sees it."""
    key, name = key_of(chat, info, me), info.pushName
    message = Message(
        key=key,
        content=_content(info, key, me),
        timestamp=info.messageTimestamp,
        origin=Origin.HISTORY,
        push_name=name if name and isinstance(name, str) else None,
    )
    return HistoryMessage(message=message, raw=info.message, info=info, actions=actions)


def _content(info: WebMessageInfo, key: MessageKey, me: Me) -> Content:
    """What a message says; what only the chat's list shows, as that somebody joined, keeps its name."""
    if not info.HasField("message"):
        return UnsupportedContent(f"stub.{WebMessageInfo.StubType.Name(info.messageStubType)}")
    try:
        return parse(info.message, key=key, me=me).content or UnsupportedContent("unknown")
    except RemoteProtocolError:
        return UnsupportedContent("unknown")


def _participant(info: WebMessageInfo) -> Jid | None:
    named = info.participant or info.key.participant
    return jid(named) if isinstance(named, str) else None
