"""What is kept of a chunk of history: never its messages, only what the client itself needs later.

    before the parts   pairs of phone number and LID, privacy tokens, the own name
    with the first     the salt of client-made tokens
    with each part     what its chats are set to, their timers, names of people, the secrets of polls and events

What is known from elsewhere is newer than any history, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from motte.core.history import reading
from motte.core.history.chunk import Chunk
from motte.core.history.messages import Placed, key_of, value
from motte.core.history.reading import Part
from motte.core.message.secrets import SECRET_SIZE
from motte.model.appstate import Archive, LockChat, MarkRead, Mute, Pin
from motte.model.content import Poll
from motte.model.history import HistoryChat, HistoryContact
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.runtime.addons import AddOns
from motte.runtime.chats import ChatBook, OfChat
from motte.runtime.context import Context
from motte.runtime.tokens import TrustedContacts
from motte.store.batch import Batch
from motte.store.repo.contacts import ContactNames
from motte.store.repo.secrets import MAX_AGE, KeptSecret
from motte.store.repo.tokens import Trust

MAX_SECRETS: Final = 1024
"""Secrets that are taken from one part."""
_ANSWERED: Final = (
    "pollCreationMessage",
    "pollCreationMessageV2",
    "pollCreationMessageV3",
    "pollCreationMessageV5",
    "eventMessage",
)
"""Messages that people answer long after, with the secret in them."""


class Intake:
    """Takes chunks in."""

    def __init__(self, context: Context, *, addons: AddOns, chats: ChatBook, trusted: TrustedContacts) -> None:
        self._context, self._store = context, context.store
        self._addons, self._chats, self._trusted = addons, chats, trusted

    async def begin(self, chunk: Chunk) -> tuple[tuple[Jid, Jid], ...]:
        """What is done before the parts; gives the pairs of phone number and LID. Doing it twice harms nothing."""
        pairs = reading.mappings(chunk)
        await self._context.addresses.learn(pairs)
        tokens = reading.tokens(chunk)
        if tokens:
            await self._trusted.remembered({who: _trust(token) for who, token in tokens.items()})
        account = self._context.account
        name = reading.own_name(chunk, account.me)
        if name and not account.link.push_name:
            await account.name(name)
        return tuple(pairs)

    async def take(self, chunk: Chunk, part: Part, batch: Batch) -> None:
        """Put what is kept of a part into the batch."""
        if chunk.raw.nctSalt:
            self._store.appstate.put_told_salt(batch, chunk.raw.nctSalt)
        for chat in part.chats:
            await self._chat(chat, batch)
        await self._names(part.contacts, batch)
        await self._secrets(part.messages, batch)

    async def _chat(self, chat: HistoryChat, batch: Batch) -> None:
        await self._chats.imported(
            chat.jid,
            batch,
            newest=chat.newest,
            timestamp=chat.newest_at or chat.active_at,
            unread=min(chat.unread, _MOST_UNREAD),
            entries=_entries(chat),
        )
        if chat.timer is not None and chat.jid.is_user:
            await self._addons.told_timer(chat.jid, chat.timer, chat.timer_set_at, batch)

    async def _names(self, contacts: Iterable[HistoryContact], batch: Batch) -> None:
        told: dict[Jid, ContactNames] = {}
        for contact in contacts:
            earlier = told.get(contact.jid, ContactNames())
            told[contact.jid] = _merged(earlier, contact)
        known = await self._store.contacts.get_many(told, batch)
        for user, names in told.items():
            whole = _filled(known.get(user, ContactNames()), names)
            if whole != known.get(user, ContactNames()):
                self._store.contacts.put(batch, user, whole)

    async def _secrets(self, messages: Iterable[Placed], batch: Batch) -> None:
        now, me = self._context.clock.now(), self._context.account.me
        for count, (chat, info) in enumerate(_answerable(messages, now)):
            if count == MAX_SECRETS:
                return
            content, key = value(chat, info, me, None).message.content, key_of(chat, info, me)
            known = await self._store.secrets.find(key.id, chats=[chat], senders=[key.sender], batch=batch)
            if known is None:
                poll = content if isinstance(content, Poll) else None
                await self._store.secrets.put(batch, KeptSecret(key=key, secret=_secret(info), poll=poll), now=now)


_MOST_UNREAD: Final = 1_000_000


def _trust(token: reading.Token) -> Trust:
    return Trust(token=token.token, given_at=token.given_at, issued_at=token.issued_at)


def _entries(chat: HistoryChat) -> Iterator[tuple[OfChat, int]]:
    """What is set for a chat, and when, where the phone says so."""
    if chat.muted_until is not None:
        yield Mute(chat=chat.jid, until=chat.muted_until), 0
    if chat.pinned_at is not None:
        yield Pin(chat=chat.jid), chat.pinned_at
    if chat.archived:
        yield Archive(chat=chat.jid), 0
    if chat.marked_unread:
        yield MarkRead(chat=chat.jid, read=False), 0
    if chat.locked:
        yield LockChat(chat=chat.jid), 0


def _merged(names: ContactNames, contact: HistoryContact) -> ContactNames:
    """Names with those of another entry for the same person. What the phone calls them is no saved name: that is for
    the address book to say, which comes with app state."""
    return replace(
        names,
        push_name=contact.push_name or names.push_name,
        verified_name=contact.verified_name or names.verified_name,
        username=contact.username or names.username,
    )


def _filled(known: ContactNames, told: ContactNames) -> ContactNames:
    return replace(
        known,
        push_name=known.push_name or told.push_name,
        verified_name=known.verified_name or told.verified_name,
        username=known.username or told.username,
    )


def _answerable(messages: Iterable[Placed], now: float) -> Iterator[Placed]:
    """Those polls and events that may still be answered."""
    for chat, info in messages:
        if info.messageTimestamp >= now - MAX_AGE and _is_answered(info.message) and _secret(info):
            yield chat, info


def _is_answered(message: Message) -> bool:
    return any(message.HasField(name) for name in _ANSWERED)


def _secret(info: WebMessageInfo) -> bytes:
    secret = info.message.messageContextInfo.messageSecret or info.messageSecret
    return secret if len(secret) == SECRET_SIZE else b""
