"""`client.messages`: send, answer, forward, mark as read, and what is done to messages that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from motte.client.ports import Acting, Audiences, Chatting, Clock, KnownGroups, Preparing, Requests, Sending, Tracking
from motte.client.ports_people import PrivacyRules
from motte.core.crypto.rng import Rng
from motte.core.message import compose
from motte.core.message.secrets import Sealing
from motte.core.stanza import receipt
from motte.errors import LocalProtocolError
from motte.events.message import MessageReceived
from motte.model.content import (
    Comment,
    DisappearingTimer,
    Edit,
    Event,
    EventResponse,
    Keep,
    Pin,
    PollVote,
    Reaction,
    Revoke,
    Unpin,
)
from motte.model.content.action import DAY
from motte.model.content.event import Attendance
from motte.model.jid import Jid
from motte.model.message import Content, MessageKey, Text
from motte.model.progress import Progress
from motte.model.receipt import Receipt, ReceiptKind
from motte.model.status import StatusPost
from motte.proto.e2e_pb2 import Message as RawMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that the server has taken: its key and the server's time (unix seconds).

    What happens to it afterwards can be awaited, under a time-out of your own:
    `async with asyncio.timeout(30): await sent.delivered()`.
    In a group `by` waits for one person, named as the group names people (by LID, in most).
    What is done to it raises like `client.messages.send`. `raw` is the protobuf that was sent.
    """

    key: MessageKey
    timestamp: int
    raw: RawMessage = field(repr=False, compare=False)
    _messages: Messages = field(repr=False, compare=False)
    _tracking: Tracking = field(repr=False, compare=False)

    async def delivered(self, by: Jid | None = None) -> Receipt:
        """The first receipt that says that a device of the recipient has it; to oneself, another own device."""
        return await self._reached(ReceiptKind.DELIVERED, by)

    async def read(self, by: Jid | None = None) -> Receipt:
        """The first receipt that says that somebody has read it."""
        return await self._reached(ReceiptKind.READ, by)

    async def played(self, by: Jid | None = None) -> Receipt:
        """The first receipt that says that somebody has played it."""
        return await self._reached(ReceiptKind.PLAYED, by)

    def receipts(self, kind: ReceiptKind = ReceiptKind.DELIVERED) -> Mapping[Jid, Receipt]:
        """Who has it (or with `READ` has read it) until now, each with the first receipt that says so.

        That much is remembered of the last few hundred messages only.
        """
        return self._tracking.so_far(self.key.id, kind, own=self._is_to_oneself)

    @property
    def _is_to_oneself(self) -> bool:
        return self.key.sender == self.key.chat

    async def _reached(self, kind: ReceiptKind, by: Jid | None) -> Receipt:
        return await self._tracking.wait(self.key.id, kind, by, own=self._is_to_oneself)

    async def reply(self, content: Content | str) -> SentMessage:
        """Add to it, with a quotation of it."""
        return await self._messages.reply(self, content)

    async def react(self, emoji: str) -> SentMessage:
        """React to it, in place of an earlier reaction; an empty text takes it back."""
        return await self._messages.react(self.key, emoji)

    async def edit(self, content: Content | str) -> SentMessage:
        """Give it new content of the same kind; every further edit is one of this message, too."""
        return await self._messages.edit(self.key, content)

    async def delete(self) -> SentMessage:
        """Delete it for everybody."""
        return await self._messages.revoke(self.key)

    async def pin(self, duration: int = 7 * DAY) -> SentMessage:
        """Pin it in the chat for everybody, for `duration` seconds."""
        return await self._messages.pin(self.key, duration)

    async def forward(self, chat: Jid | str, *, marked: bool = False) -> SentMessage:
        """Send it to another chat, shown there as forwarded if `marked`."""
        return await self._messages.forward(self, chat, marked=marked)


Target: TypeAlias = MessageKey | MessageReceived | SentMessage
"""A message to do something to: its key, or what has one."""


