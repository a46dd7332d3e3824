"""A past, cut into what goes to a new companion, in the order that phones keep.

| kind | what is in it |
|---|---|
| `INITIAL_BOOTSTRAP` | all chats, each with its newest few messages; the numbers behind LIDs; the own name |
| `PUSH_NAME` | how people call themselves |
| `INITIAL_STATUS_V3` | statuses |
| `NON_BLOCKING_DATA` | who was in groups, calls, stickers, settings |
| `RECENT` | the other messages of the last months, in chunks; `progress` is 100 in the last |
| `FULL` | what is older, for companions that ask for it at pairing; likewise |

In a chat the newest message is first. An empty past is a bootstrap without chats and one empty `RECENT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from motte.proto.history_pb2 import Conversation, HistorySync
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.testing.server.history import Past, PastChat, Person

_MORE = Conversation.COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY
_ALL = Conversation.COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a past is cut: messages of a chat in the bootstrap, messages of a chunk, and when the recent begins."""

    first: int
    chunk: int
    since: int


def chunks(past: Past, cut: Cut, *, full: bool, salt: bytes | None) -> Iterator[HistorySync]:
    """All of a past."""
    yield _bootstrap(past, cut, salt)
    if past:
        yield from _beside(past)
    yield from _messages(past, HistorySync.RECENT, cut, lambda info: info.messageTimestamp >= cut.since)
    if full:
        yield from _messages(past, HistorySync.FULL, cut, lambda info: info.messageTimestamp < cut.since)


def part(chat: PastChat, messages: list[tuple[int, WebMessageInfo]]) -> Conversation:
    """A chat with some of its messages, each with its place in the chat; they are given the oldest first."""
    conversation = Conversation()
    conversation.CopyFrom(chat.head)
    for place, info in reversed(messages):
        conversation.messages.add(message=info, msgOrderId=place)
    conversation.endOfHistoryTransfer = True
    oldest = messages[0][0] if messages else 0
    conversation.endOfHistoryTransferType = _MORE if oldest else _ALL
    return conversation


def _bootstrap(past: Past, cut: Cut, salt: bytes | None) -> HistorySync:
    history = HistorySync(syncType=HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=0, nctSalt=salt)
    for chat in past.chats.values():
        newest = list(enumerate(chat.messages))[max(0, len(chat.messages) - cut.first) :]
        history.conversations.append(part(chat, newest))
    owner = next(past.persons())
    history.pushnames.add(id=str(owner.pn), pushname=owner.name)
    for person in past.persons():
        history.phoneNumberToLidMappings.add(pnJid=str(person.pn), lidJid=str(person.lid))
    return history


def _beside(past: Past) -> Iterator[HistorySync]:
    names = HistorySync(syncType=HistorySync.PUSH_NAME, chunkOrder=1)
    for person in past.persons():
        names.pushnames.add(id=str(_address(past, person)), pushname=person.name)
    yield names
    yield HistorySync(syncType=HistorySync.INITIAL_STATUS_V3, chunkOrder=1, statusV3Messages=past.statuses)
    yield HistorySync(
        syncType=HistorySync.NON_BLOCKING_DATA,
        chunkOrder=1,
        pastParticipants=past.past_participants.values(),
        callLogRecords=past.calls,
        recentStickers=past.stickers,
        globalSettings=past.settings,
    )


def _address(past: Past, person: Person) -> object:
    return person.pn if str(person.pn) in past.chats else person.lid


def _messages(
    past: Past, kind: HistorySync.HistorySyncType.ValueType, cut: Cut, fits: Callable[[WebMessageInfo], bool]
) -> Iterator[HistorySync]:
    """Chunks of the messages that fit and were not in the bootstrap; at least one chunk."""
    packs = list(_packed(past, cut, fits)) or [[]]
    for number, pack in enumerate(packs, 1):
        yield HistorySync(syncType=kind, chunkOrder=number, progress=100 * number // len(packs), conversations=pack)


def _packed(past: Past, cut: Cut, fits: Callable[[WebMessageInfo], bool]) -> Iterator[list[Conversation]]:
    pack: list[Conversation] = []
    room = cut.chunk
    for chat in past.chats.values():
        rest = list(enumerate(chat.messages))[: max(0, len(chat.messages) - cut.first)]
        rest = [placed for placed in rest if fits(placed[1])]
        while rest:
            taken, rest = rest[-room:], rest[:-room]
            pack.append(part(chat, taken))
            room -= len(taken)
            if not room:
                yield pack
                pack, room = [], cut.chunk
    if pack:
        yield pack
