"""`client.chats`: the list of chats, and what is set for each on all devices of the account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from motte.client.features.messages import address
from motte.client.features.state import State
from motte.client.ports import Chatting, Clock, Entries
from motte.model.appstate import (
    FOREVER,
    Archive,
    ClearChat,
    DeleteChat,
    DeleteForMe,
    Favorites,
    LockChat,
    MarkRead,
    MessageRef,
    Mute,
    Pin,
    Star,
)
from motte.model.chat import Chat
from motte.model.jid import Jid
from motte.model.key import MessageKey


class Chats:
    """The chats as this device knows them, by their messages, by the account's state and by history.

    A chat is given as a JID, its text, or a phone number. Methods that change something return when the server has it;
    the account's other devices follow. They raise what `State.set` does: `LocalProtocolError` while the phone has not
    shared its keys, `AppStateError`, `Conflict`, `Disconnected`, `RequestTimeout`, a `ServerError`.
    """

    def __init__(self, *, state: State, chats: Chatting, entries: Entries, clock: Clock) -> None:
        self._state, self._chats, self._entries, self._clock = state, chats, entries, clock

    async def get(self, chat: Jid | str) -> Chat | None:
        """A chat, whichever of its addresses is given; None when nothing is known of it."""
        return await self._chats.get(address(chat))

    async def all(self) -> list[Chat]:
        """All chats, archived ones included: the pinned ones first, then those with the newest messages."""
        return await self._chats.all()

    async def refresh(self) -> None:
        """Bring what is known up to date with the server, which happens by itself at login and at every change."""
        await self._state.sync()

    async def mute(self, chat: Jid | str, *, until: float | datetime | timedelta | None = None) -> None:
        """No notifications from a chat: until a time (unix seconds or a datetime), for a while, or for ever."""
        await self._state.set(Mute(chat=address(chat), until=self._end(until)))

    async def unmute(self, chat: Jid | str) -> None:
        """Notifications again."""
        await self._state.set(Mute(chat=address(chat), until=None))

    async def pin(self, chat: Jid | str) -> None:
        """On top of the list. The phone holds three."""
        await self._state.set(Pin(chat=address(chat)))

    async def unpin(self, chat: Jid | str) -> None:
        """Back among the others."""
        await self._state.set(Pin(chat=address(chat), pinned=False))

    async def archive(self, chat: Jid | str) -> None:
        """Out of the list; a pinned chat is unpinned with that."""
        jid = address(chat)
        known, archived = await self._chats.get(jid), Archive(chat=jid, range=await self._chats.range(jid))
        unpinned = () if known is None or known.pinned_at is None else (Pin(chat=jid, pinned=False),)
        await self._state.set(archived, *unpinned)

    async def unarchive(self, chat: Jid | str) -> None:
        """Back in the list."""
        jid = address(chat)
        await self._state.set(Archive(chat=jid, archived=False, range=await self._chats.range(jid)))

    async def mark_read(self, chat: Jid | str) -> None:
        """Nothing is unread on the own devices. The senders learn by `client.messages.mark_read`, not by this."""
        jid = address(chat)
        await self._state.set(MarkRead(chat=jid, range=await self._chats.range(jid)))

    async def mark_unread(self, chat: Jid | str) -> None:
        """It shall look unread."""
        jid = address(chat)
        await self._state.set(MarkRead(chat=jid, read=False, range=await self._chats.range(jid)))

    async def star(self, *keys: MessageKey) -> None:
        """Give messages a star, as many as you like at once."""
        await self._state.set(*(Star(message=MessageRef.of(key)) for key in keys))

    async def unstar(self, *keys: MessageKey) -> None:
        """Take the stars of messages away."""
        await self._state.set(*(Star(message=MessageRef.of(key), starred=False) for key in keys))

    async def delete_for_me(self, *keys: MessageKey, timestamp: int | None = None, delete_media: bool = True) -> None:
        """Delete messages from the own devices; the others in the chat keep theirs.

        Args:
            keys: the messages.
            timestamp: when they were sent, unix seconds, as far as that is known.
            delete_media: the phone deletes their files too.
        """
        refs = (MessageRef.of(key) for key in keys)
        await self._state.set(
            *(DeleteForMe(message=ref, timestamp=timestamp, delete_media=delete_media) for ref in refs)
        )

    async def clear(self, chat: Jid | str, *, keep_starred: bool = False, delete_media: bool = False) -> None:
        """Delete the messages of a chat from the own devices."""
        jid = address(chat)
        known = await self._chats.range(jid)
        await self._state.set(
            ClearChat(chat=jid, delete_starred=not keep_starred, delete_media=delete_media, range=known)
        )

    async def delete(self, chat: Jid | str, *, delete_media: bool = True) -> None:
        """Delete a chat with its messages from the own devices."""
        jid = address(chat)
        await self._state.set(DeleteChat(chat=jid, delete_media=delete_media, range=await self._chats.range(jid)))

    async def lock(self, chat: Jid | str) -> None:
        """Put a chat among the locked ones."""
        await self._state.set(LockChat(chat=address(chat)))

    async def unlock(self, chat: Jid | str) -> None:
        """Take a chat out of the locked ones."""
        await self._state.set(LockChat(chat=address(chat), locked=False))

    async def favorites(self) -> tuple[Jid, ...]:
        """The favourite chats, in their order."""
        entry = await self._entries.get(("favorites",))
        return entry.action.chats if entry is not None and isinstance(entry.action, Favorites) else ()

    async def set_favorites(self, chats: Iterable[Jid | str]) -> None:
        """These are the favourite chats, in this order."""
        await self._state.set(Favorites(chats=tuple(address(chat) for chat in chats)))

    def _end(self, until: float | datetime | timedelta | None) -> int:
        match until:
            case None:
                return FOREVER
            case timedelta():
                return int(self._clock.now() + until.total_seconds())
            case datetime():
                return int(until.timestamp())
            case _:
                return int(until)
