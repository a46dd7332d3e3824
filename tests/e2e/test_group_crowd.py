"""As large a group as there is, a server that says that our lists are old, and edits under a message's secret."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import pytest

from motte import Client, Text, events
from motte.core.message import compose
from motte.errors import SendRejected
from motte.model.content import Edit
from motte.model.key import MessageKey
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, soon
from tests.e2e.people import lid, me, saying, tell, undecryptable_of
from tests.e2e.test_groups import grouped, handed_to, say
from tests.e2e.wiretap import Wiretap, sent

T = TypeVar("T")

CROWD = 1024


async def patiently(awaitable: Awaitable[T]) -> T:
    """What is awaited; a thousand phones take their time on a busy machine."""
    return await asyncio.wait_for(awaitable, 6 * PATIENCE)


async def test_a_group_of_1024(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    people = [f"Crowd {number}" for number in range(CROWD - 1)]
    founder, *others = [server.phone(name) for name in people]
    group = founder.groups.create("Everybody", [*people[1:], "alice"])
    assert len((await patiently(alice.groups.get(group))).participants) == CROWD
    tap = Wiretap(server)
    first = await patiently(alice.messages.send(group, "hello, all of you"))
    second = await patiently(alice.messages.send(group, "and hello again"))
    hello, again = tap.all(sent(me(alice).pn, "message", to=str(group)))
    # To everybody's phone, the own one included; the sending device needs no key.
    assert len(handed_to(hello)) == CROWD and handed_to(again) == []
    for phone in (founder, others[-1]):
        assert [got.text for got in phone.received] == ["hello, all of you", "and hello again"]
    await patiently(second.delivered(by=server.account(people[-1]).lid))
    assert len(first.receipts(ReceiptKind.DELIVERED)) == CROWD - 1


@pytest.mark.parametrize("code", [420, 421])
async def test_old_lists_are_renewed_and_the_message_goes_out_again(
    server: LocalServer, linked: Linked, code: int
) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    await say(alice, group, "before", bob)
    broken, tap = undecryptable_of(bob), Wiretap(server)
    server.faults.nack_message(code, "alice")
    await say(alice, group, "twice", bob)
    refused, taken = tap.all(sent(me(alice).pn, "message", to=str(group)))
    assert refused.attrs["id"] == taken.attrs["id"]
    server.faults.nack_message(code, "alice", times=2)
    with pytest.raises(SendRejected) as caught:
        await soon(alice.messages.send(group, "to no avail"))
    assert (caught.value.code, "again" in caught.value.hint) == (code, True)
    await say(alice, group, "after", bob)
    assert broken == []


async def sealed_edit(editor: Client, target: MessageKey, new: str) -> None:
    """What a client does that seals its edits; it may be the edit of what another one said."""
    assert editor._engine is not None
    parts = editor._engine.parts
    sealing = await parts.addons.sealing(target)
    edit = Edit(target=replace(target, from_me=True), content=Text(text=new))
    now, rng = editor.config.clock.now(), editor.config.rng
    message = compose.message(edit, chat=target.chat, now=now, rng=rng, sealing=sealing)
    message.secretEncryptedMessage.targetMessageKey.fromMe = target.from_me
    assert message.HasField("secretEncryptedMessage") and new.encode() not in message.SerializeToString()
    await soon(parts.outbox.send(target.chat, message, message_id=parts.outbox.new_id()))


async def test_an_edit_under_the_secret_of_its_message(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = bob.expect(events.MessageReceived, saying("at laet"))
    first = await soon(alice.messages.send(lid(bob).user_jid, "at laet"))
    known = (await soon(got)).key
    told = bob.expect(events.MessageEdited)
    await sealed_edit(alice, first.key, "at eight")
    edited = await soon(told)
    assert (edited.target, edited.content) == (known, Text(text="at eight"))


async def test_nobody_edits_the_message_of_another_with_its_secret(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "I owe you ten")
    edits: list[events.MessageEdited] = []
    alice.add_handler(events.MessageEdited, edits.append)
    forged = alice.expect(events.MessageForged)
    await sealed_edit(bob, got.key, "I owe you a thousand")
    assert (await soon(forged)).sender.user_jid == lid(bob).user_jid
    assert edits == []
