"""What only the own account, only newsletters or only vouched-for devices may send, sent by others."""

from __future__ import annotations

import os
import zlib

import pytest

from motte import Client, Jid, events
from motte.core.binary.node import Node
from motte.core.crypto import adv
from motte.core.crypto.curve import KeyPair
from motte.core.signal.address import Address
from motte.model.message import UnsupportedContent
from motte.proto.e2e_pb2 import Message
from motte.proto.lid_pb2 import LIDMigrationMappingSyncMessage, LIDMigrationMappingSyncPayload
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, settled, store_of, tell, texts_of, undecryptable_of
from tests.e2e.stranger import Stranger, text
from tests.e2e.wiretap import Wiretap, sent

ProtocolMessage = Message.ProtocolMessage


def key_share() -> ProtocolMessage:
    share = Message.AppStateSyncKeyShare()
    key = share.keys.add()
    key.keyId.keyId = b"evil"
    key.keyData.keyData = bytes(32)
    return ProtocolMessage(type=ProtocolMessage.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare=share)


def history() -> ProtocolMessage:
    notice = Message.HistorySyncNotification(
        syncType=Message.RECENT, initialHistBootstrapInlinePayload=zlib.compress(b""), progress=100
    )
    return ProtocolMessage(type=ProtocolMessage.HISTORY_SYNC_NOTIFICATION, historySyncNotification=notice)


def resend_answer() -> ProtocolMessage:
    return ProtocolMessage(
        type=ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
        peerDataOperationRequestResponseMessage=Message.PeerDataOperationRequestResponseMessage(stanzaId="X"),
    )


def mappings(pn: int, lid_: int) -> ProtocolMessage:
    payload = LIDMigrationMappingSyncPayload()
    payload.pnToLidMappings.add(pn=pn, assignedLid=lid_)
    sync = LIDMigrationMappingSyncMessage(encodedMappingPayload=payload.SerializeToString())
    return ProtocolMessage(type=ProtocolMessage.LID_MIGRATION_MAPPING_SYNC, lidMigrationMappingSyncMessage=sync)


