"""The chats of the account: their newest messages, and what is set for them.

    saw      a message came or went: it is the newest now, and one more is unread
    read     a chat was read, here or on another device
    set      an entry of the state that is about a chat
    imported what the phone's history says of a chat

A person's chat may go by phone number or by LID, and the entries of one chat by either. So everything is looked up by
both, and of two entries the one that was set last counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from motte.model.appstate import (
    Action,
    Archive,
    ClearChat,
    DeleteChat,
    LabelChat,
    LockChat,
    MarkRead,
    MessageRange,
    MessageRef,
    Mute,
    Pin,
    RangeMessage,
    UnarchiveChats,
)
from motte.model.chat import Chat
from motte.model.content import (
    Comment,
    Content,
    Edit,
    Encrypted,
    EventResponse,
    Keep,
    PollVote,
    Reaction,
    Revoke,
    Unpin,
)
from motte.model.content import Pin as PinMessage
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.runtime.context import Context
from motte.store.batch import Batch
from motte.store.repo.chats import ChatRow
from motte.store.repo.entries import Entry

OfChat: TypeAlias = Mute | Pin | Archive | MarkRead | LockChat
_NAMES: Final = ("mute", "pin_v1", "archive", "markChatAsRead", "lock")
"""The actions that there is one of for a chat, and their names in an index."""
_LABEL: Final = "label_jid"
_QUIET: Final = (Comment, Edit, Encrypted, EventResponse, Keep, PinMessage, PollVote, Reaction, Revoke, Unpin)
"""What is done to messages is none, and leaves nothing unread."""


class ChatBook:
    """Reads and writes what is kept of chats."""

    def __init__(self, context: Context) -> None:
        self._context, self._store = context, context.store

    # --- what is known -------------------------------------------------------------------------------------------

    async def get(self, chat: Jid) -> Chat | None:
        """A chat, if anything is known of it."""
        names = await self._names(chat)
        row = await self._store.chats.get(names)
        entries = await self._store.entries.get_many((kind, str(name)) for kind in _NAMES for name in names)
        labels = [one for one in await self._store.entries.all(_LABEL) if _chat(one) in names]
        return _chat_of(row.jid if row else names[0], row, entries + labels) if row or entries or labels else None

    async def all(self) -> list[Chat]:
        """All chats that anything is known of, the pinned ones first, then those with the newest messages."""
        rows = {row.jid: row for row in await self._store.chats.all()}
        entries: dict[Jid, list[Entry]] = defaultdict(list)
        for name in (*_NAMES, _LABEL):
            for entry in await self._store.entries.all(name):
                entries[_chat(entry)].append(entry)
        others = await self._store.lids.others(jid for jid in {*rows, *entries} if jid.is_lid)
        people: dict[Jid, list[Jid]] = defaultdict(list)
        for jid in dict.fromkeys((*rows, *entries)):
            people[others.get(jid, jid)].append(jid)
        chats = [_chat_of(jid, *_merged(names, rows, entries)) for jid, names in people.items()]
        return sorted(chats, key=_place, reverse=True)

    async def range(self, chat: Jid) -> MessageRange:
        """Up to where a chat is known, as actions on it say."""
        row = await self._store.chats.get(await self._names(chat))
        if row is None or row.newest is None:
            return MessageRange(last=int(self._context.clock.now()))
        newest = RangeMessage(message=MessageRef.of(row.newest), timestamp=row.timestamp)
        return MessageRange(last=row.timestamp, messages=(newest,))

    # --- what happens to them ------------------------------------------------------------------------------------

    async def saw(self, content: Content, key: MessageKey, timestamp: int, batch: Batch) -> None:
        """A message came, or went out."""
        if isinstance(content, _QUIET) or key.chat.is_status:
            return
        names, row = await self._row(key.chat, batch)
        unread = 0 if key.from_me else row.unread + 1
        if row.newest is None or timestamp >= row.timestamp:
            row = replace(row, newest=key, timestamp=timestamp)
        self._put(names, replace(row, unread=unread), batch)
        if not key.from_me:
            await self._unarchive(names, timestamp, batch)

    async def read(self, chat: Jid, batch: Batch) -> None:
        """A chat was read."""
        names, row = await self._row(chat, batch)
        if row.unread:
            self._put(names, replace(row, unread=0), batch)

    async def was_read(self, chat: Jid) -> None:
        """A chat was read, and nothing else happens with that."""
        batch = self._store.batch()
        await self.read(chat, batch)
        if batch:
            await self._store.commit(batch)

    async def set(self, action: Action, timestamp: int, batch: Batch) -> None:
        """An entry about a chat was set at `timestamp` (unix seconds); others are passed over."""
        match action:
            case Mute() | Pin() | LockChat() | LabelChat():
                self._store.entries.put(batch, action, timestamp=timestamp)
            case Archive(chat=chat, archived=archived):
                self._store.entries.put(batch, replace(action, range=None), timestamp=timestamp)
                if archived:  # as on every device, a chat that is put away does not stay on top
                    await self._unpin(chat, timestamp, batch)
            case MarkRead(chat=chat, read=read):
                self._store.entries.put(batch, replace(action, range=None), timestamp=timestamp)
                if read:
                    await self.read(chat, batch)
            case ClearChat(chat=chat):
                await self.read(chat, batch)
            case DeleteChat(chat=chat, range=known):
                await self._delete(chat, known, batch)

    async def imported(
        self,
        chat: Jid,
        batch: Batch,
        *,
        newest: MessageKey | None = None,
        timestamp: int = 0,
        unread: int = 0,
        entries: Iterable[tuple[OfChat, int]] = (),
    ) -> None:
        """What the phone's history says of a chat; what is known of it from elsewhere stays.

        Args:
            chat: by whichever address.
            batch: where it goes.
            newest, timestamp: the newest message and its time, unix seconds.
            unread: how many messages are.
            entries: what is set for it, and since when (unix seconds, 0 if that is not told).
        """
        names, row = await self._row(chat, batch)
        if row.newest is None or timestamp > row.timestamp:
            self._put(names, ChatRow(jid=row.jid, newest=newest, timestamp=timestamp, unread=unread), batch)
        for action, since in entries:
            kind = _NAMES[_KINDS.index(type(action))]
            if not await self._store.entries.get_many([(kind, str(name)) for name in names], batch):
                self._store.entries.put(batch, action, timestamp=since)

    # --- how -----------------------------------------------------------------------------------------------------

    async def _names(self, chat: Jid, batch: Batch | None = None) -> list[Jid]:
        return await self._context.addresses.names(chat, batch)

    async def _row(self, chat: Jid, batch: Batch) -> tuple[list[Jid], ChatRow]:
        names = await self._names(chat, batch)
        return names, await self._store.chats.get(names, batch) or ChatRow(jid=names[0])

    def _put(self, names: list[Jid], row: ChatRow, batch: Batch) -> None:
        """Keep a row under the first of a chat's names; it moves there when another one becomes known."""
        if row.jid != names[0]:
            self._store.chats.delete(batch, row.jid)
        self._store.chats.put(batch, replace(row, jid=names[0]))

    async def _unarchive(self, names: list[Jid], timestamp: int, batch: Batch) -> None:
        """A new message brings an archived chat back, when the account has it so."""
        entries = self._store.entries
        archived = _newest(await entries.get_many([("archive", str(name)) for name in names], batch))
        if archived is None or not isinstance(archived.action, Archive) or not archived.action.archived:
            return
        setting = await entries.get(("setting_unarchiveChats",), batch)
        if setting is not None and isinstance(setting.action, UnarchiveChats) and setting.action.unarchive:
            entries.put(batch, replace(archived.action, archived=False), timestamp=timestamp)

    async def _unpin(self, chat: Jid, timestamp: int, batch: Batch) -> None:
        entries = self._store.entries
        for name in await self._names(chat, batch):
            if await entries.get(("pin_v1", str(name)), batch) is not None:
                entries.put(batch, Pin(chat=name, pinned=False), timestamp=timestamp)

    async def _delete(self, chat: Jid, known: MessageRange | None, batch: Batch) -> None:
        """Forget a chat, unless it has newer messages than those that were deleted."""
        names, row = await self._row(chat, batch)
        if known is not None and known.last is not None and row.timestamp > known.last:
            return
        for name in names:
            self._store.chats.delete(batch, name)
            for kind in _NAMES:
                self._store.entries.delete(batch, (kind, str(name)))


