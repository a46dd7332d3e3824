"""Messages, receipts and acks: who gets what, in which addressing, when absent, and what goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.server.devices import participant_hash
from tests.unit.testing.server.raw_client import Keys, RawClient, linked, logged_in


@dataclass
class Party:
    """Ann with two devices, Bob with one; all connected."""

    ann: RawClient
    ann2: RawClient
    bob: RawClient
    bob_keys: Keys


@pytest.fixture
async def party(server: LocalServer) -> AsyncIterator[Party]:
    ann, ann2, bob = [await linked(server, name) for name in ("Ann", "Ann", "Bob")]
    async with AsyncExitStack() as stack:
        first, second, third = [await stack.enter_async_context(logged_in(server, one)) for one in (ann, ann2, bob)]
        yield Party(ann=first, ann2=second, bob=third, bob_keys=bob)


def enc(content: bytes = b"x", **attrs: str) -> Node:
    return Node("enc", {"v": "2", "type": "msg", **attrs}, content)


def message(to: str, *copies: tuple[str, bytes], message_id: str = "M1", **attrs: str) -> Node:
    """A message with one copy a device."""
    listed = tuple(Node("to", {"jid": jid}, (enc(content),)) for jid, content in copies)
    content = (Node("participants", {}, listed), Node("device-identity", {}, b"me"))
    return Node("message", {"id": message_id, "to": to, "type": "text", **attrs}, content)


@pytest.mark.parametrize("mode", ["pn", "lid"])
async def test_each_device_gets_its_own_copy(server: LocalServer, party: Party, mode: str) -> None:
    ann, bob = server.account("Ann"), server.account("Bob")
    ann_jid, bob_jid = (ann.lid, bob.lid) if mode == "lid" else (ann.pn, bob.pn)
    copies = ((str(bob_jid.with_device(1)), b"for bob"), (str(ann_jid.with_device(2)), b"for ann"))
    await party.ann.send(message(str(bob_jid), *copies, edit="1", phash="ignored later"))

    got = await party.bob.until("message")
    assert got.content == (enc(b"for bob"), Node("device-identity", {}, b"me"))
    other = {"sender_pn": str(ann.pn)} if mode == "lid" else {"sender_lid": str(ann.lid)}
    expected = {"id": "M1", "from": str(ann_jid.with_device(1)), "type": "text", "notify": "Ann", "edit": "1", **other}
    assert {name: value for name, value in got.attrs.items() if name != "t"} == expected

    copy = await party.ann2.until("message", lambda node: "category" not in node.attrs)
    assert copy.attrs["recipient"] == str(bob_jid)
    assert copy.attrs["from"] == str(ann_jid.with_device(1))
    assert copy.attrs["peer_recipient_pn" if mode == "lid" else "peer_recipient_lid"]
    assert copy.children[0].data == b"for ann"

    ack = await party.ann.until("ack")
    assert ack.attrs["from"] == str(bob_jid)
    assert ack.attrs["class"] == "message"
    assert ack.attrs["t"].isdigit()


async def test_devices_that_do_not_exist_or_belong_to_others_get_nothing(server: LocalServer, party: Party) -> None:
    bob, stranger = server.account("Bob"), server.account("Cid")
    copies = ((str(bob.lid.with_device(9)), b"?"), (str(stranger.lid), b"?"), (str(bob.lid.with_device(1)), b"ok"))
    await party.ann.send(message(str(bob.lid), *copies))
    assert (await party.bob.until("message")).children[0].data == b"ok"
    assert "error" not in (await party.ann.until("ack")).attrs
    assert not server.phone("Cid").mail._failed


async def test_a_stale_device_list_shows_in_the_ack(server: LocalServer, party: Party) -> None:
    ann, bob = server.account("Ann"), server.account("Bob")
    right = participant_hash([bob.lid, bob.lid.with_device(1), ann.lid, ann.lid.with_device(2)])
    to = (str(bob.lid.with_device(1)), b"x")
    await party.ann.send(message(str(bob.lid), to, phash=right))
    assert "phash" not in (await party.ann.until("ack")).attrs
    await party.ann.send(message(str(bob.lid), to, phash="2:wrong"))
    assert (await party.ann.until("ack")).attrs["phash"] == right


async def test_a_resend_goes_to_one_device(server: LocalServer, party: Party) -> None:
    bob = server.account("Bob")
    to = str(bob.lid.with_device(1))
    attrs = {"id": "M1", "to": to, "type": "text", "device_fanout": "false"}
    await party.ann.send(Node("message", attrs, (enc(b"again", count="1"),)))
    got = await party.bob.until("message")
    assert got.content == (enc(b"again", count="1"),)
    assert "device_fanout" not in got.attrs
    assert "M1" not in server.phone("Bob").mail._failed  # the phone was not asked to read it


async def test_a_peer_message_reaches_the_own_phone(server: LocalServer, party: Party) -> None:
    attrs = {"id": "P1", "to": str(server.account("Ann").pn), "type": "text", "category": "peer"}
    await party.ann.send(Node("message", attrs, (enc(b"not decryptable"),)))
    retry = await party.ann.until("receipt")
    assert retry.attrs["type"] == "retry"
    assert retry.attrs["id"] == "P1"


@pytest.mark.parametrize(("chat", "error"), [("1203630@g.us", "404"), ("1203630@newsletter", "501")])
async def test_a_chat_that_is_not_there(party: Party, chat: str, error: str) -> None:
    await party.ann.send(message(chat))
    assert (await party.ann.until("ack")).attrs["error"] == error


async def test_who_is_blocked_reaches_nobody(server: LocalServer, party: Party) -> None:
    item = Node("item", {"jid": str(server.account("Ann").lid), "action": "block"})
    answer = await party.bob.iq("blocklist", item, kind="set")
    assert answer.children[0].children[0].attrs["jid"] == str(server.account("Ann").lid)
    to = str(server.account("Bob").lid)
    await party.ann.send(message(to, (f"{to.replace('@', ':1@')}", b"blocked")))
    await party.ann.until("ack")
    await party.bob.iq("blocklist", Node("item", {**item.attrs, "action": "unblock"}), kind="set")
    await party.ann.send(message(to, (f"{to.replace('@', ':1@')}", b"heard"), message_id="M2"))
    assert (await party.bob.until("message", lambda node: node.attrs["id"][0] == "M")).attrs["id"] == "M2"


async def test_a_message_waits_until_it_is_acknowledged(server: LocalServer, party: Party) -> None:
    bob = server.account("Bob")
    device = bob.devices[1]
    await party.ann.send(message(str(bob.lid), (str(bob.lid.with_device(1)), b"1")))
    await party.bob.until("message", lambda node: node.attrs["id"] == "M1")
    async with logged_in(server, party.bob_keys, ready=False) as again:
        preview = await again.until("ib", lambda node: node.child("offline_preview") is not None)
        counts = preview.children[0].attrs
        assert counts["message"] == counts["count"] == str(len(device.mailbox))
        await again.send(Node("ib", {}, (Node("offline_batch", {"count": "100"}),)))
        got = await again.until("message", lambda node: node.attrs["id"] == "M1")
        assert got.attrs["offline"] == "0"
        await again.until("ib", lambda node: node.child("offline") is not None)
        await again.send(Node("receipt", {"id": "M1", "to": got.attrs["from"]}))
        await again.until("ack")
    assert "M1" not in {parcel.key[1] for parcel in device.mailbox._waiting}


@pytest.mark.parametrize("kind", ["", "inactive", "read", "played"])
async def test_receipts_reach_every_device_of_the_sender(server: LocalServer, party: Party, kind: str) -> None:
    ann, bob = server.account("Ann"), server.account("Bob")
    attrs = {"id": "M1", "to": str(ann.lid), **({"type": kind} if kind else {})}
    items = (Node("list", {}, (Node("item", {"id": "M2"}),)),)
    await party.bob.send(Node("receipt", attrs, items))
    for client in (party.ann, party.ann2):
        got = await client.until("receipt")
        assert got.attrs["from"] == str(bob.lid.with_device(1))
        assert got.attrs.get("type", "") == kind
        assert got.content == items
    ack = await party.bob.until("ack")
    assert ack.attrs["class"] == "receipt"
    assert ack.attrs["from"] == str(ann.lid)


async def test_reading_is_told_to_the_own_other_devices(server: LocalServer, party: Party) -> None:
    bob = server.account("Bob")
    await party.ann.send(Node("receipt", {"id": "M1", "to": str(bob.lid), "type": "read"}))
    got = await party.ann2.until("receipt")
    assert got.attrs["type"] == "read-self"
    assert got.attrs["recipient"] == str(bob.lid)


@pytest.mark.parametrize("attrs", [{"recipient": "x@lid"}, {"to": "OWN", "recipient": "x@lid"}])
async def test_a_sender_receipt_stays_at_home(server: LocalServer, party: Party, attrs: dict[str, str]) -> None:
    own = {"to": str(server.account("Ann").lid.with_device(1))} if "to" in attrs else {}
    await party.ann2.send(Node("receipt", {"id": "M1", "type": "sender", **attrs, **own}))
    got = await party.ann.until("receipt")
    assert got.attrs["type"] == "sender"
    assert got.attrs["recipient"] == "x@lid"


async def test_a_retry_goes_to_the_device_that_it_names(server: LocalServer, party: Party) -> None:
    ann = server.account("Ann")
    keys = (Node("retry", {"count": "1"}), Node("registration", {}, bytes(4)))
    attrs = {"id": "M1", "to": str(ann.lid.with_device(2)), "type": "retry"}
    await party.bob.send(Node("receipt", attrs, keys))
    got = await party.ann2.until("receipt")
    assert got.content == keys
    assert got.attrs["from"] == str(server.account("Bob").lid.with_device(1))
    await party.bob.send(Node("receipt", {"id": "after", "to": str(ann.lid)}))
    assert (await party.ann.until("receipt")).attrs["id"] == "after"


async def test_a_retry_does_not_count_as_having_the_message(server: LocalServer, party: Party) -> None:
    bob = server.account("Bob")
    box = bob.devices[1].mailbox
    await party.ann.send(message(str(bob.lid), (str(bob.lid.with_device(1)), b"1")))
    got = await party.bob.until("message", lambda node: node.attrs["id"] == "M1")
    before = len(box)
    await party.bob.send(Node("receipt", {"id": "M1", "to": got.attrs["from"], "type": "retry"}))
    await party.bob.until("ack")
    assert len(box) == before
    await party.bob.send(Node("ack", {"id": "M1", "class": "message", "to": got.attrs["from"], "error": "500"}))
    await party.bob.iq("w:p", Node("ping"))
    assert len(box) == before - 1


async def test_acks_can_be_refused_or_lost(server: LocalServer, party: Party) -> None:
    bob = server.account("Bob")
    to = (str(bob.lid.with_device(1)), b"x")
    server.faults.nack_message(463, "Ann")
    server.faults.drop_ack("Ann")
    for number in range(3):
        await party.ann.send(message(str(bob.lid), to, message_id=f"M{number}"))
    assert (await party.ann.until("ack")).attrs["error"] == "463"
    assert (await party.ann.until("ack")).attrs["id"] == "M2"
    arrived = [await party.bob.until("message", lambda node: node.attrs["id"][0] == "M") for _ in range(2)]
    assert [node.attrs["id"] for node in arrived] == ["M1", "M2"]


@pytest.mark.parametrize("broken", [{}, {"id": "M1"}, {"id": "M1", "to": "not a jid"}])
async def test_a_broken_message_harms_nobody(party: Party, broken: dict[str, str]) -> None:
    await party.ann.send(Node("message", broken, (enc(),)))
    await party.ann.send(Node("receipt", broken))
    await party.ann.send(Node("nonsense", broken))
    assert (await party.ann.iq("w:p", Node("ping"))).attrs["type"] == "result"
