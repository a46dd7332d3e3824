"""What a phone remembers: chats with their messages, names, calls, statuses. Tests and `motte server` seed it.

    past = server.phone("Ann").history.past
    chat = past.chat("Bob", name="Bob B.", unreadCount=2, archived=True)        any field of `Conversation`
    chat.text("hello"), chat.text("hi", by="Ann")
    past.fill(chats=20, messages=10_000)                                        a made-up past, the same every time

`history_chunks` cuts it into what goes to companions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from motte.model.jid import LID, PN, Jid
from motte.proto.call_log_pb2 import CallLogRecord
from motte.proto.e2e_pb2 import ContextInfo, Message
from motte.proto.history_pb2 import Conversation, PastParticipant, PastParticipants, StickerMetadata
from motte.proto.message_key_pb2 import MessageKey
from motte.proto.settings_pb2 import GlobalSettings
from motte.proto.web_message_pb2 import UserReceipt, WebMessageInfo
from motte.testing.server.accounts import Account
from motte.testing.server.hub import Hub
from motte.testing.server.reader import as_jid

STATUS_CHAT: Final = "status@broadcast"
FIRST_STRANGER: Final = 15_550_150_001
"""The phone number of the first person of a made-up past: they are no accounts of the server."""
FIRST_STRANGER_LID: Final = 300_000_000_000_001
_LID_STEP: Final = 7_919
_MINUTE: Final = 60
_SECRET_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a past: an account of the server, or made up."""

    pn: Jid
    lid: Jid
    name: str

    @classmethod
    def of(cls, account: Account) -> Person:
        """An account of the server."""
        return cls(account.pn, account.lid, account.profile.push_name)

    @classmethod
    def stranger(cls, number: int) -> Person:
        """A person that there is only in a past."""
        lid = Jid(str(FIRST_STRANGER_LID + number * _LID_STEP), LID)
        return cls(Jid(str(FIRST_STRANGER + number), PN), lid, f"Friend {number + 1}")


@dataclass(slots=True, eq=False)
class PastChat:
    """One chat: `head` is what is said of it, `messages` begin with the oldest. Mutable: it is seeded."""

    head: Conversation
    owner: Person
    other: Person | None
    find: Callable[[str], Person]
    rng: Callable[[int], bytes]
    now: Callable[[], int]
    messages: list[WebMessageInfo] = field(default_factory=list)

    def text(self, text: str, *, by: str = "", at: int | None = None, message_id: str = "") -> WebMessageInfo:
        """Somebody wrote a text: the other one, unless `by` names another or the owner; `at` is in unix seconds."""
        return self.message(Message(conversation=text), by=by, at=at, message_id=message_id)

    def message(self, content: Message, *, by: str = "", at: int | None = None, message_id: str = "") -> WebMessageInfo:
        """Somebody sent a message of any kind."""
        author = self.find(by) if by else self.other or self.owner
        return self.said(content, author, self.now() if at is None else at, message_id)

    def said(self, content: Message, author: Person, at: int, message_id: str = "") -> WebMessageInfo:
        """Add a message; its id is made up unless given."""
        mine = author.pn == self.owner.pn
        key = MessageKey(remoteJid=self.head.id, fromMe=mine, id=message_id or "3EB0" + self.rng(8).hex().upper())
        info = WebMessageInfo(key=key, message=content, messageTimestamp=at)
        if mine:
            info.status = WebMessageInfo.READ
            if self.other is not None:
                info.userReceipt.append(UserReceipt(userJid=str(self.other.pn), receiptTimestamp=at, readTimestamp=at))
        else:
            info.pushName = author.name
        if self.other is None and not mine:
            info.key.participant = info.participant = str(author.lid)
        self.messages.append(info)
        self.head.conversationTimestamp = self.head.lastMsgTimestamp = max(at, self.head.conversationTimestamp)
        return info


