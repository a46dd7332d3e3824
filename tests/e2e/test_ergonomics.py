"""Filters at handlers, waiting for one event, conversations, and what messages can do by themselves."""

from __future__ import annotations

import asyncio

import pytest

from motte import Client, F, Jid, errors, events
from motte.model.message import Text
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled, tell


async def test_a_handler_gets_what_its_filter_accepts(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    commands: list[str | None] = []
    over = bob.expect(events.MessageReceived, F.text == "over")

    @bob.on(events.MessageReceived, F.text.startswith("/"))
    async def command(event: events.MessageReceived) -> None:
        commands.append(event.text)

    for text in ("/start", "words", "/stop", "over"):
        await tell(alice, bob, text)
    await soon(over)
    assert commands == ["/start", "/stop"]


async def test_a_filter_that_fails_is_told_to_the_error_handler(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    @bob.on_error
    def note(event: events.Event, error: Exception) -> None:
        failed.set_result(error)

    @bob.on(events.MessageReceived, lambda event: bool(1 // 0))
    def never(event: events.MessageReceived) -> None:
        raise AssertionError

    await tell(alice, bob, "hello")
    assert isinstance(await soon(failed), ZeroDivisionError)


async def test_waiting_for_an_event(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    waiting = asyncio.ensure_future(bob.wait_for(events.MessageReceived, F.text == "now", timeout=10))
    await asyncio.sleep(0)
    await tell(alice, bob, "not yet")
    await tell(alice, bob, "now")
    assert (await soon(waiting)).text == "now"
    with pytest.raises(errors.RequestTimeout, match="MessageReceived"):
        await bob.wait_for(events.MessageReceived, timeout=0.01)


async def test_a_message_in_its_chat(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "hello")
    states = alice.expect(events.ChatStateChanged)
    async with got.typing():
        pass
    await soon(states)
    answer = alice.expect(events.MessageReceived, F.text == "hi")
    sent = await soon(got.reply("hi"))
    content = (await soon(answer)).content
    assert isinstance(content, Text) and content.quoted is not None and content.quoted.id == got.key.id
    read = asyncio.ensure_future(sent.read())
    await soon((await soon(answer)).mark_read())
    await soon(read)


async def test_a_message_deleted_for_oneself_alone(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)  # it has the keys of the state
    got = await tell(alice, bob, "for your eyes only")
    revoked: list[events.MessageRevoked] = []
    alice.add_handler(events.MessageRevoked, revoked.append)
    await soon(got.delete_for_me())
    state = server.account("bob").phone.state
    entry = state.value("deleteMessageForMe", str(got.chat), got.key.id, "0", "0")
    assert entry is not None and entry.deleteMessageForMeAction.messageTimestamp == got.message.timestamp
    await tell(bob, alice, "it is gone here")
    assert revoked == []


def answering(client: Client, answers: dict[str, str]) -> None:
    """Let a client answer questions."""

    async def answer(event: events.MessageReceived) -> None:
        if event.text in answers:
            await event.react("🤔")  # which is no answer
            await client.messages.send(event.chat, answers[event.text])

    client.add_handler(events.MessageReceived, answer)


@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_a_conversation(linked: Linked, by_lid: bool) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    answering(bob, {"Your name?": "Bob", "Your age?": "40"})
    await tell(bob, alice, "hello", to=me(alice).pn.user_jid)
    chat: Jid = (lid(bob) if by_lid else me(bob).pn).user_jid
    async with alice.conversation(chat, timeout=10) as talk:
        await tell(carol, alice, "not in this chat")
        await tell(bob, alice, "before the question")
        assert (await soon(talk.ask("Your name?"))).text == "Bob"
        assert (await soon(talk.ask("Your age?"))).text == "40"
        await tell(bob, alice, "one")
        await tell(bob, alice, "two")
        assert [(await soon(talk.next())).text for _ in range(2)] == ["one", "two"]
        with pytest.raises(errors.RequestTimeout):
            await talk.next(timeout=0.01)
        await tell(bob, alice, "after a time-out")
        assert (await soon(talk.next())).text == "after a time-out"


async def test_a_conversation_in_a_handler(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    named: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    @alice.on(events.MessageReceived, F.text == "/name")
    async def ask(event: events.MessageReceived) -> None:
        async with alice.conversation(event.chat, timeout=10) as talk:
            named.set_result((await talk.ask("Your name?")).text)

    answering(bob, {"Your name?": "Bob"})
    await tell(bob, alice, "/name")
    assert await soon(named) == "Bob"


async def test_a_conversation_with_one_member_of_a_group(linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    created = await soon(alice.groups.create("Chess", [lid(bob), lid(carol)]))
    group = created.group.jid
    async with alice.conversation(group, timeout=10, sender=lid(bob)) as talk:
        for client, text in ((carol, "I say"), (bob, "as do I")):
            await tell_group(client, alice, group, text)
        assert (await soon(talk.next())).text == "as do I"


async def tell_group(sender: Client, receiver: Client, group: Jid, text: str) -> None:
    got = receiver.expect(events.MessageReceived, F.text == text)
    await soon(sender.messages.send(group, text))
    await soon(got)


async def test_a_conversation_ends_with_its_client(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    async with alice.conversation(lid(bob)) as talk:
        waiting = asyncio.ensure_future(talk.next())
        await asyncio.sleep(0)
        await soon(alice.close())
        with pytest.raises(errors.Disconnected):
            await soon(waiting)
