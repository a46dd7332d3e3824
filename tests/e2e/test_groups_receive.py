"""Messages of a group, from a sender that is played here: its sender key first, then what is encrypted with it."""

from __future__ import annotations

import os
from pathlib import Path

from motte import Client, Jid, events
from motte.core.binary.node import Node
from motte.core.message.padding import pad
from motte.core.signal import group_cipher
from motte.core.signal.address import Address
from motte.proto.e2e_pb2 import Message
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.people import lid, me, saying, settled, store_of, texts_of, undecryptable_of
from tests.e2e.stranger import Stranger, text
from tests.e2e.wiretap import Wiretap, sent

GROUP = Jid.parse("120363000000000001@g.us")
OTHER = Jid.parse("120363000000000002@g.us")


class Member(Stranger):
    """A member of a group that sends to one device of another."""

    def __init__(self, server: LocalServer, target: Jid, name: str = "carol") -> None:
        super().__init__(server, target, server.account(name).lid)
        self.pn = server.account(name).pn
        self._key = group_cipher.create(os.urandom)

    def distribution(self, group: Jid = GROUP) -> Message:
        """The sender key as it is now."""
        skdm = Message.SenderKeyDistributionMessage(
            groupId=str(group), axolotlSenderKeyDistributionMessage=group_cipher.distribution(self._key)
        )
        return Message(senderKeyDistributionMessage=skdm)

    def skmsg(self, words: str) -> Node:
        """A text under the sender key."""
        self._key, body = group_cipher.encrypt(self._key, pad(text(words).SerializeToString(), os.urandom), os.urandom)
        return Node("enc", {"v": "2", "type": "skmsg"}, body)

    def say(self, *encs: Node, group: Jid = GROUP, **attrs: str) -> str:
        """Send to the group; gives the message's id."""
        common = {"from_": str(group), "participant": str(self.jid), "addressing_mode": "lid"}
        return self.send(*encs, **{**common, "participant_pn": str(self.pn), **attrs})