def mistyped_key_share() -> ProtocolMessage:
    """The keys under a type that anybody may send."""
    share = key_share()
    share.type = ProtocolMessage.EPHEMERAL_SETTING
    return share


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [
        (key_share(), "APP_STATE_SYNC_KEY_SHARE"),
        (history(), "HISTORY_SYNC_NOTIFICATION"),
        (resend_answer(), "PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE"),
        (mappings(15550100009, 666), "LID_MIGRATION_MAPPING_SYNC"),
        (mistyped_key_share(), "EPHEMERAL_SETTING"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_stranger_may_not(server: LocalServer, linked: Linked, protocol: ProtocolMessage, kind: str) -> None:
    tap = Wiretap(server)
    alice = await linked("alice")
    await tap.greeted(me(alice).pn)
    told: list[events.Event] = []
    alice.add_handler(events.Event, told.append)
    forged = alice.expect(events.MessageForged)
    mallory = server.phone("mallory").mail
    message_id = mallory.send_message(lid(alice).user_jid, Message(protocolMessage=protocol))
    event = await soon(forged)
    assert event.sender == server.account("mallory").lid
    assert kind in event.kind
    await tap.first(sent(me(alice).pn, "receipt", id=message_id))
    await settled(alice)
    # What the own phone shared at the start may still be on its way.
    own = {events.AppStateSynced, events.AppStateChanged, events.Settled}
    assert {type(one) for one in told} <= {events.MessageForged} | own
    store = store_of(alice)
    assert await store.appstate.get_key(b"evil") is None
    assert await store.lids.lid_of(Jid.phone("15550100009")) is None
    assert tap.all(sent(me(alice).pn, "receipt", id=message_id, type="hist_sync")) == []


async def test_the_own_phone_may(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice = await linked("alice")
    await tap.greeted(me(alice).pn)
    keys, offered = alice.expect(events.AppStateKeysReceived), alice.expect(events.HistoryAnnounced)
    phone = server.phone("alice").mail
    phone.send_message(lid(alice).user_jid, Message(protocolMessage=key_share()))
    assert (await soon(keys)).count == 1
    assert await store_of(alice).appstate.get_key(b"evil") is not None
    phone.send_message(lid(alice).user_jid, Message(protocolMessage=history()))
    assert (await soon(offered)).kind == "RECENT"
    phone.send_message(lid(alice).user_jid, Message(protocolMessage=mappings(15550100009, 666)))
    phone.send_message(lid(alice).user_jid, Message(protocolMessage=mappings(15550100008, 0)))
    last = alice.expect(events.MessageReceived, saying("that was all"))
    await server.phone("alice").send_text("alice", "that was all")
    await soon(last)
    await settled(alice)
    assert await store_of(alice).lids.lid_of(Jid.phone("15550100009")) == Jid.parse("666@lid")
    assert await store_of(alice).lids.lid_of(Jid.phone("15550100008")) is None


@pytest.mark.parametrize("protocol", [history(), resend_answer(), mappings(15550100009, 666)], ids=lambda value: "")
async def test_another_companion_is_not_the_phone(
    server: LocalServer, linked: Linked, protocol: ProtocolMessage
) -> None:
    alice, other = await linked("alice"), await linked("alice")
    await settled(alice)
    told: list[events.Event] = []
    for kind in (events.HistoryAnnounced, events.MessageReceived, events.MessageForged):
        alice.add_handler(kind, told.append)
    assert other._engine is not None
    peers = other._engine.parts.peers
    await soon(peers.send(Message(protocolMessage=protocol), to=me(alice).pn))
    # Keys may come from any own device. They come later here, and say that the first message was dealt with.
    keys = alice.expect(events.AppStateKeysReceived)
    await soon(peers.send(Message(protocolMessage=key_share()), to=me(alice).pn))
    await soon(keys)
    await settled(alice)
    assert told == []
    assert await store_of(alice).lids.lid_of(Jid.phone("15550100009")) is None


async def test_a_device_sent_message_of_a_stranger_is_a_forgery(server: LocalServer, linked: Linked) -> None:
    """Else anybody could put words into one's own mouth, in any chat."""
    alice = await linked("alice")
    seen, forged = texts_of(alice), alice.expect(events.MessageForged)
    wrapped = Message.DeviceSentMessage(destinationJid=str(server.account("bob").lid), message=text("I owe you"))
    server.phone("mallory").mail.send_message(lid(alice).user_jid, Message(deviceSentMessage=wrapped))
    assert (await soon(forged)).kind == "deviceSentMessage"
    await settled(alice)
    assert seen == []


async def test_the_peer_category_gives_a_stranger_nothing(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    mallory = Stranger(server, me(alice).pn, server.account("mallory").lid)
    forged = alice.expect(events.MessageForged)
    mallory.send(mallory.enc(Message(protocolMessage=key_share())), category="peer")
    await soon(forged)


@pytest.mark.parametrize("chat", ["mallory", "group"])
async def test_plain_text_is_for_newsletters_only(server: LocalServer, linked: Linked, chat: str) -> None:
    alice = await linked("alice")
    tap, seen = Wiretap(server), texts_of(alice)
    mallory = Stranger(server, me(alice).pn, server.account("mallory").lid)
    plain = Node("plaintext", {}, text("trust me").SerializeToString())
    if chat == "group":
        message_id = mallory.send(plain, from_="120363000000000001@g.us", participant=str(mallory.jid))
    else:
        message_id = mallory.send(plain)
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="487"))
    await settled(alice)
    assert seen == []


async def test_a_newsletter_is_read(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap, got = Wiretap(server), alice.expect(events.MessageReceived)
    newsletter = Stranger(server, me(alice).pn, Jid.parse("120363000000000002@newsletter"))
    plain = Node("plaintext", {}, text("news").SerializeToString())
    message_id = newsletter.send(plain, server_id="101")
    event = await soon(got)
    assert (event.text, event.chat) == ("news", newsletter.jid)
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error=None))
    message_id = newsletter.send(Node("plaintext", {}, b"\xff\xff"), server_id="102")
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="491"))


