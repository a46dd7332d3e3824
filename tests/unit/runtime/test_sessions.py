"""Sessions from bundles: one bad bundle leaves out one device, and nobody is asked for what is there."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest

from motte.core.binary.node import Node
from motte.core.crypto.adv import DeviceIdentity, countersign, issue_identity, open_identity
from motte.core.crypto.curve import KeyPair
from motte.core.signal.address import Address
from motte.core.signal.keys import SignedPreKey, generate_signed_prekey
from motte.core.stanza.iq import Iq
from motte.core.stanza.prekeys import FetchBundles
from motte.events.account import IdentityChanged
from motte.model.jid import Jid
from motte.testing.rng import SeededRng
from tests.unit.runtime.host import World, world

BOB, CAROL, DAVE = (Jid.parse(f"{n}@lid") for n in (222, 333, 444))
RNG = SeededRng("sessions")


@dataclass
class Owner:
    """A device that has published keys."""

    pair: KeyPair = field(default_factory=lambda: KeyPair.generate(RNG))
    signed: SignedPreKey = field(init=False)

    def __post_init__(self) -> None:
        self.signed = generate_signed_prekey(self.pair, 1, RNG)

    def node(self, jid: Jid, *, signature: bytes | None = None) -> Node:
        public, number = self.signed.pair.public, (1).to_bytes(3, "big")
        signed = (
            Node("id", {}, number),
            Node("value", {}, public),
            Node("signature", {}, signature or self.signed.signature),
        )
        keys = (
            Node("registration", {}, (77).to_bytes(4, "big")),
            Node("type", {}, b"\x05"),
            Node("identity", {}, self.pair.public),
            Node("skey", {}, signed),
        )
        return Node("user", {"jid": str(jid)}, keys)


def answering(*users: Node) -> Node:
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (Node("list", {}, users),))


def asked(there: World) -> list[tuple[Jid, ...]]:
    return [request.devices for request in there.host.requests if isinstance(request, FetchBundles)]


async def test_bundles_come_in_one_request_and_only_for_who_lacks_a_session() -> None:
    there = await world(linked=True)
    there.host.answer = lambda request: answering(Owner().node(BOB), Owner().node(CAROL))
    opened = await there.parts.sessions.ensure([BOB, CAROL])
    assert opened == {BOB: Address.of(BOB), CAROL: Address.of(CAROL)}
    assert await there.parts.sessions.ensure([BOB, CAROL]) == opened
    assert asked(there) == [(BOB, CAROL)]


async def test_a_bad_one_leaves_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """A wrong signature, an error in place of keys, no answer, a companion that nobody vouches for."""
    there = await world(linked=True)
    companion = DAVE.with_device(7)
    error = Node("user", {"jid": str(CAROL)}, (Node("error", {"code": "404", "text": "item-not-found"}),))
    silent = Jid.parse("555@lid")
    there.host.answer = lambda request: answering(
        Owner().node(BOB), error, Owner().node(DAVE, signature=bytes(64)), Owner().node(companion)
    )
    with caplog.at_level(logging.CRITICAL):
        opened = await there.parts.sessions.ensure([BOB, CAROL, DAVE, companion, silent])
    assert opened == {BOB: Address.of(BOB)}
    for left_out in (CAROL, DAVE, companion, silent):
        assert await there.parts.store.sessions.get(Address.of(left_out)) is None
        assert await there.parts.store.identities.get(Address.of(left_out)) is None


async def test_refreshing_replaces_and_tells_of_another_identity() -> None:
    there = await world(linked=True)
    first, second = Owner(), Owner()
    there.host.answer = lambda request: answering(first.node(BOB))
    await there.parts.sessions.ensure([BOB])
    await there.parts.sessions.ensure([BOB], refresh=True)
    await there.settle()
    assert there.events == []
    there.host.answer = lambda request: answering(second.node(BOB))
    await there.parts.sessions.ensure([BOB], refresh=True)
    await there.settle()
    assert there.events == [IdentityChanged(device=BOB)]
    record = await there.parts.store.sessions.get(Address.of(BOB))
    assert record is not None
    assert record.current is not None
    assert record.current.remote_identity == second.pair.public
    assert len(record.archived) == 2
    assert [request.refresh for request in there.host.requests if isinstance(request, FetchBundles)] == [
        False,
        True,
        True,
    ]


async def test_a_session_that_came_meanwhile_is_kept() -> None:
    """While the bundle was on its way a message of theirs opened a session: that one stays."""
    there = await world(linked=True)
    theirs = Owner()

    def late(request: Iq[object]) -> Node:
        return answering(theirs.node(BOB))

    there.host.answer = late
    await there.parts.sessions.ensure([BOB])
    store = there.parts.store
    record = await store.sessions.get(Address.of(BOB))
    assert record is not None
    batch = store.batch()
    store.sessions.delete(batch, Address.of(BOB))
    await store.commit(batch)
    opened = store.batch()
    store.sessions.put(opened, Address.of(BOB), record)
    request, host = there.host.request, there.host

    async def meanwhile(iq: Iq[object], *, timeout: float | None = None) -> object:
        answer = await request(iq, timeout=timeout)
        await store.commit(opened)
        return answer

    host.request = meanwhile  # type: ignore[method-assign, assignment]
    await there.parts.sessions.ensure([BOB])
    assert await store.sessions.get(Address.of(BOB)) == record
    assert len(asked(there)) == 2


def vouched(account: Owner, companion: Owner) -> Node:
    """What an account signs for a companion, as a bundle carries it."""
    identity = DeviceIdentity(raw_id=1, timestamp=1, key_index=1)
    container = issue_identity(account.pair, companion.pair.public, bytes(32), identity, rng=RNG)
    signed = countersign(open_identity(container, bytes(32), companion.pair.public), companion.pair, rng=RNG)
    return Node("device-identity", {}, signed.serialize(account_key=True))


def companion_node(jid: Jid, companion: Owner, account: Owner) -> Node:
    user = companion.node(jid)
    return Node(user.tag, user.attrs, (*user.children, vouched(account, companion)))


async def test_at_first_contact_a_companion_must_be_the_phones_own() -> None:
    """A server that makes up a device, with an account of its own to vouch for it, gets nothing encrypted for it."""
    there, phone, stranger = await world(linked=True), Owner(), Owner()
    true, made_up = BOB.with_device(2), BOB.with_device(3)
    there.host.answer = lambda request: answering(
        companion_node(made_up, Owner(), stranger), companion_node(true, Owner(), phone), phone.node(BOB)
    )
    opened = await there.parts.sessions.ensure([made_up, true, BOB])
    assert set(opened) == {true, BOB}


async def test_whose_companion_comes_first_has_one_account_for_all_devices() -> None:
    there, phone, stranger = await world(linked=True), Owner(), Owner()
    there.host.answer = lambda request: answering(companion_node(BOB.with_device(2), Owner(), phone))
    assert set(await there.parts.sessions.ensure([BOB.with_device(2)])) == {BOB.with_device(2)}
    assert await there.parts.store.identities.get(Address.of(BOB)) == phone.pair.public
    there.host.answer = lambda request: answering(companion_node(BOB.with_device(3), Owner(), stranger))
    assert await there.parts.sessions.ensure([BOB.with_device(3)]) == {}
    there.host.answer = lambda request: answering(stranger.node(BOB))
    await there.parts.sessions.ensure([BOB])
    await there.settle()
    assert there.events == [IdentityChanged(device=BOB)]