async def test_the_key_and_the_text_in_one_stanza(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol, got, tap = Member(server, me(alice).pn), alice.expect(events.MessageReceived), Wiretap(server)
    key = carol.enc(carol.distribution())
    message_id = carol.say(key, carol.skmsg("hello, all"), notify="Carol")
    event = await soon(got)
    assert (event.text, event.chat, event.message.push_name) == ("hello, all", GROUP, "Carol")
    assert (event.message.key.sender, event.message.key.from_me) == (carol.jid, False)
    assert event.message.sender_alt == carol.pn
    receipt = await tap.first(sent(me(alice).pn, "receipt", id=message_id))
    assert (receipt.attrs["to"], receipt.attrs["participant"]) == (str(GROUP), str(carol.jid))
    assert await alice.contacts.lid_of(carol.pn) == carol.jid


async def test_the_key_is_good_for_many(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol, seen, broken = Member(server, me(alice).pn), texts_of(alice), undecryptable_of(alice)
    last = alice.expect(events.MessageReceived, saying("9"))
    carol.say(carol.enc(carol.distribution()))
    for n in range(10):
        carol.say(carol.skmsg(f"{n}"))
    await soon(last)
    await settled(alice)
    assert seen == [f"{n}" for n in range(10)]
    assert broken == []


async def test_out_of_order_and_twice(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol, seen, broken = Member(server, me(alice).pn), texts_of(alice), undecryptable_of(alice)
    carol.say(carol.enc(carol.distribution()))
    encs = [carol.skmsg(f"{n}") for n in range(5)]
    last = alice.expect(events.MessageReceived, saying("2"))
    for n in (4, 0, 3, 1, 2):
        carol.say(encs[n], id=f"G{n}")
    await soon(last)
    carol.say(encs[3], id="G3")
    tap = Wiretap(server)
    carol.say(encs[1], id="REPLAY")
    await tap.first(sent(me(alice).pn, "ack", class_="message", id="REPLAY", error="487"))
    await settled(alice)
    assert seen == ["4", "0", "3", "1", "2"]
    assert broken == []


async def test_without_the_key_it_is_asked_for(server: LocalServer, linked: Linked) -> None:
    """The sender answers with the key and the text over the pairwise session, as Baileys and motte do."""
    alice = await linked("alice")
    carol, tap = Member(server, me(alice).pn), Wiretap(server)
    failed, got = alice.expect(events.MessageUndecryptable), alice.expect(events.MessageReceived)
    enc = carol.skmsg("who are you?")
    message_id = carol.say(enc)
    event = await soon(failed)
    assert (event.key.chat, event.key.sender, event.final) == (GROUP, carol.jid, False)
    request = await tap.first(sent(me(alice).pn, "receipt", type="retry"))
    assert (request.attrs["id"], request.attrs["to"]) == (message_id, str(GROUP))
    assert request.attrs["participant"] == str(carol.jid)
    assert request.child("keys") is not None
    both = carol.distribution()
    both.conversation = "who are you?"
    again = carol.enc(both)
    carol.say(again._replace(attrs={**again.attrs, "count": "1"}), id=message_id)
    recovered = await soon(got)
    assert (recovered.text, recovered.recovered, recovered.chat) == ("who are you?", True, GROUP)
    got = alice.expect(events.MessageReceived)
    carol.say(carol.skmsg("now you know"))
    assert (await soon(got)).text == "now you know"


async def test_a_key_is_for_the_chat_of_the_stanza(server: LocalServer, linked: Linked) -> None:
    """Whatever group the key claims: one for a group comes in that group's stanza, and one in a direct chat is void."""
    alice = await linked("alice")
    carol, got = Member(server, me(alice).pn), alice.expect(events.MessageReceived)
    carol.say(carol.enc(carol.distribution(OTHER)), carol.skmsg("in this group"))
    await soon(got)
    failed = alice.expect(events.MessageUndecryptable)
    carol.say(carol.skmsg("in the other one"), group=OTHER)
    assert (await soon(failed)).key.chat == OTHER
    dave = Member(server, me(alice).pn, "dave")
    dave.send(dave.enc(dave.distribution()))
    failed = alice.expect(events.MessageUndecryptable)
    dave.say(dave.skmsg("by the back door"))
    await soon(failed)


async def test_each_sender_has_a_key(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    members = [Member(server, me(alice).pn, name) for name in ("carol", "dave", "erin")]
    seen, broken = texts_of(alice), undecryptable_of(alice)
    last = alice.expect(events.MessageReceived, saying("erin 1"))
    for n, group in enumerate((GROUP, OTHER)):
        for member, name in zip(members, ("carol", "dave", "erin"), strict=True):
            member.say(member.enc(member.distribution()), member.skmsg(f"{name} {n}"), group=group)
    await soon(last)
    await settled(alice)
    assert sorted(map(str, seen)) == sorted(f"{name} {n}" for name in ("carol", "dave", "erin") for n in range(2))
    assert broken == []


async def test_a_key_of_one_sender_reads_nothing_of_another(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol, dave = Member(server, me(alice).pn), Member(server, me(alice).pn, "dave")
    got = alice.expect(events.MessageReceived)
    carol.say(carol.enc(carol.distribution()), carol.skmsg("I am carol"))
    await soon(got)
    failed = alice.expect(events.MessageUndecryptable)
    dave.say(carol.skmsg("I am dave"))
    assert (await soon(failed)).key.sender == dave.jid


async def test_a_forged_text_moves_nothing(server: LocalServer, linked: Linked) -> None:
    """A changed bit fails the signature; the original still decrypts afterwards."""
    alice = await linked("alice")
    carol, seen = Member(server, me(alice).pn), texts_of(alice)
    carol.say(carol.enc(carol.distribution()))
    enc = carol.skmsg("the original")
    forged = enc.data[:-1] + bytes((enc.data[-1] ^ 1,))
    failed = alice.expect(events.MessageUndecryptable)
    carol.say(enc._replace(content=forged), id="FORGED")
    await soon(failed)
    got = alice.expect(events.MessageReceived)
    carol.say(enc)
    await soon(got)
    await settled(alice)
    assert seen == ["the original"]


async def test_keys_outlive_a_restart(server: LocalServer, linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    alice = await linked("alice", tmp_path / "alice.db")
    carol, got = Member(server, me(alice).pn), alice.expect(events.MessageReceived)
    carol.say(carol.enc(carol.distribution()), carol.skmsg("before"))
    await soon(got)
    await settled(alice)
    await soon(alice.close())
    carol.say(carol.skmsg("while away"))
    alice = await opened("alice", tmp_path / "alice.db")
    got = alice.expect(events.MessageReceived)
    await soon(alice.connect())
    event = await soon(got)
    assert (event.text, event.message.origin) == ("while away", "offline")
    assert await _has_key(alice, carol)


async def test_an_own_devices_group_message(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    await settled(alice)
    tap, got = Wiretap(server), alice.expect(events.MessageReceived)
    phone = Member(server, me(alice).pn, "alice")
    phone.own = phone.own.__class__(pair=server.phone("alice").identity, registration_id=1)
    message_id = phone.say(phone.enc(phone.distribution()), phone.skmsg("from my phone"))
    event = await soon(got)
    assert event.message.key.from_me
    assert event.chat == GROUP
    receipt = await tap.first(sent(me(alice).pn, "receipt", id=message_id))
    assert (receipt.attrs["type"], receipt.attrs["participant"]) == ("sender", str(lid(alice).with_device(0)))


async def test_a_status_message(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    status = Jid.parse("status@broadcast")
    carol, got = Member(server, me(alice).pn), alice.expect(events.MessageReceived)
    carol.say(carol.enc(carol.distribution(status)), carol.skmsg("my day"), group=status)
    event = await soon(got)
    assert (event.chat, event.message.key.sender) == (status, carol.jid)


async def _has_key(client: Client, member: Member) -> bool:
    return await store_of(client).sender_keys.get(GROUP, Address.of(member.jid)) is not None