_KINDS: Final = (Mute, Pin, Archive, MarkRead, LockChat)


def _place(chat: Chat) -> tuple[bool, int, int]:
    return chat.pinned_at is not None, chat.pinned_at or 0, chat.active_at


def _chat(entry: Entry) -> Jid:
    chat: Jid = entry.action.chat  # type: ignore[attr-defined]  # all that are asked for are about one
    return chat


def _newest(entries: Iterable[Entry]) -> Entry | None:
    return max(entries, key=lambda entry: entry.timestamp, default=None)


def _merged(
    names: list[Jid], rows: dict[Jid, ChatRow], entries: dict[Jid, list[Entry]]
) -> tuple[ChatRow | None, list[Entry]]:
    found = [rows[name] for name in names if name in rows]
    newest = max(found, key=lambda row: row.timestamp, default=None)
    return newest, [entry for name in names for entry in entries[name]]


def _chat_of(jid: Jid, row: ChatRow | None, entries: Iterable[Entry]) -> Chat:
    chat = Chat(jid=jid)
    if row is not None:
        chat = replace(chat, newest=row.newest, active_at=row.timestamp, unread=row.unread)
    labels: dict[str, bool] = {}
    for entry in sorted(entries, key=lambda entry: entry.timestamp):
        match entry.action:
            case Mute(until=until):
                chat = replace(chat, muted_until=until)
            case Pin(pinned=pinned):
                chat = replace(chat, pinned_at=entry.timestamp if pinned else None)
            case Archive(archived=archived):
                chat = replace(chat, archived=archived)
            case MarkRead(read=read):
                chat = replace(chat, marked_unread=not read)
            case LockChat(locked=locked):
                chat = replace(chat, locked=locked)
            case LabelChat(label=label, labeled=labeled):
                labels[label] = labeled
    return replace(chat, labels=tuple(label for label, labeled in labels.items() if labeled))
