"""What no server may make a client believe: who its own account is, and that a person's key was never known."""

from __future__ import annotations

from motte import Client, events
from motte.core.binary.node import Node
from motte.core.signal.address import Address
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled, store_of, tell, texts_of
from tests.e2e.stranger import Stranger, text
from tests.e2e.wiretap import Wiretap, sent


def key_share() -> Message:
    """An app-state key, which only the own account may hand out."""
    protocol = Message.ProtocolMessage(type=Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE)
    key = protocol.appStateSyncKeyShare.keys.add()
    key.keyId.keyId, key.keyData.keyData = b"evil", bytes(32)
    return Message(protocolMessage=protocol)


async def identity_of(client: Client, device: Jid) -> bytes | None:
    return await store_of(client).identities.get(await client_address(client, device))


async def client_address(client: Client, device: Jid) -> Address:
    assert client._engine is not None
    return await client._engine.parts.addresses.of(device)


async def test_another_identity_is_not_the_own_phone(server: LocalServer, linked: Linked) -> None:
    """The phone proved its identity at pairing. One that was set up anew unlinks its companions."""
    alice = await linked("alice")
    phone = lid(alice).with_device(0)
    known = await identity_of(alice, phone)
    assert known == server.phone("alice").identity.public
    tap, failed = Wiretap(server), alice.expect(events.MessageUndecryptable)
    forger = Stranger(server, me(alice).pn, phone)
    message_id = forger.send(forger.enc(key_share()))
    assert "own phone" in (await soon(failed)).reason
    await tap.first(sent(me(alice).pn, "ack", class_="message", id=message_id, error="500"))
    await settled(alice)
    assert await store_of(alice).appstate.get_key(b"evil") is None
    assert await identity_of(alice, phone) == known


async def test_no_stanza_gives_the_own_account_another_address(server: LocalServer, linked: Linked) -> None:
    """Else a stranger's session would speak for the own phone."""
    alice, mallory = await linked("alice"), server.account("mallory")
    seen, failed = texts_of(alice), alice.expect(events.MessageUndecryptable)
    forger = Stranger(server, me(alice).pn, me(alice).pn.with_device(0))
    forger.send(forger.enc(key_share()), sender_lid=str(mallory.lid))
    await soon(failed)
    forger = Stranger(server, me(alice).pn, mallory.pn)
    forger.send(forger.enc(text("I am alice")), sender_lid=str(lid(alice).user_jid))
    await settled(alice)
    assert await store_of(alice).appstate.get_key(b"evil") is None
    assert await store_of(alice).lids.lid_of(me(alice).pn) == lid(alice)
    assert await store_of(alice).lids.pn_of(lid(alice)) == me(alice).pn
    assert await store_of(alice).lids.lid_of(mallory.pn) is None
    assert seen == ["I am alice"]  # from mallory, by mallory's own address
    await server.phone("alice").send_text("alice", "the real one")
    await settled(alice)
    assert seen[-1] == "the real one"


async def test_a_change_of_identity_is_told_even_if_the_phone_was_removed(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hello")
    await settled(alice)
    phone = lid(bob).with_device(0)
    assert await identity_of(alice, phone) is not None
    removed = alice.expect(events.DevicesChanged)
    device = Node("device", {"jid": str(phone)})
    head = {"from": str(phone), "type": "devices", "id": "FORGED", "t": "1700000000"}
    server.deliver(me(alice).pn, Node("notification", head, (Node("remove", {}, (device,)),)))
    await soon(removed)
    await settled(alice)
    changed = alice.expect(events.IdentityChanged)
    forger = Stranger(server, me(alice).pn, phone)
    forger.send(forger.enc(text("it is me, bob")))
    assert (await soon(changed)).device == phone
