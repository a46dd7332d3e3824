"""Linking, as far as it is not seen from outside: what is kept when, and what comes at the wrong time."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import pytest

from motte.core.binary.node import Node
from motte.core.crypto import adv, link_code
from motte.core.crypto.curve import KeyPair
from motte.core.stanza.header import Header
from motte.core.stanza.pairing import PairDevice, PairSuccess
from motte.core.stanza.pairing_code import CodeRefresh, CompanionFinish, CompanionHello, PrimaryHello
from motte.errors import Disconnected, ItemNotFound
from motte.events.pairing import Paired, PairingCode, QrCode, QrExpired
from motte.model.disconnect import Cause
from motte.model.jid import SERVER_JID, Jid
from motte.testing.rng import SeededRng
from tests.unit.runtime.host import ME, MY_LID, PHONE, World, world

NUMBER = Jid.parse("15550100001@s.whatsapp.net")
OFFER = PairDevice("offer", ("2@a", "2@b", "2@c"))
HEADER = Header(tag="notification", id="n1", source=SERVER_JID, type="link_code_companion_reg")


def vouched(at: World, secret: bytes | None = None) -> PairSuccess:
    """What the phone says about this device, under its ADV secret."""
    credentials = at.parts.account.credentials
    identity = adv.DeviceIdentity(raw_id=1, timestamp=1_700_000_000, key_index=3)
    container = adv.issue_identity(
        PHONE, credentials.identity.public, secret or credentials.adv_secret, identity, rng=SeededRng("phone signs")
    )
    return PairSuccess(id="success", t=None, device_identity=container, jid=ME, lid=MY_LID, platform="android")


async def test_codes_are_acknowledged_and_take_turns() -> None:
    at = await world(linked=False, first_qr=60.0, next_qr=20.0)
    at.parts.pairing.offered(OFFER)
    assert [(node.tag, node.attrs["id"], node.attrs["type"]) for node in at.host.sent] == [("iq", "offer", "result")]
    for moment, shown in [(0.0, 1), (59.9, 1), (0.2, 2), (20.0, 3)]:
        await at.clock.advance(moment)
        assert len([event for event in at.events if isinstance(event, QrCode)]) == shown
    assert not at.host.ended
    await at.clock.advance(20.0)
    assert isinstance(at.events[-1], QrExpired)
    assert at.host.ended == [(Cause.QR_REFS_USED_UP, "")]


async def test_a_link_is_stored_before_it_is_answered_and_stops_the_codes() -> None:
    at = await world(linked=False)
    at.parts.pairing.offered(OFFER)
    at.host.sent.clear()
    await at.parts.pairing.succeeded(vouched(at))
    await at.clock.advance(1000.0)
    [answer] = at.host.sent
    assert (answer.attrs["id"], answer.attrs["type"]) == ("success", "result")
    assert answer.child("pair-device-sign") is not None
    assert at.host.sealed == 1
    assert not at.host.ended
    stored = await at.parts.store.account.get()
    assert stored is not None
    assert stored.link is not None
    assert (stored.link.jid, stored.link.lid, stored.link.platform) == (ME, MY_LID, "android")
    assert await at.parts.store.lids.lid_of(ME.user_jid) == MY_LID.user_jid
    phone = await at.parts.addresses.of(NUMBER)
    assert await at.parts.store.identities.get(phone) == PHONE.public
    paired = [event for event in at.events if isinstance(event, Paired)]
    assert paired == [Paired(jid=ME, lid=MY_LID, platform="android")]


@pytest.mark.parametrize("change", ["secret", "jid", "lid", "garbage"])
async def test_a_link_that_does_not_verify_is_refused_and_not_stored(change: str) -> None:
    at = await world(linked=False)
    success = vouched(at, bytes(32) if change == "secret" else None)
    if change == "jid":
        success = replace(success, jid=NUMBER)
    elif change == "lid":
        success = replace(success, lid=MY_LID.with_device(4))
    elif change == "garbage":
        success = replace(success, device_identity=b"\xff\xff")
    await at.parts.pairing.succeeded(success)
    [answer] = at.host.sent
    assert answer.attrs["type"] == "error"
    assert [cause for cause, _ in at.host.ended] == [Cause.PAIRING_REFUSED]
    assert at.host.sealed == 0
    stored = await at.parts.store.account.get()
    assert stored is not None
    assert stored.link is None
    assert not [event for event in at.events if isinstance(event, Paired)]


async def test_a_code_waits_for_the_server_to_be_ready() -> None:
    at = await world(linked=False)
    asking = asyncio.create_task(at.parts.pairing.request_code(NUMBER))
    await at.clock.advance(0.0)
    assert not at.host.requests
    at.parts.pairing.offered(OFFER)
    code = await asyncio.wait_for(asking, 5)
    [hello] = at.host.requests
    assert isinstance(hello, CompanionHello)
    assert hello.jid == NUMBER
    await at.clock.advance(0.0)
    assert [event for event in at.events if isinstance(event, PairingCode)] == [code]


async def test_a_code_fails_when_the_connection_ends_or_there_is_none() -> None:
    at = await world(linked=False)
    asking = asyncio.create_task(at.parts.pairing.request_code(NUMBER))
    await at.clock.advance(0.0)
    at.parts.pairing.reset()
    with pytest.raises(Disconnected, match="before the device was linked"):
        await asyncio.wait_for(asking, 5)
    at.host.is_running = False
    with pytest.raises(Disconnected, match="not started"):
        await at.parts.pairing.request_code(NUMBER)


async def test_the_whole_exchange_by_code() -> None:
    at = await world(linked=False)
    at.parts.pairing.offered(OFFER)
    await at.parts.pairing.request_code(NUMBER, "MTTE1234")
    hello = at.host.requests[-1]
    assert isinstance(hello, CompanionHello)
    ephemeral, rng = KeyPair.generate(SeededRng("ephemeral")), SeededRng("wrap")
    answer = PrimaryHello(
        header=HEADER,
        ref=b"ref",
        primary_identity=PHONE.public,
        wrapped_primary_ephemeral=link_code.wrap_key("MTTE1234", ephemeral.public, rng),
    )
    await at.parts.pairing.phone_answered(answer)
    finish = at.host.requests[-1]
    assert isinstance(finish, CompanionFinish)
    assert finish.ref == b"ref"
    companion = link_code.unwrap_key("MTTE1234", hello.wrapped_ephemeral)
    shared = link_code.shared_secret(ephemeral.private, companion)
    identity = at.parts.account.credentials.identity.public
    secret = link_code.open_bundle(shared, finish.wrapped_key_bundle, PHONE, identity)
    # nothing was kept so far; the new secret is, together with the link that it proves
    assert at.parts.account.credentials.adv_secret != secret
    await at.parts.pairing.succeeded(vouched(at, secret))
    assert at.parts.account.credentials.adv_secret == secret
    assert at.parts.account.maybe_me is not None


async def test_a_phone_that_answers_unasked_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    at = await world(linked=False)
    answer = PrimaryHello(header=HEADER, ref=b"", primary_identity=bytes(32), wrapped_primary_ephemeral=bytes(80))
    await at.parts.pairing.phone_answered(answer)
    assert not at.host.requests
    assert "not asked for" in caplog.text


async def test_a_phone_with_an_impossible_key_is_refused() -> None:
    at = await world(linked=False)
    at.parts.pairing.offered(OFFER)
    await at.parts.pairing.request_code(NUMBER, "MTTE1234")
    low_order = link_code.wrap_key("MTTE1234", bytes(32), SeededRng("wrap"))
    answer = PrimaryHello(header=HEADER, ref=b"", primary_identity=PHONE.public, wrapped_primary_ephemeral=low_order)
    await at.parts.pairing.phone_answered(answer)
    assert [cause for cause, _ in at.host.ended] == [Cause.PAIRING_REFUSED]


def refresh(ref: bytes) -> CodeRefresh:
    return CodeRefresh(HEADER, ref)


async def test_a_refresh_shows_a_new_code_for_the_same_phone() -> None:
    at = await world(linked=False)
    await at.parts.pairing.refresh_code(refresh(b""))
    assert not at.host.requests  # no code was asked for
    at.parts.pairing.offered(OFFER)
    named = Node("link_code_companion_reg", {}, (Node("link_code_pairing_ref", {}, b"3@ref"),))
    at.host.answer = lambda request: Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (named,))
    first = await at.parts.pairing.request_code(NUMBER)
    await at.parts.pairing.refresh_code(refresh(b"3@other"))
    assert len(at.host.requests) == 1  # that was another pairing's
    await at.parts.pairing.refresh_code(refresh(b"3@ref"))
    await at.clock.advance(0.0)
    codes = [event for event in at.events if isinstance(event, PairingCode)]
    assert len(codes) == 2
    assert codes[0] == first != codes[1]
    assert isinstance(at.host.requests[-1], CompanionHello)
    assert at.host.requests[-1].jid == NUMBER


def shown(at: World) -> list[list[str]]:
    """The fields of the QR codes so far."""
    return [event.text.partition("#")[2].split(",") for event in at.events if isinstance(event, QrCode)]


async def test_another_secret_is_shown_with_the_same_ref_for_the_time_that_is_left() -> None:
    at = await world(linked=False, first_qr=60.0, next_qr=20.0)
    at.parts.pairing.offered(OFFER)
    await at.clock.advance(45.0)
    await at.parts.pairing.renew_secret()
    await at.settle()
    before, after = shown(at)
    assert (before[:3], before[4]) == (after[:3], after[4])
    assert before[3] != after[3]
    last = at.events[-1]
    assert isinstance(last, QrCode)
    assert (last.index, last.expires_in) == (0, 15.0)
    await at.clock.advance(15.1)
    assert len(shown(at)) == 3  # the next ref came once, with the new secret
    assert shown(at)[2][0] == "2@b"
    assert shown(at)[2][3] == after[3]
    # a restart of the connection, or of the program, goes on with it
    stored = await at.parts.store.account.get()
    assert stored is not None
    assert base64.b64encode(stored.adv_secret).decode() == after[3]
    # who has scanned the old code is refused, who scans the new one is not
    await at.parts.pairing.succeeded(vouched(at, base64.b64decode(before[3])))
    assert at.host.ended[-1][0] is Cause.PAIRING_REFUSED
    await at.parts.pairing.succeeded(vouched(at, base64.b64decode(after[3])))
    assert at.host.sealed == 1


async def test_a_secret_that_is_in_use_is_not_replaced() -> None:
    at = await world(linked=True)
    before = at.parts.account.credentials.adv_secret
    await at.parts.pairing.renew_secret()
    assert at.parts.account.credentials.adv_secret == before
    typed = await world(linked=False)
    typed.parts.pairing.offered(OFFER)
    code = await typed.parts.pairing.request_code(NUMBER)
    await typed.parts.pairing.renew_secret()  # a code that is only shown is not in the way
    await typed.settle()
    assert len(shown(typed)) == 2
    wrapped = link_code.wrap_key(link_code.parse_code(code.code), KeyPair.generate(SeededRng(2)).public, SeededRng(3))
    answer = PrimaryHello(header=HEADER, ref=b"", primary_identity=PHONE.public, wrapped_primary_ephemeral=wrapped)
    await typed.parts.pairing.phone_answered(answer)
    await typed.parts.pairing.renew_secret()
    await typed.settle()
    assert len(shown(typed)) == 2


async def test_a_refused_finish_ends_the_attempt() -> None:
    at = await world(linked=False)
    at.parts.pairing.offered(OFFER)
    await at.parts.pairing.request_code(NUMBER, "MTTE1234")
    error = Node("error", {"code": "403", "text": "forbidden"})
    at.host.answer = lambda request: Node("iq", {"id": "1", "type": "error", "from": "s.whatsapp.net"}, (error,))
    wrapped = link_code.wrap_key("MTTE1234", KeyPair.generate(SeededRng(2)).public, SeededRng(3))
    answer = PrimaryHello(header=HEADER, ref=b"", primary_identity=PHONE.public, wrapped_primary_ephemeral=wrapped)
    await at.parts.pairing.phone_answered(answer)
    [(cause, text)] = at.host.ended
    assert cause is Cause.PAIRING_REFUSED
    assert "typed correctly?" in text


async def test_a_number_that_the_server_does_not_know_is_an_error_of_its_own() -> None:
    at = await world(linked=False)
    at.parts.pairing.offered(OFFER)
    error = Node("error", {"code": "404", "text": "item-not-found"})
    at.host.answer = lambda request: Node("iq", {"id": "1", "type": "error", "from": "s.whatsapp.net"}, (error,))
    with pytest.raises(ItemNotFound):
        await at.parts.pairing.request_code(NUMBER)
    await at.clock.advance(0.0)
    assert not [event for event in at.events if isinstance(event, PairingCode)]
    assert not at.host.ended  # the QR code is still good