class Past:
    """All that one phone remembers. People are named by name, number or JID; a new name is a new account (`meet`)."""

    def __init__(self, hub: Hub, account: Account, meet: Callable[[str], Account]) -> None:
        self._hub = hub
        self._owner = Person.of(account)
        self._account = account
        self._meet = meet
        self.chats: dict[str, PastChat] = {}
        self.people: dict[Jid, Person] = {}
        self.statuses: list[WebMessageInfo] = []
        self.past_participants: dict[str, PastParticipants] = {}
        self.calls: list[CallLogRecord] = []
        self.stickers: list[StickerMetadata] = []
        self.settings = GlobalSettings()

    def __bool__(self) -> bool:
        """Whether anything was seeded."""
        return bool(self.chats or self.people or self.statuses or self.past_participants or self.calls)

    # ---- seeding ----

    def chat(self, who: str | Jid, *, by: str = LID, **head: Any) -> PastChat:
        """The chat with a person or of a group, made when there is none; `head` sets fields of its `Conversation`.

        `by` is whether a person is addressed by LID (`lid`) or number (`s.whatsapp.net`).
        """
        if "@g.us" in str(who):
            jid, person = str(who), None
        else:
            person = self._person(str(who))
            jid = str(person.pn if by == PN else person.lid)
        chat = self.chats.get(jid) or self._new_chat(jid, person, by)
        chat.head.MergeFrom(Conversation(**head))
        return chat

    def status(self, who: str, text: str, *, at: int | None = None) -> WebMessageInfo:
        """Somebody posted a status."""
        author = self._person(who)
        key = MessageKey(remoteJid=STATUS_CHAT, fromMe=author.pn == self._owner.pn, participant=str(author.lid))
        key.id = "3EB0" + self._hub.rng(8).hex().upper()
        posted = self._hub.now if at is None else at
        content = Message(extendedTextMessage=Message.ExtendedTextMessage(text=text))
        info = WebMessageInfo(key=key, message=content, messageTimestamp=posted, participant=str(author.lid))
        self.statuses.append(info)
        return info

    def call(
        self, who: str, *, at: int | None = None, video: bool = False, missed: bool = False, seconds: int = 60
    ) -> None:
        """Somebody called."""
        caller = self._person(who)
        self.calls.append(
            CallLogRecord(
                callId=self._hub.rng(16).hex().upper(),
                callCreatorJid=str(caller.lid),
                callResult=CallLogRecord.MISSED if missed else CallLogRecord.CONNECTED,
                startTime=self._hub.now if at is None else at,
                duration=0 if missed else seconds,
                isIncoming=caller.pn != self._owner.pn,
                isVideo=video,
                callType=CallLogRecord.REGULAR,
            )
        )

    def left(self, group: str | Jid, who: str, *, at: int | None = None, removed: bool = False) -> None:
        """Somebody was once in a group."""
        reason = PastParticipant.REMOVED if removed else PastParticipant.LEFT
        gone = PastParticipant(
            userJid=str(self._person(who).lid), leaveReason=reason, leaveTs=self._hub.now if at is None else at
        )
        known = self.past_participants.setdefault(str(group), PastParticipants(groupJid=str(group)))
        known.pastParticipants.append(gone)

    def fill(self, chats: int = 10, messages: int = 1000, *, spacing: int = _MINUTE) -> None:
        """Make up chats with people that there are not, `messages` in all, one each `spacing` seconds until now.

        The same numbers always give the same chats: ids, texts, and who wrote.
        """
        begin = self._hub.now - messages * spacing
        made = [self._stranger_chat(number) for number in range(chats)]
        for number in range(messages):
            chat = made[number % chats]
            assert chat.other is not None
            mine = number // chats % 3 == 0
            content, at = _made_up(number, chat), begin + number * spacing
            chat.said(content, self._owner if mine else chat.other, at, f"3EB0{number:016X}")

    # ---- reading ----

    def persons(self) -> Iterator[Person]:
        """The owner and everybody in it."""
        yield self._owner
        yield from self.people.values()

    def find(self, chat: str) -> PastChat | None:
        """The chat with this JID, by whichever address."""
        if chat in self.chats:
            return self.chats[chat]
        jid = as_jid(chat).user_jid
        others = (one for one in self.chats.values() if one.other and jid in (one.other.pn, one.other.lid))
        return next(others, None)

    def _person(self, who: str) -> Person:
        account = self._hub.account(who) if "@" in who else self._meet(who)
        if account is self._account:
            return self._owner
        return self.people.setdefault(account.pn, Person.of(account))

    def _stranger_chat(self, number: int) -> PastChat:
        person = Person.stranger(number)
        self.people[person.pn] = person
        return self.chats.get(str(person.lid)) or self._new_chat(str(person.lid), person, LID)

    def _new_chat(self, jid: str, person: Person | None, by: str) -> PastChat:
        head = Conversation(id=jid, unreadCount=0)
        if person is not None:
            head.name = person.name
            if by == PN:
                head.lidJid = str(person.lid)
            else:
                head.pnJid = str(person.pn)
        chat = PastChat(head, self._owner, person, self._person, self._hub.rng, lambda: self._hub.now)
        self.chats[jid] = chat
        return chat


def _made_up(number: int, chat: PastChat) -> Message:
    """A message of a made-up past: mostly texts, here and there an answer, a picture, something to vote on."""
    text = f"message {number} in {chat.head.name}"
    if number % 25 == 24:
        key = number.to_bytes(_SECRET_SIZE, "big")
        return Message(
            imageMessage=Message.ImageMessage(
                url=f"https://127.0.0.1/v/{number}.enc",
                directPath=f"/v/{number}.enc",
                mimetype="image/jpeg",
                caption=text,
                mediaKey=key,
                fileSha256=key,
                fileEncSha256=key,
                fileLength=1000 + number,
                mediaKeyTimestamp=number,
            )
        )
    content = Message(conversation=text)
    if number % 10 == 9 and chat.messages:
        quoted = chat.messages[-1]
        said = quoted.message.extendedTextMessage.text or quoted.message.conversation  # a quote quotes nothing itself
        context = ContextInfo(
            stanzaId=quoted.key.id, quotedMessage=Message(conversation=said), participant=chat.head.id
        )
        content = Message(extendedTextMessage=Message.ExtendedTextMessage(text=text, contextInfo=context))
    content.messageContextInfo.messageSecret = number.to_bytes(_SECRET_SIZE, "big")
    return content
