"""What this client sends is told by an event of its own, once the server has it."""

from __future__ import annotations

from motte import Reaction, Text, events
from tests.e2e.conftest import Linked, soon


async def test_what_was_sent_is_told_with_the_key_and_the_servers_time(linked: Linked) -> None:
    anna, ben = await linked("Anna"), await linked("Ben")
    assert ben.me is not None and anna.me is not None
    told = anna.expect(events.MessageSent)
    sent = await anna.messages.send(ben.me.pn.user_jid, "hello")
    event = await soon(told)
    assert event.message.key == sent.key
    assert event.message.key.sender == anna.me.facing(sent.key.chat).user_jid
    assert event.message.content == Text(text="hello")
    assert event.message.timestamp == sent.timestamp
    assert event.raw.SerializeToString()


async def test_what_is_done_to_a_message_is_told_too(linked: Linked) -> None:
    anna, ben = await linked("Anna"), await linked("Ben")
    assert ben.me is not None
    sent = await anna.messages.send(ben.me.pn.user_jid, "hello")
    told = anna.expect(events.MessageSent, lambda event: isinstance(event.message.content, Reaction))
    await sent.react("👍")
    content = (await soon(told)).message.content
    assert isinstance(content, Reaction)
    assert (content.target, content.emoji) == (sent.key, "👍")
