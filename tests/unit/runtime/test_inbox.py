"""Messages on their way to the user: kept until handled, handed out again, forgotten in time."""

from __future__ import annotations

import asyncio

from motte.core.message.content.scene import wire_key
from motte.core.message.parse import Parsed
from motte.events.addon import ReactionChanged
from motte.events.message import MessageReceived
from motte.model.jid import Jid
from motte.model.message import MessageKey, Origin, Text, UnsupportedContent
from motte.proto.e2e_pb2 import Message as RawMessage
from motte.runtime.inbound.inbox import FLUSH_AFTER, FLUSH_AT, Delivery, content_of
from motte.runtime.step import Step
from motte.store.repo.inbox import InboxEntry
from tests.unit.runtime.host import World, world

BOB = Jid.parse("222@lid")


def entry(words: str) -> tuple[InboxEntry, RawMessage]:
    raw = RawMessage(conversation=words)
    key = MessageKey(chat=BOB, id=f"ID {words}", sender=BOB, from_me=False)
    kept = InboxEntry(key=key, timestamp=1_700_000_000, origin=Origin.LIVE, raw=raw.SerializeToString())
    return kept, raw


async def deliver(there: World, delivery: Delivery, *texts: str) -> None:
    for words in texts:
        step = Step(there.parts.store, there.parts.bus)
        kept, raw = entry(words)
        delivery.add(step, kept, raw, Text(text=words))
        await step.commit()
        step.announce()


def hold_back(there: World, until: asyncio.Event) -> None:
    """A handler that is not done with any message before `until`."""

    async def wait(event: MessageReceived) -> None:
        await until.wait()

    there.parts.bus.subscribe(MessageReceived, wait)


async def left(there: World) -> list[str]:
    return [kept.key.id for kept in (await there.parts.store.inbox.all()).values()]


async def test_a_message_is_kept_before_it_is_told() -> None:
    there = await world(linked=True)
    kept_when_told: list[list[str]] = []

    async def look(event: MessageReceived) -> None:
        kept_when_told.append(await left(there))

    there.parts.bus.subscribe(MessageReceived, look)
    await deliver(there, there.parts.delivery, "one")
    await there.clock.advance(0)
    assert kept_when_told == [["ID one"]]


async def test_a_handled_message_goes_with_the_next_one() -> None:
    there = await world(linked=True)
    await deliver(there, there.parts.delivery, "one")
    await there.clock.advance(0)
    await deliver(there, there.parts.delivery, "two")
    assert await left(there) == ["ID two"]


async def test_a_handled_message_goes_by_itself_after_a_while() -> None:
    there = await world(linked=True)
    await deliver(there, there.parts.delivery, "one")
    await there.clock.advance(FLUSH_AFTER / 2)
    await there.settle()
    assert await left(there) == ["ID one"]
    await there.clock.advance(FLUSH_AFTER)
    await there.settle()
    assert await left(there) == []


async def test_many_handled_messages_go_at_once() -> None:
    there = await world(linked=True)
    waiting = asyncio.Event()
    hold_back(there, waiting)
    await deliver(there, there.parts.delivery, *(f"{n}" for n in range(FLUSH_AT)))
    assert len(await left(there)) == FLUSH_AT
    waiting.set()
    await there.parts.bus.close(5)
    await there.parts.tasks.idle()
    assert await left(there) == []


async def test_flushing_with_nothing_handled_writes_nothing() -> None:
    there = await world(linked=True)
    await deliver(there, there.parts.delivery, "one")
    await there.parts.delivery.flush()
    await there.parts.delivery.flush()
    assert len(await left(there)) <= 1


async def test_what_was_left_is_handed_out_once_in_order_and_numbers_go_on() -> None:
    there = await world(linked=True)
    waiting = asyncio.Event()
    hold_back(there, waiting)
    await deliver(there, there.parts.delivery, "one", "two")
    await there.clock.advance(0)
    there.events.clear()
    again = Delivery(there.parts.context, there.parts.addons, None)
    await again.load()
    again.hand_out()
    again.hand_out()
    await there.clock.advance(0)
    assert [event.text for event in there.events if isinstance(event, MessageReceived)] == ["one", "two"]
    await deliver(there, again, "three")
    assert await left(there) == ["ID one", "ID two", "ID three"]


async def test_an_entry_that_cannot_be_read_any_more_keeps_its_key() -> None:
    """The content of a kept message may mean something else to another version; it is told of all the same."""
    there = await world(linked=True)
    kept, _ = entry("one")
    broken = RawMessage.FromString(b"\x0a\x02\xff\xfe")
    batch = there.parts.store.batch()
    there.parts.store.inbox.put(
        batch,
        5,
        InboxEntry(key=kept.key, timestamp=1, origin=Origin.OFFLINE, raw=broken.SerializeToString()),
    )
    await there.parts.store.commit(batch)
    again = Delivery(there.parts.context, there.parts.addons, None)
    await again.load()
    again.hand_out()
    await there.clock.advance(0)
    (event,) = [event for event in there.events if isinstance(event, MessageReceived)]
    assert event.message.key == kept.key
    assert event.message.content == UnsupportedContent("unknown")


def test_content_that_is_not_for_the_user_keeps_its_name() -> None:
    raw = RawMessage()
    protocol = RawMessage.ProtocolMessage(type=RawMessage.ProtocolMessage.SHARE_PHONE_NUMBER)
    assert content_of(Parsed(message=raw, content=Text(text="hi"))) == Text(text="hi")
    assert content_of(Parsed(message=raw, protocol=protocol)) == UnsupportedContent(
        "protocolMessage.SHARE_PHONE_NUMBER"
    )
    assert content_of(Parsed(message=raw, unknown_protocol=99)) == UnsupportedContent("protocolMessage.99")


async def test_what_a_message_does_is_handed_out_with_it_and_both_have_to_be_handled() -> None:
    there = await world(linked=True)
    target = MessageKey(chat=BOB, id="ID one", sender=BOB, from_me=False)
    raw = RawMessage(reactionMessage=RawMessage.ReactionMessage(key=wire_key(target), text="👍"))
    key = MessageKey(chat=BOB, id="ID two", sender=BOB, from_me=False)
    kept = InboxEntry(key=key, timestamp=7, origin=Origin.OFFLINE, raw=raw.SerializeToString())
    batch = there.parts.store.batch()
    there.parts.store.inbox.put(batch, 5, kept)
    await there.parts.store.commit(batch)
    waiting = asyncio.Event()

    async def wait(event: ReactionChanged) -> None:
        await waiting.wait()

    there.parts.bus.subscribe(ReactionChanged, wait)
    again = Delivery(there.parts.context, there.parts.addons, None)
    await again.load()
    again.hand_out()
    await there.clock.advance(0)
    received, changed = there.events
    assert isinstance(received, MessageReceived) and isinstance(changed, ReactionChanged)
    assert (changed.key, changed.emoji, changed.timestamp) == (key, "👍", 7)
    await again.flush()
    assert await left(there) == ["ID two"]
    waiting.set()
    await there.clock.advance(0)
    await again.flush()
    assert await left(there) == []
