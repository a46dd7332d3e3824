"""What a chunk says, as values: chats, names, pairs of addresses, tokens, former members, calls, secrets.

A chunk is cut into parts of a few hundred messages, always in the same places, so that a part which was handled before
a crash can be told from one which was not. What cannot be read, such as a chat whose JID is none, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from motte.core.appstate.actions.media import call_record
from motte.core.history.chunk import Chunk
from motte.core.history.messages import Placed, key_of
from motte.core.message.content.fields import jid
from motte.model.appstate import FOREVER
from motte.model.appstate.call import CallRecord
from motte.model.history import HistoryChat, HistoryContact, PastMember
from motte.model.jid import STATUS_JID, Jid
from motte.model.me import Me
from motte.proto.history_pb2 import Conversation, PastParticipant
from motte.proto.web_message_pb2 import WebMessageInfo

PART: Final = 500
"""Messages and chats of one part."""
_MILLISECONDS: Final = 100_000_000_000
"""Larger times are in milliseconds: phones differ in that."""
_SIGNED: Final = 1 << 63
_NO_MORE: Final = Conversation.COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
_VERIFIED: Final = frozenset({WebMessageInfo.BIZ_PRIVACY_MODE_TO_BSP, WebMessageInfo.BIZ_PRIVACY_MODE_TO_FB})
"""System messages whose parameter is the verified name of a business."""


@dataclass(frozen=True, slots=True)
class Token:
    """The privacy token of a person: theirs, since when we have it, and when they got ours (unix seconds)."""

    token: bytes = field(repr=False)
    given_at: int
    issued_at: int


@dataclass(slots=True)
class Part:
    """Some chats and messages of a chunk, and what people in them are called. Filled while it is cut."""

    chats: list[HistoryChat] = field(default_factory=list)
    messages: list[Placed] = field(default_factory=list)
    contacts: list[HistoryContact] = field(default_factory=list)
    last: bool = False

    @property
    def room(self) -> int:
        """How much more there is room for."""
        return PART - len(self.messages) - len(self.chats)


def parts(chunk: Chunk, me: Me) -> Iterator[Part]:
    """A chunk in parts, at least one."""
    part = Part(contacts=_names(chunk))
    for chat, conversation, infos in _conversations(chunk):
        if not part.room:
            yield part
            part = Part()
        if conversation is not None:
            part.chats.append(_chat(chat, conversation, infos, me))
            part.contacts += _contacts(chat, conversation, infos)
        while len(infos) > part.room:
            room = part.room
            part.messages += [(chat, info) for info in infos[:room]]
            infos = infos[room:]
            yield part
            part = Part()
        part.messages += [(chat, info) for info in infos]
    part.last = True
    yield part


def mappings(chunk: Chunk) -> list[tuple[Jid, Jid]]:
    """The pairs of phone number and LID that a chunk tells: in its list, of its chats, by receipts in them."""
    told = [(_jid(one.pnJid), _jid(one.lidJid)) for one in chunk.raw.phoneNumberToLidMappings]
    for conversation in chunk.raw.conversations:
        chat = _jid(conversation.id)
        if chat is not None and chat.is_lid:
            told.append((_jid(conversation.pnJid) or _receiver(conversation), chat))
        elif chat is not None and chat.is_pn:
            told.append((chat, _jid(conversation.lidJid)))
    pairs = ((pn, lid) for pn, lid in told if pn is not None and lid is not None)
    return [(pn, lid) for pn, lid in dict.fromkeys(pairs) if pn.is_pn and lid.is_lid and pn.user and lid.user]


def tokens(chunk: Chunk) -> dict[Jid, Token]:
    """The privacy tokens between people and this account."""
    found = {}
    for one in chunk.raw.conversations:
        chat = _jid(one.id) if one.tcToken or one.tcTokenSenderTimestamp else None
        if chat is not None and chat.is_user:
            given_at, issued_at = _seconds(one.tcTokenTimestamp), _seconds(one.tcTokenSenderTimestamp)
            found[chat] = Token(one.tcToken, given_at, issued_at)
    return found


def own_name(chunk: Chunk, me: Me) -> str | None:
    """What the account calls itself, if the chunk says so."""
    return next((one.push_name for one in _names(chunk) if me.owns(one.jid)), None)


def past_members(chunk: Chunk) -> tuple[PastMember, ...]:
    """Who left groups."""
    members = []
    for group in chunk.raw.pastParticipants:
        group_jid = _jid(group.groupJid)
        for gone in group.pastParticipants:
            user = _jid(gone.userJid)
            if group_jid is not None and user is not None:
                removed = gone.leaveReason == PastParticipant.REMOVED
                members.append(PastMember(group=group_jid, user=user, left_at=_seconds(gone.leaveTs), removed=removed))
    return tuple(members)


def calls(chunk: Chunk) -> tuple[CallRecord, ...]:
    """The list of calls."""
    found = []
    for record in chunk.raw.callLogRecords:
        with suppress(ValueError, TypeError):  # what is no UTF-8 comes as bytes
            found.append(call_record(record))
    return tuple(found)


def _conversations(chunk: Chunk) -> Iterator[tuple[Jid, Conversation | None, list[WebMessageInfo]]]:
    """The chats that have a JID, each with its messages as they came, the newest first; the status list is none."""
    for conversation in chunk.raw.conversations:
        chat = _jid(conversation.id)
        if chat is not None:
            yield chat, conversation, [one.message for one in conversation.messages]
    if chunk.raw.statusV3Messages:
        yield STATUS_JID, None, list(chunk.raw.statusV3Messages)


def _chat(chat: Jid, one: Conversation, infos: list[WebMessageInfo], me: Me) -> HistoryChat:
    # The newest is at one end: first, as phones do it. To look at all of them is a fifth of the whole work.
    newest = max(infos[:1] + infos[-1:], key=lambda info: info.messageTimestamp, default=None)
    active = one.conversationTimestamp or one.lastMsgTimestamp or (newest.messageTimestamp if newest else 0)
    more = one.endOfHistoryTransferType != _NO_MORE if one.HasField("endOfHistoryTransferType") else None
    return HistoryChat(
        jid=chat,
        name=_text(one.displayName) or _text(one.name),
        description=_text(one.description),
        pn=_jid(one.pnJid),
        lid=_jid(one.lidJid) or _jid(one.accountLid),
        username=_text(one.username),
        unread=one.unreadCount,
        marked_unread=one.markedAsUnread,
        archived=one.archived,
        pinned_at=one.pinned or None,
        muted_until=_muted(one.muteEndTime),
        locked=one.locked,
        read_only=one.readOnly,
        active_at=_seconds(active),
        timer=one.ephemeralExpiration or None,
        timer_set_at=_seconds(max(one.ephemeralSettingTimestamp, 0)),
        newest=key_of(chat, newest, me) if newest is not None else None,
        newest_at=newest.messageTimestamp if newest is not None else 0,
        has_more=more,
    )


def _contacts(chat: Jid, one: Conversation, infos: list[WebMessageInfo]) -> Iterator[HistoryContact]:
    name, username = _text(one.displayName) or _text(one.name), _text(one.username)
    if chat.is_user and (name or username):
        yield HistoryContact(jid=chat, name=name, username=username)
    for info in infos:
        if info.messageStubType in _VERIFIED and info.messageStubParameters:
            business, verified = _jid(info.participant) or chat, _text(info.messageStubParameters[0])
            if verified and business.is_user:
                yield HistoryContact(jid=business, verified_name=verified)


def _names(chunk: Chunk) -> list[HistoryContact]:
    named = ((_jid(one.id), _text(one.pushname)) for one in chunk.raw.pushnames)
    return [HistoryContact(jid=who, push_name=name) for who, name in named if who is not None and who.is_user and name]


def _receiver(conversation: Conversation) -> Jid | None:
    """The phone number that had an own message, which in a chat with one person is theirs."""
    for placed in conversation.messages:
        info = placed.message
        if info.key.fromMe and info.userReceipt:
            return _jid(info.userReceipt[0].userJid)
    return None


def _muted(until: int) -> int | None:
    if until >= _SIGNED:
        return FOREVER
    return _seconds(until) or None


def _seconds(time: int) -> int:
    return time // 1000 if time > _MILLISECONDS else time


def _text(value: object) -> str | None:
    """A string field; None when it is empty, or no UTF-8."""
    return value if value and isinstance(value, str) else None


def _jid(value: object) -> Jid | None:
    text = _text(value)
    return jid(text) if text is not None else None
