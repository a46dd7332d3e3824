"""What is done to messages, by others and by this account.

    opened    content that was encrypted with a message's secret, decrypted with it
    allowed   whether its sender may do that: only the author edits; only the author deletes, or an admin of the group
    keep      what later ones need: secrets, votes, the chat's timer, its newest message
    heed      the timer that the sender of an ordinary message knows of
    event     what it is called

A chat, an author and an actor may each go by phone number or by LID, and a key inside a message need not use the one
that we know: every look-up tries both.
"""

from __future__ import annotations

import logging

from motte.core.message.content.context import timer
from motte.core.message.parse import Parsed, opened, parse
from motte.core.message.secrets import Sealing, unseal
from motte.errors import LocalProtocolError, RemoteProtocolError
from motte.events import addon
from motte.events.base import Event
from motte.model.content import (
    Comment,
    Content,
    DisappearingTimer,
    Edit,
    Encrypted,
    EventResponse,
    Keep,
    Pin,
    Poll,
    PollVote,
    Reaction,
    Revoke,
    Unpin,
    UnsupportedContent,
)
from motte.model.content.poll import tally
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import Message
from motte.runtime.chats import ChatBook
from motte.runtime.context import Context
from motte.runtime.groups import Groups
from motte.store.batch import Batch
from motte.store.repo.secrets import KeptSecret
from motte.store.repo.timers import ChatTimer

log = logging.getLogger("motte.inbound")