async def test_a_stranger_may_not_name_a_recipient(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap, seen = Wiretap(server), texts_of(alice)
    mallory = Stranger(server, me(alice).pn, server.account("mallory").lid)
    message_id = mallory.send(mallory.enc(text("from alice to bob")), recipient=str(lid(bob).user_jid))
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="487"))
    await settled(alice)
    assert seen == []


def _vouched(account: KeyPair, device: KeyPair, claimed: KeyPair | None = None) -> bytes:
    """A device identity: `account` vouches for `device`, which countersigns; `claimed` is named as the account."""
    details = adv.DeviceIdentity(raw_id=1, timestamp=1_700_000_000, key_index=5)
    secret = bytes(32)
    issued = adv.issue_identity(account, device.public, secret, details, rng=os.urandom)
    signed = adv.countersign(adv.open_identity(issued, secret, device.public), device, rng=os.urandom)
    whole = signed.serialize(account_key=True)
    return whole.replace(account.public, claimed.public) if claimed else whole


async def test_a_companion_without_its_accounts_signature_is_refused(server: LocalServer, linked: Linked) -> None:
    """A server could make up a device of bob's; its pkmsg opens no session without bob's phone's word."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "so that alice knows bob's phone")
    await settled(alice)
    tap, seen, broken = Wiretap(server), texts_of(alice), undecryptable_of(alice)
    fake = lid(bob).with_device(5)
    mallory, device = KeyPair.generate(os.urandom), KeyPair.generate(os.urandom)
    identities = [
        (),
        (Node("device-identity", {}, b"\xff\xff"),),
        (Node("device-identity", {}, _vouched(mallory, device)),),
        (Node("device-identity", {}, _vouched(mallory, device, claimed=server.phone("bob").identity)),),
        (Node("device-identity", {}, _vouched(server.phone("bob").identity, mallory)),),
    ]
    for proof in identities:
        stranger = Stranger(server, me(alice).pn, fake, device)
        message_id = stranger.send(stranger.enc(text("it is me, bob")), *proof, id=f"FORGED{len(broken)}")
        await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="500"))
        await settled(alice)
    assert len(broken) == len(identities)
    assert all("vouch" in failure.reason for failure in broken)
    assert seen == []
    assert await store_of(alice).sessions.get(Address.of(fake)) is None
    assert await store_of(alice).identities.get(Address.of(fake)) is None
    # The proof that is right is taken.
    got = alice.expect(events.MessageReceived)
    stranger = Stranger(server, me(alice).pn, fake, device)
    real = Node("device-identity", {}, _vouched(server.phone("bob").identity, device))
    stranger.send(stranger.enc(text("it is really me")), real, id="REAL")
    assert (await soon(got)).text == "it is really me"
    await tell(alice, bob, "and on")


async def test_a_forgery_uses_up_no_prekey(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hello")
    await settled(alice)
    count, failed = await store_of(alice).prekeys.count(), alice.expect(events.MessageUndecryptable)
    stranger = Stranger(server, me(alice).pn, lid(bob).with_device(5))
    stranger.send(stranger.enc(text("it is me, bob")))
    await soon(failed)
    await settled(alice)
    assert await store_of(alice).prekeys.count() == count


async def _acked(server: LocalServer, alice: Client, *children: Node, error: str | None) -> events.MessageUndecryptable:
    tap, failed = Wiretap(server), alice.expect(events.MessageUndecryptable)
    mallory = Stranger(server, me(alice).pn, server.account("mallory").lid)
    message_id = mallory.send(*children)
    event = await soon(failed)
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error=error))
    return event


async def test_a_ciphertext_of_an_unknown_kind(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    unknown = Node("enc", {"v": "2", "type": "quantum"}, b"\x00")
    event = await _acked(server, alice, unknown, error="500")
    assert "quantum" in event.reason
    assert not event.final


async def test_a_ciphertext_of_an_unknown_kind_beside_a_known_one(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    broken, got = undecryptable_of(alice), alice.expect(events.MessageReceived)
    mallory = Stranger(server, me(alice).pn, server.account("carol").lid)
    mallory.send(Node("enc", {"v": "2", "type": "quantum"}, b"\x00"), mallory.enc(text("readable")))
    assert (await soon(got)).text == "readable"
    assert broken == []


async def test_every_ciphertext_of_a_stanza_counts(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    seen = texts_of(alice)
    carol = Stranger(server, me(alice).pn, server.account("carol").lid)
    got = alice.expect(events.MessageReceived, saying("two"))
    carol.send(carol.enc(text("one")), carol.enc(text("two")))
    await soon(got)
    await settled(alice)
    assert seen == ["one", "two"]


@pytest.mark.parametrize("kind", [None, "view_once", "hosted_unavailable_fanout"])
async def test_a_message_without_content_is_told_and_acked(
    server: LocalServer, linked: Linked, kind: str | None
) -> None:
    alice = await linked("alice")
    children = () if kind is None else (Node("unavailable", {"type": kind}),)
    event = await _acked(server, alice, *children, error=None)
    assert event.final
    assert event.reason.startswith("unavailable")


async def test_a_bots_answer_is_refused(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap = Wiretap(server)
    bot = Stranger(server, me(alice).pn, Jid.parse("13135550002@s.whatsapp.net"))
    message_id = bot.send(Node("enc", {"v": "2", "type": "msmsg"}, b"\x00"))
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="495"))


@pytest.mark.parametrize("plain", [b"\xff" * 9, b"", b"\x0a\x05ab"], ids=["no protobuf", "empty", "cut off"])
async def test_a_plaintext_that_is_no_message(server: LocalServer, linked: Linked, plain: bytes) -> None:
    """It decrypts but means nothing: the ratchet moves on, and the next message is read."""
    alice = await linked("alice")
    tap = Wiretap(server)
    carol = Stranger(server, me(alice).pn, server.account("carol").lid)
    message_id = carol.send(carol.enc(plain))
    await tap.first(lambda seen: seen.node.attrs.get("id") == message_id and seen.node.tag in ("receipt", "ack"))
    got = alice.expect(events.MessageReceived)
    carol.send(carol.enc(text("readable")))
    assert (await soon(got)).text == "readable"


async def test_content_of_a_kind_that_is_not_read_keeps_its_name(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    got = alice.expect(events.MessageReceived)
    invoice = Message(invoiceMessage=Message.InvoiceMessage(note="look"))
    server.phone("carol").mail.send_message(lid(alice).user_jid, invoice)
    event = await soon(got)
    assert event.message.content == UnsupportedContent("invoiceMessage")
    assert event.text is None
    assert event.raw.invoiceMessage.note == "look"


@pytest.mark.parametrize(
    "attrs",
    [{"from": ""}, {"from": "nobody"}, {"id": ""}, {"t": "soon"}, {"from": "x@s.whatsapp.net@lid"}],
    ids=str,
)
async def test_a_malformed_stanza_harms_nothing(server: LocalServer, linked: Linked, attrs: dict[str, str]) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    carol = Stranger(server, me(alice).pn, server.account("carol").lid)
    node = carol.stanza(carol.enc(text("hello")))
    changed = {name: value for name, value in {**node.attrs, **attrs}.items() if value}
    server.deliver(me(alice).pn, node._replace(attrs=changed))
    await tell(bob, alice, "and on")


async def test_a_replayed_ciphertext_is_refused(server: LocalServer, linked: Linked) -> None:
    """The same ciphertext under another id: nobody is told twice, and nobody is asked for it again."""
    alice = await linked("alice")
    seen, broken, tap = texts_of(alice), undecryptable_of(alice), Wiretap(server)
    carol = Stranger(server, me(alice).pn, server.account("carol").lid)
    enc = carol.enc(text("pay 10"))
    for number in range(3):
        carol.send(enc, id=f"REPLAY{number}")
    await tap.first(sent(me(alice).pn, "receipt", id="REPLAY0"))
    for number in (1, 2):
        await tap.first(sent(me(alice).pn, "ack", class_="message", id=f"REPLAY{number}", error="487"))
    await settled(alice)
    assert seen == ["pay 10"]
    assert broken == []
    assert tap.all(sent(me(alice).pn, "receipt", type="retry")) == []