class Messages:
    """Sends messages, tells what became of them, and changes those that are there.

    Whatever sends raises like `send`.
    """

    def __init__(
        self,
        *,
        sending: Sending,
        tracking: Tracking,
        preparing: Preparing,
        acting: Acting,
        audiences: Audiences,
        chats: Chatting,
        groups: KnownGroups,
        privacy: PrivacyRules,
        wire: Requests,
        clock: Clock,
        rng: Rng,
    ) -> None:
        self._sending, self._tracking, self._preparing, self._wire = sending, tracking, preparing, wire
        self._acting, self._audiences, self._chats, self._groups = acting, audiences, chats, groups
        self._privacy, self._clock, self._rng = privacy, clock, rng

    async def send(
        self, chat: Jid | str, content: Content | StatusPost | str, *, progress: Progress | None = None
    ) -> SentMessage:
        """Send something to a person, a group or the status list; returns when the server has acked it.

        If the connection is down, or goes down before the ack, the message waits for the next one.

        Args:
            chat: a JID, its text, or a phone number with country code.
            content: any kind of content, or simply a text; files that are no `RemoteFile` yet are uploaded first. A
                `StatusPost` goes to `status@broadcast` alone.
            progress: told the encrypted bytes of its file that were uploaded, and how many there are.

        Raises:
            SendRejected: the server refused it; `code` and `hint` say why.
            RequestTimeout: no ack within `Config.send_timeout`.
            Disconnected: the connection ended for good.
            NotLoggedIn: no account is linked.
            InvalidJid: `chat` is neither a JID nor a phone number.
            OSError: a file cannot be read.
            TransportError: no media host takes a file.
            LocalProtocolError: a content or a chat that this version cannot send to.
        """
        to = address(chat)
        if isinstance(content, Reaction | Revoke) and to.is_status:
            return await self._send(to, content, None, audience=await self._audience(content.target))
        if not isinstance(content, StatusPost):
            return await self._send(to, _said(content), None, progress)
        if not to.is_status:
            raise LocalProtocolError(f"a status is not for one chat, and {to} is one")
        return await self._send(to, content.content, None, progress, content.audience)

    async def reply(
        self, event: MessageReceived | SentMessage, content: Content | str, *, progress: Progress | None = None
    ) -> SentMessage:
        """Answer a message, quoted, where it was said; a status is answered to its author.

        `progress` as in `send`. Raises like `send`.
        """
        key = event.key
        quote = compose.Quote(key=key, message=event.raw)
        return await self._send(key.sender if key.chat.is_status else key.chat, _said(content), quote, progress)

    async def react(self, target: Target, emoji: str) -> SentMessage:
        """React to a message, in place of an earlier reaction; an empty text takes it back."""
        return await self._act(target, lambda key: Reaction(target=key, emoji=emoji))

    async def edit(self, target: Target, content: Content | str) -> SentMessage:
        """Give an own message new content of the same kind; others see that it was edited.

        Raises:
            LocalProtocolError: it is not an own message, or an event whose secret is not known (any more).
        """
        return await self._act(target, lambda key: Edit(target=key, content=_said(content)))

    async def revoke(self, target: Target) -> SentMessage:
        """Delete a message for everybody: an own one, or as an admin of the group anybody's.

        Raises:
            LocalProtocolError: it is another person's, and not in a group.
        """
        key = _key(target)
        if not key.from_me and not key.chat.is_group:
            raise LocalProtocolError("only an own message can be deleted for everybody")
        return await self._act(key, lambda key: Revoke(target=key))

    async def pin(self, target: Target, duration: int = 7 * DAY) -> SentMessage:
        """Pin a message in its chat for everybody, for `duration` seconds (1, 7 or 30 days)."""
        return await self._act(target, lambda key: Pin(target=key, duration=duration))

    async def unpin(self, target: Target) -> SentMessage:
        """Take a pin away."""
        return await self._act(target, lambda key: Unpin(target=key))

    async def keep(self, target: Target, *, keep: bool = True) -> SentMessage:
        """Keep a message that would disappear, or with `keep=False` let it go again."""
        return await self._act(target, lambda key: Keep(target=key, keep=keep))

    async def comment(self, target: Target, content: Content | str) -> SentMessage:
        """Comment on a message of a community's announcement group.

        Raises:
            LocalProtocolError: the message's secret is not known (any more).
        """
        return await self._act(target, lambda key: Comment(target=key, content=_said(content)))

    async def vote(self, poll: Target, *options: str) -> SentMessage:
        """Vote in a poll, in place of an earlier vote; without options take it back.

        Raises:
            LocalProtocolError: the poll is not known (any more), or does not have such an option.
        """
        results = await self.poll_results(poll)
        if unknown := [option for option in options if option not in results]:
            raise LocalProtocolError(f"the poll has no option {unknown[0]!r}")
        return await self._act(poll, lambda key: PollVote(poll=key, options=options))

    async def poll_results(self, poll: Target) -> dict[str, tuple[Jid, ...]]:
        """Who chose each option of a poll, as far as this device has seen its votes.

        Raises:
            LocalProtocolError: the poll is not known: it is too old, or came before this device was linked.
        """
        results = await self._acting.results(_key(poll))
        if results is None:
            raise LocalProtocolError("this poll is not known (any more)")
        return results

    async def respond(self, event: Target, attendance: Attendance, *, extra_guests: int = 0) -> SentMessage:
        """Answer an event, in place of an earlier answer.

        Raises:
            LocalProtocolError: the event is not known (any more).
        """
        return await self._act(
            event, lambda key: EventResponse(event=key, attendance=attendance, extra_guests=extra_guests)
        )

    async def forward(
        self, message: MessageReceived | SentMessage, chat: Jid | str, *, marked: bool = False
    ) -> SentMessage:
        """Send a message to another chat; files are not uploaded again.

        It is shown there as forwarded, as often as it was; an own message is so only if it is to be `marked`.

        Raises:
            LocalProtocolError: it may be seen once only, or is something done to another message.
        """
        to = address(chat)
        copy = compose.forward(
            message.raw,
            rng=self._rng,
            expiration=await self._timer(to),
            from_me=message.key.from_me,
            force=marked,
        )
        return await self._deliver(to, copy, self._sending.new_id())

    async def set_timer(self, chat: Jid | str, seconds: int) -> SentMessage:
        """Let new messages of a direct chat disappear after a day, a week or 90 days, in seconds; 0: let them stay."""
        to = address(chat)
        if not to.is_user:
            raise LocalProtocolError("a group's timer is set with client.groups.set_timer")
        return await self._send(to, DisappearingTimer(seconds), None)

    async def mark_read(self, *keys: MessageKey) -> None:
        """Tell the senders that their messages were read; when the account's privacy says no, its own devices alone.

        Raises:
            Disconnected, RequestTimeout, ServerError: the privacy had to be asked for, in vain; nobody was told.
        """
        await self._mark(ReceiptKind.READ, ReceiptKind.READ_SELF, keys)
        for chat in {key.chat for key in keys}:
            await self._chats.was_read(chat)

    async def mark_played(self, *keys: MessageKey) -> None:
        """Tell the senders that their voice messages were played, likewise. Raises like `mark_read`."""
        await self._mark(ReceiptKind.PLAYED, ReceiptKind.PLAYED_SELF, keys)

    async def _mark(self, shown: ReceiptKind, hidden: ReceiptKind, keys: Iterable[MessageKey]) -> None:
        kind = shown if (await self._privacy.get()).read_receipts else hidden
        for node in receipt.mark(kind, list(keys), self._clock.now()):
            self._wire.send(node)

    async def _send(
        self,
        chat: Jid,
        content: Content,
        quote: compose.Quote | None,
        progress: Progress | None = None,
        audience: Sequence[Jid] | None = None,
    ) -> SentMessage:
        message_id = self._sending.new_id()
        content = await self._preparing.prepared(content, chat=chat, progress=progress)
        message = compose.message(
            content,
            chat=chat,
            now=self._clock.now(),
            rng=self._rng,
            quote=quote,
            expiration=await self._timer(chat),
            sealing=await self._sealing(content),
        )
        return await self._deliver(chat, message, message_id, audience)

    async def _act(self, target: Target, action: Callable[[MessageKey], Content]) -> SentMessage:
        key = _key(target)
        audience = await self._audience(key) if key.chat.is_status else None
        return await self._send(key.chat, action(key), None, audience=audience)

    async def _audience(self, key: MessageKey) -> Sequence[Jid]:
        """Who learns of what is done to a status: its author, or of an own one those who saw it."""
        if not key.from_me:
            return (key.sender,)
        audience = await self._audiences.of(key.id)
        if audience is None:
            raise LocalProtocolError(f"for whom the status {key.id} was is not known (any more)")
        return audience

    async def _sealing(self, content: Content) -> Sealing | None:
        """The secret for what is encrypted with one: some kinds always, others among a community's announcements."""
        match content:
            case PollVote(poll=target) | EventResponse(event=target) | Edit(target=target, content=Event()):
                return await self._acting.sealing(target)
            case Reaction(target=target) | Comment(target=target) if target.chat.is_group:
                group = await self._groups.metadata(target.chat)
                return await self._acting.sealing(target) if group.is_default_subgroup else None
        return None

    async def _timer(self, chat: Jid) -> int | None:
        """After how many seconds new messages of a chat disappear, when they do."""
        if chat.is_group:
            return (await self._groups.metadata(chat)).timer or None
        return await self._acting.timer(chat)

    async def _deliver(
        self, chat: Jid, message: RawMessage, message_id: str, audience: Sequence[Jid] | None = None
    ) -> SentMessage:
        accepted = await self._sending.send(chat, message, message_id=message_id, audience=audience)
        key = MessageKey(chat=accepted.chat, id=accepted.id, sender=accepted.sender, from_me=True)
        return SentMessage(key=key, timestamp=accepted.timestamp, raw=message, _messages=self, _tracking=self._tracking)


def address(chat: Jid | str) -> Jid:
    """The JID that a user means: a JID, its text, or a phone number."""
    if isinstance(chat, Jid):
        return chat
    return Jid.parse(chat) if "@" in chat else Jid.phone(chat)


def _key(target: Target) -> MessageKey:
    return target if isinstance(target, MessageKey) else target.key


def _said(content: Content | str) -> Content:
    return Text(text=content) if isinstance(content, str) else content