class AddOns:
    """Secrets, votes and timers of one account, and the events that come of them."""

    def __init__(self, context: Context, groups: Groups, chats: ChatBook) -> None:
        self._context, self._groups, self._chats = context, groups, chats

    async def opened(self, content: Content, key: MessageKey, batch: Batch | None = None) -> Content:
        """`content` of the message `key`, decrypted when that is possible; a vote names its options then."""
        if not isinstance(content, Encrypted):
            return content
        kept = await self._find(content.target, batch)
        if kept is None:
            return content
        creators, actors = await self._names(kept.key.sender, batch), await self._names(key.sender, batch)
        try:
            plaintext = unseal(content, kept.secret, creators=creators, actors=actors)
            found = opened(content, plaintext, key=key, me=self._context.account.me)
        except RemoteProtocolError as error:
            log.info("a part of %s stays closed: %s", key.id, error)
            return content
        if isinstance(found, PollVote) and kept.poll is not None:
            return found.named(kept.poll)
        return found or content

    async def allowed(self, content: Content, key: MessageKey, batch: Batch | None = None) -> bool:
        """Whether the sender of `key` may do what `content` does."""
        if not isinstance(content, Edit | Revoke) or key.chat.is_newsletter:
            return True
        names = await self._names(key.sender, batch)
        if content.target.sender in names:
            return True
        return isinstance(content, Revoke) and key.chat.is_group and await self._groups.is_admin(key.chat, names)

    async def keep(self, content: Content, key: MessageKey, parsed: Parsed, timestamp: int, batch: Batch) -> None:
        """Put into the batch what later messages need of this one; `timestamp` is in unix seconds."""
        store, now = self._context.store, self._context.clock.now()
        if parsed.secret is not None:
            poll = content if isinstance(content, Poll) else None
            await store.secrets.put(batch, KeptSecret(key=key, secret=parsed.secret, poll=poll), now=now)
        if isinstance(content, PollVote):
            await self._count(content, key.sender, batch)
        elif isinstance(content, DisappearingTimer) and key.chat.is_user:
            await self._set(key.chat, ChatTimer(seconds=content.seconds, set_at=timestamp), batch)
        await self._chats.saw(content, key, timestamp, batch)

    async def heed(self, message: Message, key: MessageKey, timestamp: int, batch: Batch) -> None:
        """Take over the timer that a received message came with: this device may have missed that it was set.

        When it was set is the sender's claim, at most the message's own time; without one any setting goes before it.
        """
        said = timer(message)
        if said is not None and key.chat.is_user:
            seconds, set_at = said
            await self._set(key.chat, ChatTimer(seconds=seconds, set_at=min(set_at, timestamp)), batch)

    async def told_timer(self, chat: Jid, seconds: int, set_at: int, batch: Batch) -> None:
        """The phone's history knows of a timer of a direct chat, and since when (unix seconds)."""
        await self._set(chat, ChatTimer(seconds=seconds, set_at=set_at), batch)

    async def keep_sent(self, key: MessageKey, message: Message, batch: Batch) -> None:
        """The same for a message of ours."""
        parsed = parse(message, key=key, me=self._context.account.me)
        if parsed.content is not None:
            content = await self.opened(parsed.content, key, batch)
            await self.keep(content, key, parsed, int(self._context.clock.now()), batch)

    async def sent(self, key: MessageKey, message: Message) -> Content:
        """The content of a message of ours, as the user knows it."""
        content = parse(message, key=key, me=self._context.account.me).content
        return UnsupportedContent("unknown") if content is None else await self.opened(content, key)

    async def event(
        self, content: Content, key: MessageKey, timestamp: int, batch: Batch | None = None
    ) -> Event | None:
        """The event of what `content` does; None for what is said."""
        if isinstance(content, PollVote):
            results = await self.results(content.poll, batch)
            return addon.PollVoted(
                key=key, timestamp=timestamp, target=content.poll, vote=content, results=results or {}
            )
        return _event(content, key, timestamp)

    async def sealing(self, target: MessageKey) -> Sealing:
        """What it takes to act on a message with its secret.

        Raises:
            LocalProtocolError: the secret is not known (any more).
        """
        kept = await self._find(target)
        if kept is None:
            raise LocalProtocolError(f"the secret of the message {target.id} is not known")
        creator = kept.key.sender
        return Sealing(secret=kept.secret, creator=creator, actor=self._context.account.me.facing(creator))

    async def results(self, poll: MessageKey, batch: Batch | None = None) -> dict[str, tuple[Jid, ...]] | None:
        """Who chose each option of a poll, as far as its votes were seen; None when the poll is not known."""
        kept = await self._find(poll, batch)
        if kept is None or kept.poll is None:
            return None
        return tally(kept.poll, await self._context.store.votes.of(kept.key, batch))

    async def timer(self, chat: Jid) -> int | None:
        """The seconds after which new messages of a chat disappear, when they do."""
        timer = await self._context.store.timers.get(await self._names(chat))
        return timer.seconds or None if timer is not None else None

    async def _set(self, chat: Jid, timer: ChatTimer, batch: Batch) -> None:
        """Keep the timer of a chat under one of its addresses, unless a newer one is known.

        Two may be set within the second that the server counts in: of those the one that comes later holds.
        """
        timers, names = self._context.store.timers, await self._names(chat, batch)
        known = await timers.get(names, batch)
        if known is not None and (known.set_at > timer.set_at or known == timer):
            return
        for name in names[1:]:
            timers.delete(batch, name)
        timers.put(batch, names[0], timer)

    async def _count(self, vote: PollVote, voter: Jid, batch: Batch) -> None:
        """Count a vote, once for each person, unless a newer one has come before it."""
        kept = await self._find(vote.poll, batch)
        if kept is None or kept.poll is None:
            return
        votes, names = self._context.store.votes, await self._names(voter, batch)
        earlier = await votes.of(kept.key, batch)
        for name in names:
            if name in earlier and (earlier[name].timestamp_ms or 0) > (vote.timestamp_ms or 0):
                return
        for name in names[1:]:
            votes.delete(batch, kept.key, name)
        counted = PollVote(poll=kept.key, hashes=vote.chosen, timestamp_ms=vote.timestamp_ms)
        await votes.put(batch, names[0], counted, now=self._context.clock.now())

    async def _find(self, target: MessageKey, batch: Batch | None = None) -> KeptSecret | None:
        chats, senders = await self._names(target.chat, batch), await self._names(target.sender, batch)
        return await self._context.store.secrets.find(target.id, chats=chats, senders=senders, batch=batch)

    async def _names(self, jid: Jid, batch: Batch | None = None) -> list[Jid]:
        """The addresses of a person, or the one of a group; the phone number first."""
        return await self._context.addresses.names(jid, batch)


def _event(content: Content, key: MessageKey, timestamp: int) -> Event | None:
    match content:
        case Reaction(target=target, emoji=emoji):
            return addon.ReactionChanged(key=key, timestamp=timestamp, target=target, emoji=emoji)
        case Edit(target=target, content=new):
            return addon.MessageEdited(key=key, timestamp=timestamp, target=target, content=new)
        case Revoke(target=target):
            return addon.MessageRevoked(key=key, timestamp=timestamp, target=target)
        case EventResponse(event=target):
            return addon.EventResponded(key=key, timestamp=timestamp, target=target, response=content)
        case Comment(target=target, content=said):
            return addon.CommentReceived(key=key, timestamp=timestamp, target=target, content=said)
        case Pin(target=target, duration=duration):
            return addon.MessagePinned(key=key, timestamp=timestamp, target=target, duration=duration)
        case Unpin(target=target):
            return addon.MessagePinned(key=key, timestamp=timestamp, target=target, duration=None)
        case Keep(target=target, keep=kept):
            return addon.MessageKept(key=key, timestamp=timestamp, target=target, kept=kept)
        case DisappearingTimer(seconds=seconds) if key.chat.is_user:
            return addon.EphemeralChanged(key=key, timestamp=timestamp, seconds=seconds)
    return None
